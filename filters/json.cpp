#include "filters/json.h"

#include <string_view>

#include "filters/support/set_field.h"
#include "pipeline/event/json_reader.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"source", OptionType::field, "", "The field that holds the JSON text.", true},
    {"target", OptionType::field, "",
     "The field that takes the parsed value, whatever it is. Unset: the members of the parsed "
     "object become fields of the event."},
    {"tag_on_failure", OptionType::strings, "[\"_jsonparsefailure\"]",
     "Tags for an event whose text can't be parsed or doesn't fit."},
    {"skip_on_invalid_json", OptionType::boolean, "false",
     "Taken for compatibility: texts that aren't JSON are tagged and never logged."},
};

const Name kTimestamp{"@timestamp"};
const Name kMetadata{"@metadata"};
const Name kBadTimestamp{"_@timestamp"};
constexpr std::string_view kTimestampTag = "_timestampparsefailure";

// Names are short: a plain loop beats the library's searches.
bool has_bracket(std::string_view name) {
  bool found = false;
  for (const char c : name) found |= c == '[' || c == ']';
  return found;
}

class Json : public Filter {
 public:
  Json(const Settings& settings, const Context& context)
      : source_(settings.field("source")),
        tags_(settings.strings("tag_on_failure")),
        clock_(context.clock) {
    if (settings.has("target")) target_ = settings.field("target");
  }

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      Event& event = batch[row];
      const Value* source = static_cast<const Event&>(event).find(source_);
      if (!source || source->is_null() || is_false(*source)) continue;
      if (parse(*source, event)) {
        matched.push_back(row);
      } else {
        tag_all(event, tags_);
      }
    }
  }

 private:
  static bool is_false(const Value& value) { return value.kind == Kind::boolean && !value.truth(); }

  bool parse(const Value& source, Event& event) {
    if (!source.is_string()) return false;
    Value parsed;
    const auto outcome = reader_.read(source.view(), event.arena(), parsed);
    if (outcome == JsonReader::Outcome::empty)
      parsed = Value::null();  // as Logstash: no text is no value
    else if (outcome != JsonReader::Outcome::ok)
      return false;
    if (target_) return event.set(*target_, parsed);
    return parsed.is_object() && merge(parsed, event);
  }

  // Members take the places of fields with their names, the others follow. A name with brackets
  // is a field reference.
  bool merge(const Value& parsed, Event& event) {
    const Value* stamp = nullptr;
    const uint32_t fields = event.root().size;
    bool unique = true;  // names not yet met in the event differ from each other
    object_reserve(event.arena(), event.root(), fields + parsed.size);
    for (const Member& member : parsed.entries()) {
      const Name name{member.name(), member.hash};
      if (name.hash == kTimestamp.hash && name.text == kTimestamp.text) {
        stamp = &member.value;
      } else if (name.hash == kMetadata.hash && name.text == kMetadata.text) {
        if (!member.value.is_object()) return false;
        event.metadata() = member.value;
      } else if (has_bracket(name.text)) {
        const auto field = FieldRef::parse(name.text);
        if (!field.ok() || !event.set(field.value(), member.value)) return false;
        unique = false;
      } else {
        put(event, unique ? fields : event.root().size, name, member.value);
      }
    }
    if (stamp) set_timestamp(*stamp, event);
    return true;
  }

  static void put(Event& event, uint32_t fields, const Name& name, const Value& value) {
    Value& root = event.root();
    for (uint32_t i = 0; i < fields; ++i) {
      Member& member = root.members[i];
      if (member.hash == name.hash && member.name() == name.text) {
        member.value = value;
        return;
      }
    }
    object_append(event.arena(), root, name, value);
  }

  void set_timestamp(const Value& value, Event& event) const {
    if (value.is_null() || is_false(value)) return;
    const auto parsed = value.is_string() ? parse_instant(value.view()) : std::nullopt;
    const Value stamp = Value::timestamp(parsed.value_or(clock_->now()));
    object_set(event.arena(), event.root(), kTimestamp, stamp);
    if (parsed) return;
    event.tag(kTimestampTag);
    object_set(event.arena(), event.root(), kBadTimestamp, event.string(to_text(value)));
  }

  FieldRef source_;
  std::optional<FieldRef> target_;
  std::vector<std::string> tags_;
  const Clock* clock_;
  JsonReader reader_;
};

}  // namespace

FilterPlugin json_filter() {
  return {{"json", "Parses a field's JSON text into fields.", kOptions,
           "Lone surrogate escapes become U+FFFD."},
          [](const Settings& settings, const Context& context) -> Result<std::unique_ptr<Filter>> {
            return std::unique_ptr<Filter>(std::make_unique<Json>(settings, context));
          }};
}

}  // namespace penstock
