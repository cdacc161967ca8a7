// Options and what happens to which field: logstash-filter-translate (translate.rb,
// single_value_update.rb, array_of_values_update.rb, array_of_maps_value_update.rb,
// fetch_strategy/*.rb).
#include "filters/translate.h"

#include "filters/shared_state.h"
#include "filters/support/config_value.h"
#include "filters/translate/dictionary_file.h"
#include "pipeline/base/text.h"
#include "pipeline/config/declare.h"

namespace penstock {
namespace {

using translate::Dictionary;
using translate::DictionaryFile;
using translate::Entries;

constexpr std::string_view kBehaviours[] = {"merge", "replace"};
constexpr std::string_view kStrategies[] = {"streaming", "one_shot"};
constexpr int64_t kCharactersMax = 134'217'728;  // of a YAML file, unless the option says so

constexpr Option kOptions[] = {
    {"source", OptionType::field, "",
     "The field to look up, required; of a list the first item. With `iterate_on`, the field in "
     "each item."},
    {"field", OptionType::field, "", "The older name of `source`."},
    {"target", OptionType::field, "",
     "The field that takes the value. Unset: `translation`, under ECS `source`."},
    {"destination", OptionType::field, "", "The older name of `target`."},
    {"dictionary", OptionType::hash, "{}", "Keys and values, in the configuration."},
    {"dictionary_path", OptionType::path, "",
     "A file with keys and values: .yml, .yaml, .json, or .csv with two columns."},
    {"exact", OptionType::boolean, "true",
     "Whether the whole text is looked up; if not, every key in it is replaced by its value."},
    differing({"regex", OptionType::boolean, "false",
               "Whether keys are expressions, tried in order; only with `exact`."},
              "[true] an expression that gives up after too many steps doesn't match"),
    {"fallback", OptionType::string, "",
     "The value when there is no entry; may hold %{...}. Unset: the event stays as it is."},
    {"override", OptionType::boolean, "",
     "Whether a target that is there is replaced: true when it is the source, otherwise false."},
    {"iterate_on", OptionType::field, "",
     "A list. If it is `source`: its items are looked up, the target takes a list. Otherwise its "
     "items are objects, in which `source` and `target` are looked up and set."},
    {"refresh_interval", OptionType::number, "300",
     "Seconds between two looks whether the file has changed; 0 or less: never."},
    {"refresh_behaviour", OptionType::choice, "merge",
     "Whether a changed file is merged into what is known or replaces it.", false, kBehaviours},
    {"yaml_dictionary_code_point_limit", OptionType::integer, "",
     "How many characters a YAML file may have, by default 134217728; not for JSON and CSV."},
    differing({"yaml_load_strategy", OptionType::choice, "one_shot",
               "Taken for compatibility: both read the same.", false, kStrategies},
              "it has no effect"),
};

class Translate : public Filter {
 public:
  struct Parts {
    FieldRef source, target;
    bool override_target = false;
    std::optional<FieldRef> iterate_on;
    std::optional<Template> fallback;
    std::shared_ptr<const Dictionary> dictionary;  // or
    std::shared_ptr<DictionaryFile> file;
    bool refreshes = false;
  };
  explicit Translate(Parts parts)
      : parts_(std::move(parts)),
        in_place_(parts_.source == parts_.target),
        items_themselves_(parts_.iterate_on && *parts_.iterate_on == parts_.source) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    if (parts_.file) parts_.dictionary = parts_.file->current();
    for (const Row row : rows)
      if (translate(batch[row])) matched.push_back(row);
  }

  bool wants_tick() const override { return parts_.refreshes; }
  void tick(Batch& out, std::chrono::steady_clock::time_point now) override {
    (void)out;
    parts_.file->refresh_if_due(now);
  }

 private:
  bool translate(Event& event) {
    if (parts_.iterate_on && !items_themselves_) return translate_objects(event) || in_place_;
    const Event& view = event;
    if (!parts_.override_target && view.find(parts_.target)) return false;
    const Value* source = view.find(parts_.source);
    if (!source) return false;
    return (items_themselves_ ? translate_list(event, *source) : translate_one(event, *source)) ||
           in_place_;
  }

  bool translate_one(Event& event, const Value& source) {
    const Value* key = &source;
    if (source.is_array()) key = source.size ? source.items : nullptr;
    if (const auto found = look_up(event, key)) {
      (void)event.set(parts_.target, *found);
      return true;
    }
    if (!parts_.fallback) return false;
    (void)event.set(parts_.target, event.string(parts_.fallback->render(event)));
    return true;
  }

  bool translate_list(Event& event, const Value& source) {
    const std::span<const Value> items =
        source.is_array() ? std::span<const Value>(source.elements())
                          : std::span<const Value>(&source, source.is_null() ? 0 : 1);
    Value out = Value::array();
    Value otherwise = Value::null();
    if (parts_.fallback) otherwise = event.string(parts_.fallback->render(event));
    bool any = false;
    for (const Value& item : items) {
      const Value value = look_up(event, &item).value_or(otherwise);
      any = any || !(value.is_null() || (value.kind == Kind::boolean && !value.truth()));
      array_append(event.arena(), out, value);
    }
    (void)event.set(parts_.target, out);
    return any;
  }

  bool translate_objects(Event& event) {
    Value* list = event.find(*parts_.iterate_on);
    if (!list || !list->is_array()) return false;
    bool any = false;
    for (uint32_t i = 0; i < list->size; ++i) {
      if (!list->items[i].is_object()) continue;
      Event item(event.arena(), nullptr);  // the object, so that field references work in it
      item.root() = list->items[i];
      any = translate_object(event, item) || any;
      list->items[i] = item.root();
    }
    return any;
  }

  bool translate_object(const Event& event, Event& item) {
    const Value* source = item.find(parts_.source);
    if (!source || source->is_null()) return false;
    if (const auto found = look_up(event, source)) {
      (void)item.set(parts_.target, *found);
    } else {
      if (!parts_.fallback) return false;
      (void)item.set(parts_.target, event.string(parts_.fallback->render(event)));
    }
    return true;
  }

  // The entry, copied into the batch: the dictionary may be replaced before the batch ends.
  std::optional<Value> look_up(const Event& event, const Value* key) {
    key_.clear();
    if (key && !key->is_string()) append_text(*key, key_);
    const std::string_view text = key && key->is_string() ? key->view() : key_;
    const Value* found = parts_.dictionary->find(text, scratch_);
    if (!found) return std::nullopt;
    return detach(event.arena(), *found);
  }

  Parts parts_;
  bool in_place_;
  bool items_themselves_;
  Dictionary::Scratch scratch_;
  std::string key_;
};

// --- making one ---

Dictionary::Mode mode_of(const Settings& settings) {
  if (!settings.boolean("exact")) return Dictionary::Mode::replace;
  return settings.boolean("regex") ? Dictionary::Mode::regex : Dictionary::Mode::exact;
}

Result<translate::Format> format_of(const Settings& settings) {
  const std::string path = settings.string("dictionary_path");
  if (path.ends_with(".yml") || path.ends_with(".yaml")) return translate::Format::yaml;
  if (path.ends_with(".json")) return translate::Format::json;
  if (path.ends_with(".csv")) return translate::Format::csv;
  return settings.error("dictionary_path", "must end with .yml, .yaml, .json or .csv");
}

Result<DictionaryFile::Options> file_options(const Settings& settings) {
  DictionaryFile::Options out;
  out.path = settings.string("dictionary_path");
  TRY(out.format, format_of(settings));
  out.mode = mode_of(settings);
  out.merge = settings.string("refresh_behaviour") == "merge";
  out.interval = std::chrono::seconds(
      static_cast<int64_t>(std::min(std::max(settings.number("refresh_interval"), 0.0), 1e9)));
  constexpr std::string_view kLimit = "yaml_dictionary_code_point_limit";
  const bool given = settings.is_given(kLimit);
  if (given && out.format != translate::Format::yaml)
    return settings.error(kLimit, "is for YAML files only");
  if (given && settings.integer(kLimit) <= 0) return settings.error(kLimit, "must be positive");
  if (out.format == translate::Format::yaml)
    out.characters_max = given ? settings.integer(kLimit) : kCharactersMax;
  return out;
}

// A file is read once for all workers, and filters, that use it in the same way.
Status open_file(const Settings& settings, const Context& context, Translate::Parts& parts) {
  TRY(DictionaryFile::Options options, file_options(settings));
  parts.refreshes = options.interval.count() > 0;
  const std::string key = "translate/" + std::to_string(static_cast<int>(options.mode)) + "/" +
                          std::to_string(options.merge) + "/" +
                          std::to_string(options.interval.count()) + "/" +
                          std::to_string(options.characters_max) + "/" + options.path;
  auto file = shared_by_key<DictionaryFile>(
      context, key, [&] { return DictionaryFile::open(options, context.clock->steady()); });
  if (!file.ok())
    return settings.error("dictionary_path", options.path + ": " + file.error().message);
  parts.file = std::move(file).value();
  if (context.worker == 0) {
    context.metrics->counter("dictionary_reloads", "Dictionary files read again.", {},
                             parts.file->reloads());
    context.metrics->counter("dictionary_failures", "Dictionary files that couldn't be.", {},
                             parts.file->failures());
  }
  return ok_status();
}

Status take_dictionary(const Settings& settings, const Context& context, Translate::Parts& parts) {
  const auto written = settings.hash("dictionary");
  if (settings.is_given("dictionary_path")) {
    if (!written.empty())
      return settings.error("dictionary_path", "can't be together with `dictionary`");
    return open_file(settings, context, parts);
  }
  Entries entries;
  for (const auto& [key, value] : written)
    entries.add(entries.arena().copy(key.text), value_of(entries.arena(), value));
  auto made = Dictionary::build(std::move(entries), mode_of(settings));
  if (!made.ok()) return settings.error("dictionary", made.error().message);
  parts.dictionary = std::move(made).value();
  return ok_status();
}

// A field by its name or its older name.
Result<std::optional<FieldRef>> either(const Settings& settings, std::string_view option,
                                       std::string_view older) {
  if (settings.is_given(option) && settings.is_given(older))
    return settings.error(older,
                          "is the older name of `" + std::string(option) + "`, which is given too");
  std::optional<FieldRef> out;
  if (settings.is_given(option)) out = settings.field(option);
  if (settings.is_given(older)) out = settings.field(older);
  return out;
}

Result<std::unique_ptr<Filter>> make_translate(const Settings& settings, const Context& context) {
  Translate::Parts parts;
  TRY(const auto source, either(settings, "source", "field"));
  if (!source) return settings.error("source", "is required");
  TRY(const auto target, either(settings, "target", "destination"));
  parts.source = *source;
  const FieldRef usual = context.ecs == Ecs::disabled ? FieldRef::of("translation") : parts.source;
  parts.target = target.value_or(usual);
  const bool in_place = parts.source == parts.target;
  parts.override_target = settings.is_given("override") ? settings.boolean("override") : in_place;
  if (in_place && !parts.override_target)
    return settings.error("override", "false means nothing when the target is the source");
  if (settings.is_given("iterate_on")) parts.iterate_on = settings.field("iterate_on");
  if (settings.is_given("fallback")) {
    auto fallback = Template::parse(settings.string("fallback"));
    if (!fallback.ok()) return settings.error("fallback", fallback.error().message);
    parts.fallback = std::move(fallback).value();
  }
  TRY_STATUS(take_dictionary(settings, context, parts));
  return std::unique_ptr<Filter>(std::make_unique<Translate>(std::move(parts)));
}

}  // namespace

FilterPlugin translate_filter() {
  return {{"translate", "Looks values up in a dictionary.", kOptions, "Dates in YAML are texts."},
          make_translate};
}

}  // namespace penstock
