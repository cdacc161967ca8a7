#include "filters/kv.h"

#include "filters/kv/parser.h"
#include "filters/support/config_value.h"
#include "filters/support/set_field.h"
#include "pipeline/config/declare.h"

namespace penstock {
namespace {

constexpr std::string_view kTransforms[] = {"lowercase", "uppercase", "capitalize"};
constexpr std::string_view kWhitespace[] = {"strict", "lenient"};

constexpr Option kOptions[] = {
    {"source", OptionType::field, "message", "The field with the pairs: a text or an array."},
    {"target", OptionType::field, "",
     "The field that takes all pairs as an object. Unset: each pair becomes a field of the event."},
    {"field_split", OptionType::string, "\" \"",
     "The letters that end a pair, as the inside of a bracket class: each of them does."},
    {"field_split_pattern", OptionType::string, "",
     "A regular expression for what ends a pair, instead of `field_split`."},
    {"value_split", OptionType::string, "=",
     "The letters between key and value, as the inside of a bracket class: each of them does."},
    {"value_split_pattern", OptionType::string, "",
     "A regular expression for what stands between key and value, instead of `value_split`."},
    {"whitespace", OptionType::choice, "lenient",
     "Whether blanks may stand around what is between key and value.", false, kWhitespace},
    {"include_brackets", OptionType::boolean, "true",
     "Whether (), [] and <> are quotes around a value, as \"\" and '' always are."},
    {"prefix", OptionType::string, "", "Is put before each key. %{...} works."},
    {"include_keys", OptionType::strings, "[ ]",
     "The only keys to take, when there are any. %{...} works."},
    {"exclude_keys", OptionType::strings, "[ ]", "Keys to leave out. %{...} works."},
    {"default_keys", OptionType::hash, "{ }",
     "key => value: what is added when the text has no such key."},
    {"allow_duplicate_values", OptionType::boolean, "true",
     "Whether a value that a key has already is added once more."},
    {"allow_empty_values", OptionType::boolean, "false", "Whether keys without a value are taken."},
    differing({"recursive", OptionType::boolean, "false",
               "Whether values that hold pairs become objects of them, up to 64 levels deep."},
              "[true] at most 64 levels deep"),
    {"trim_key", OptionType::string, "",
     "The letters to take off both ends of keys, as the inside of a bracket class."},
    {"trim_value", OptionType::string, "",
     "The letters to take off both ends of values, as the inside of a bracket class."},
    {"remove_char_key", OptionType::string, "",
     "The letters to remove from keys, as the inside of a bracket class."},
    {"remove_char_value", OptionType::string, "",
     "The letters to remove from values, as the inside of a bracket class."},
    {"transform_key", OptionType::choice, "", "How to change the case of keys.", false,
     kTransforms},
    {"transform_value", OptionType::choice, "", "How to change the case of values.", false,
     kTransforms},
    differing({"timeout_millis", OptionType::integer, "30000",
               "Taken for compatibility: effort is bounded by steps, whatever is written here."},
              "effort is bounded by steps, whatever is written here"),
    {"tag_on_timeout", OptionType::string, "_kv_filter_timeout",
     "The tag of an event whose text took too much effort."},
    {"tag_on_failure", OptionType::strings, "[\"_kv_filter_error\"]",
     "Tags of an event that can't take the pairs."},
    refused("trim", "use trim_value"),
    refused("trimkey", "use trim_key"),
};

class Kv : public Filter {
 public:
  Kv(const Settings& settings, kv::ParserOptions parser)
      : source_(settings.field("source")),
        timeout_tag_(settings.string("tag_on_timeout")),
        failure_tags_(settings.strings("tag_on_failure")),
        parser_(std::move(parser)) {
    if (settings.has("target")) target_ = settings.field("target");
    for (const auto& [key, value] : settings.hash("default_keys"))
      object_set(own_, defaults_, Name(own_.copy(key.text)), value_of(own_, value));
  }

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows)
      if (run(batch[row])) matched.push_back(row);
  }

 private:
  bool run(Event& event) {
    const Value* source = static_cast<const Event&>(event).find(source_);
    Value pairs = Value::object();
    if (source && !parse(*source, event, pairs)) {
      event.tag(timeout_tag_);
      return false;
    }
    if (defaults_.size) add_defaults(event.arena(), pairs);
    if (pairs.size == 0) return false;
    if (target_ ? set_field(event, *target_, pairs) : set_members(event, pairs)) return true;
    tag_all(event, failure_tags_);
    return false;
  }

  bool parse(const Value& source, const Event& event, Value& pairs) {
    if (!source.is_string() && !source.is_array()) return true;
    parser_.begin(event);
    if (source.is_string()) return parser_.parse(source, event.arena(), pairs);
    for (const Value& item : source.elements())
      if (item.is_string() && !parser_.parse(item, event.arena(), pairs)) return false;
    return true;
  }

  void add_defaults(Arena& arena, Value& pairs) const {
    for (const Member& member : defaults_.entries()) {
      const Name name(member.name(), member.hash);
      if (!object_find(pairs, name))
        object_append(arena, pairs, name, deep_copy(arena, member.value));
    }
  }

  FieldRef source_;
  std::optional<FieldRef> target_;
  std::string timeout_tag_;
  std::vector<std::string> failure_tags_;
  kv::Parser parser_;
  Arena own_;  // of the defaults
  Value defaults_ = Value::object();
};

kv::Transform transform_of(const Settings& settings, std::string_view option) {
  const std::string name = settings.string(option);
  if (name == "lowercase") return kv::Transform::lowercase;
  if (name == "uppercase") return kv::Transform::uppercase;
  return name == "capitalize" ? kv::Transform::capitalize : kv::Transform::none;
}

Result<kv::Cleaner> make_cleaner(const Settings& settings, const std::string& what) {
  auto made =
      kv::Cleaner::make(settings.string("trim_" + what), settings.string("remove_char_" + what),
                        transform_of(settings, "transform_" + what));
  if (!made.ok())
    return settings.error(
        settings.is_given("trim_" + what) ? "trim_" + what : "remove_char_" + what,
        made.error().message);
  return made;
}

Result<std::unique_ptr<kv::Splitter>> make_splitter(const Settings& settings) {
  for (const char* option : {"value_split", "field_split_pattern", "value_split_pattern"})
    if (settings.is_given(option) && settings.string(option).empty())
      return settings.error(option, "must not be empty");
  kv::SplitOptions options;
  options.field_split = settings.string("field_split");
  options.value_split = settings.string("value_split");
  options.field_split_pattern = settings.string("field_split_pattern");
  options.value_split_pattern = settings.string("value_split_pattern");
  options.include_brackets = settings.boolean("include_brackets");
  options.lenient = settings.string("whitespace") == "lenient";
  auto made = kv::Splitter::make(options);
  if (made.ok()) return made;
  for (const char* option : {"field_split_pattern", "value_split_pattern", "field_split"})
    if (settings.is_given(option)) return settings.error(option, made.error().message);
  return settings.error("value_split", made.error().message);
}

Result<std::unique_ptr<Filter>> make(const Settings& settings, const Context&) {
  kv::ParserOptions parser;
  TRY(parser.splitter, make_splitter(settings));
  TRY(parser.key, make_cleaner(settings, "key"));
  TRY(parser.value, make_cleaner(settings, "value"));
  for (const char* option : {"include_keys", "exclude_keys"}) {
    auto list = kv::NameList::make(settings.strings(option));
    if (!list.ok()) return settings.error(option, list.error().message);
    (option[0] == 'i' ? parser.include : parser.exclude) = std::move(list).value();
  }
  if (const std::string prefix = settings.string("prefix"); !prefix.empty()) {
    auto parsed = Template::parse(prefix);
    if (!parsed.ok()) return settings.error("prefix", parsed.error().message);
    parser.prefix = std::make_unique<Template>(std::move(parsed).value());
  }
  parser.allow_duplicates = settings.boolean("allow_duplicate_values");
  parser.allow_empty = settings.boolean("allow_empty_values");
  parser.recursive = settings.boolean("recursive");
  return std::unique_ptr<Filter>(std::make_unique<Kv>(settings, std::move(parser)));
}

}  // namespace

FilterPlugin kv_filter() { return {{"kv", "Parses key=value pairs into fields.", kOptions}, make}; }

}  // namespace penstock
