#include "filters/anonymize.h"

#include "filters/fingerprint/method.h"
#include "pipeline/event/ruby_numbers.h"

namespace penstock {
namespace {

constexpr std::string_view kAlgorithms[] = {"SHA1", "SHA256",  "SHA384",      "SHA512",
                                            "MD5",  "MURMUR3", "IPV4_NETWORK"};

constexpr Option kOptions[] = {
    {"fields", OptionType::fields, "", "The fields to replace by hashes of them.", true},
    {"key", OptionType::password, "",
     "The key of the hash (HMAC); with IPV4_NETWORK the length of the prefix to keep. MURMUR3 "
     "wants it and ignores it.",
     true},
    {"algorithm", OptionType::choice, "SHA1", "How to hash.", false, kAlgorithms},
};

constexpr std::string_view kFailureTag = "_anonymizefailure";

class Anonymize : public Filter {
 public:
  Anonymize(std::vector<FieldRef> fields, std::unique_ptr<fingerprint::Method> method)
      : fields_(std::move(fields)), method_(std::move(method)) {}

  // As in the original no event counts as matched, so the common options never run.
  void apply(Batch& batch, Rows rows, std::vector<Row>&) override {
    for (const Row row : rows) {
      Event& event = batch[row];
      for (const FieldRef& field : fields_) {
        Value* value = event.find(field);
        if (value && !replace(*value, event.arena())) {
          // What can't be hashed must not stay readable either.
          *value = Value::null();
          event.tag(kFailureTag);
        }
      }
    }
  }

 private:
  bool replace(Value& value, Arena& arena) {
    if (value.is_array()) {
      for (Value& item : value.elements())
        if (!replace_one(item, arena)) return false;
      return true;
    }
    return replace_one(value, arena);
  }

  bool replace_one(Value& value, Arena& arena) {
    std::string_view text;
    if (value.is_string()) {
      text = value.view();
    } else {
      text_.clear();
      append_text(value, text_);
      text = text_;
    }
    const auto hash = method_->of(value, text, arena);
    if (hash) value = *hash;
    return hash.has_value();
  }

  std::vector<FieldRef> fields_;
  std::unique_ptr<fingerprint::Method> method_;
  std::string text_;
};

Result<std::unique_ptr<fingerprint::Method>> make_method(const Settings& settings) {
  const std::string name = settings.string("algorithm"), key = settings.string("key");
  if (name == "MURMUR3") return fingerprint::make_murmur3();
  if (name == "IPV4_NETWORK") {
    const int64_t prefix = leading_integer(key);
    if (prefix < 0 || prefix > 128)
      return settings.error("key", "expected the length of a prefix, 0 to 128");
    return fingerprint::make_ipv4_network(static_cast<unsigned>(prefix));
  }
  auto made = fingerprint::make_digest(name, key, false);
  if (!made.ok()) return settings.error("algorithm", made.error().message);
  return made;
}

}  // namespace

FilterPlugin anonymize_filter() {
  return {{"anonymize", "Replaces fields by keyed hashes of them.", kOptions},
          [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Filter>> {
            TRY(auto method, make_method(settings));
            return std::unique_ptr<Filter>(
                std::make_unique<Anonymize>(settings.fields("fields"), std::move(method)));
          }};
}

}  // namespace penstock
