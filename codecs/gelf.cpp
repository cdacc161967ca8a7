#include "codecs/gelf.h"

#include <algorithm>
#include <cmath>

#include "codecs/document_events.h"
#include "codecs/gelf/chunks.h"
#include "codecs/inflater.h"
#include "pipeline/base/text.h"
#include "pipeline/event/json_reader.h"
#include "pipeline/event/unique_members.h"
#include "pipeline/plugin/line_framer.h"

namespace penstock {
namespace {

constexpr std::string_view kMoveFailureTag = "_gelf_move_field_failure";
constexpr size_t kUnpackedBytesMax = size_t{16} << 20;

constexpr Option kOptions[] = {
    {"remap", OptionType::boolean, "true",
     "Whether `full_message`, or else `short_message`, becomes the `message`."},
    {"strip_leading_underscore", OptionType::boolean, "true",
     "Whether `_name` becomes `name`, which is how GELF marks fields of one's own."},
};

const Name kMessage{"message"};
const Name kFull{"full_message"};
const Name kShort{"short_message"};
const Name kGelfTime{"timestamp"};
const Name kTimestamp{"@timestamp"};

// 1385053862.3072: seconds since 1970, with all its digits.
std::optional<Instant> instant_of(const Value& value) {
  if (!value.is_number()) return std::nullopt;
  if (value.kind == Kind::raw_number) {
    const std::string_view text = value.view();
    const size_t point = std::min(text.find('.'), text.size());
    const auto seconds = parse_integer(text.substr(0, point));
    const bool plain = text.find_first_of("eE-") == text.npos;
    if (plain && seconds) {
      uint32_t nanoseconds = 0;
      for (size_t i = 1; i <= 9; ++i) {
        const bool there = point + i < text.size();
        nanoseconds = nanoseconds * 10 + static_cast<uint32_t>(there ? text[point + i] - '0' : 0);
      }
      return Instant{*seconds, nanoseconds};
    }
  }
  const auto real = value.as_real();
  if (!real || !(*real > -1e11 && *real < 1e12)) return std::nullopt;
  const double whole = std::floor(*real);
  return Instant{static_cast<int64_t>(whole), static_cast<uint32_t>((*real - whole) * 1e9)};
}

bool is_filled(const Value* value) { return value && value->is_string() && value->size > 0; }

// What event.set takes for a top-level field.
bool can_move(std::string_view name, const Value& value) {
  if (name.empty() || name == "@metadata") return false;
  if (name != "tags") return true;
  if (!value.is_array()) return value.is_string() || value.is_null();
  for (const Value& tag : value.elements())
    if (!tag.is_string()) return false;
  return true;
}

class GelfDecoder : public Decoder {
 public:
  GelfDecoder(bool remap, bool strip, const Context& context)
      : remap_(remap), strip_(strip), events_(std::nullopt, "_jsonparsefailure", context) {}

  void decode(std::string_view record, Batch& out) override {
    const Row first = out.size();
    std::optional<std::string_view> text = record;
    if (is_deflated(record)) text = inflater_.unpack(record, kUnpackedBytesMax, out.arena());
    if (text && text->empty()) return;
    Value document;
    const bool read = text && reader_.read(*text, out.arena(), document) == JsonReader::Outcome::ok;
    Event* event = read ? events_.add(document, out) : nullptr;
    if (event)
      dress(*event);
    else
      events_.fail(text.value_or(record), out);
    events_.mark_cut(record, first, out);
  }

 private:
  void dress(Event& event) {
    Value& root = event.root();
    if (const Value* time = object_find(root, kGelfTime))
      if (const auto instant = instant_of(*time)) {
        object_set(event.arena(), root, kTimestamp, Value::timestamp(*instant));
        object_erase(root, kGelfTime);
      }
    if (remap_) remap(event);
    if (strip_) strip(event);
  }

  static void remap(Event& event) {
    Value& root = event.root();
    const Value* full = object_find(root, kFull);
    const Value* brief = object_find(root, kShort);
    const Value* message = is_filled(full) ? full : is_filled(brief) ? brief : nullptr;
    if (!message) return;
    const Value text = *message;
    const bool same = brief && brief->is_string() && brief->view() == text.view();
    object_erase(root, message == full ? kFull : kShort);
    if (same) object_erase(root, kShort);
    object_set(event.arena(), root, kMessage, text);
  }

  // Renamed fields come last, so that they win over others of their new names.
  static void strip(Event& event) {
    Value& root = event.root();
    auto* const members = event.arena().allocate_array<Member>(root.size);
    uint32_t plain = 0, renamed = 0;
    bool failed = false;
    for (const Member& member : root.entries()) {
      Member moved = member;
      if (member.name().starts_with('_') && move(moved))
        members[root.size - ++renamed] = moved;
      else
        members[plain++] = member;
      failed |= member.name().starts_with('_') && moved.name_text == member.name_text;
    }
    if (renamed > 0) {
      std::reverse(members + plain, members + root.size);
      root.size = static_cast<uint32_t>(merge_duplicates({members, root.size}));
      std::copy_n(members, root.size, root.members);
    }
    if (failed) event.tag(kMoveFailureTag);
  }

  // _name to name. False, and nothing is changed, when the event can't have such a field.
  static bool move(Member& member) {
    const Name name(member.name().substr(1));
    Value value = member.value;
    if (!can_move(name.text, value)) return false;
    if (name.text == "@timestamp") {
      const auto instant = instant_of(value);
      if (!instant) return false;
      value = Value::timestamp(*instant);
    }
    value.flags &= static_cast<uint8_t>(~Value::kPlainName);
    member.name_text = name.text.data();
    member.name_size = static_cast<uint32_t>(name.text.size());
    member.hash = name.hash;
    member.value = value;
    return true;
  }

  bool remap_, strip_;
  DocumentEvents events_;
  JsonReader reader_;
  Inflater inflater_;
};

}  // namespace

CodecPlugin gelf_codec() {
  return {{.name = "gelf",
           .summary = "Graylog's messages, packed and chunked ones too.",
           .options = kOptions,
           .own = true},
          // Over TCP a null byte ends each message.
          [](const Settings&, const Context&) -> Result<std::unique_ptr<Framer>> {
            return std::unique_ptr<Framer>(std::make_unique<LineFramer>(std::string(1, '\0')));
          },
          [](const Settings& settings, const Context& context) -> Result<std::unique_ptr<Decoder>> {
            return std::unique_ptr<Decoder>(std::make_unique<GelfDecoder>(
                settings.boolean("remap"), settings.boolean("strip_leading_underscore"), context));
          },
          nullptr,
          [](const Settings&, const Context& context) -> Result<std::unique_ptr<DatagramFramer>> {
            return std::unique_ptr<DatagramFramer>(std::make_unique<gelf::Chunks>(context));
          }};
}

}  // namespace penstock
