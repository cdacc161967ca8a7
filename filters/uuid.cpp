#include "filters/uuid.h"

#include <sys/random.h>

#include <array>
#include <cstring>

#include "pipeline/base/check.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"target", OptionType::field, "", "The field that takes the identifier.", true},
    {"overwrite", OptionType::boolean, "false", "Whether a value that is there is replaced."},
};

// Random bytes of the system, fetched for 256 identifiers at a time.
class RandomBytes {
 public:
  // Sixteen fresh bytes, valid until the next call.
  uint8_t* take() {
    if (used_ == bytes_.size()) refill();
    uint8_t* const out = bytes_.data() + used_;
    used_ += 16;
    return out;
  }

 private:
  void refill() {
    for (size_t have = 0; have < bytes_.size();) {
      const ssize_t got = getrandom(bytes_.data() + have, bytes_.size() - have, 0);
      CHECK(got > 0 || errno == EINTR, "the system has random bytes");
      if (got > 0) have += static_cast<size_t>(got);
    }
    used_ = 0;
  }

  std::array<uint8_t, 4096> bytes_;
  size_t used_ = bytes_.size();
};

constexpr size_t kTextSize = 36;

void write_uuid(uint8_t* bytes, char* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0F) | 0x40);  // version 4
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3F) | 0x80);  // the variant
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
    *out++ = kDigits[bytes[i] >> 4];
    *out++ = kDigits[bytes[i] & 15];
  }
}

class Uuid : public Filter {
 public:
  explicit Uuid(const Settings& settings)
      : target_(settings.field("target")), overwrite_(settings.boolean("overwrite")) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      Event& event = batch[row];
      const Value* held = static_cast<const Event&>(event).find(target_);
      if (overwrite_ || !held || held->is_null()) give(event);
      matched.push_back(row);
    }
  }

 private:
  void give(Event& event) {
    char* const text = static_cast<char*>(event.arena().allocate(kTextSize, 1));
    write_uuid(random_.take(), text);
    (void)event.set(target_, Value::string({text, kTextSize}, Value::kClean));
  }

  FieldRef target_;
  bool overwrite_;
  RandomBytes random_;
};

}  // namespace

FilterPlugin uuid_filter() {
  return {{"uuid", "Gives each event a random identifier.", kOptions},
          [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Filter>> {
            return std::unique_ptr<Filter>(std::make_unique<Uuid>(settings));
          }};
}

}  // namespace penstock
