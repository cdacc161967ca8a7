#include "filters/de_dot.h"

#include "filters/support/set_field.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"fields", OptionType::strings, "",
     "The fields to rename, as references. Unset: all fields at the top of the event."},
    {"separator", OptionType::string, "_", "What takes the place of each dot."},
    {"nested", OptionType::boolean, "false",
     "Whether a dot begins a field inside the one before it, instead of `separator`."},
    {"recursive", OptionType::boolean, "false", "Whether fields inside of fields are renamed too."},
    {"tag_on_failure", OptionType::string, "_de_dot_error",
     "The tag of an event with a field that can't be renamed."},
};

constexpr std::string_view kNestedSeparator = "][";

class DeDot : public Filter {
 public:
  explicit DeDot(const Settings& settings)
      : fields_(settings.strings("fields")),
        all_(!settings.has("fields")),
        separator_(settings.boolean("nested") ? kNestedSeparator : settings.string("separator")),
        recursive_(settings.boolean("recursive")),
        tag_(settings.string("tag_on_failure")) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      if (run(batch[row]))
        matched.push_back(row);
      else
        batch[row].tag(tag_);
    }
  }

 private:
  bool run(Event& event) {
    names_.clear();
    if (all_) {
      for (const Member& member : event.root().entries())
        if (concerns(member.name(), member.value)) names_.push_back(member.name());
    } else {
      for (const std::string& name : fields_)
        if (recursive_ || has_dot(name)) names_.push_back(name);
    }
    for (const std::string_view name : names_)
      if (!rename_if_there(event, std::string(name))) return false;
    return true;
  }

  static bool has_dot(std::string_view text) { return text.find('.') != text.npos; }
  bool concerns(std::string_view name, const Value& value) const {
    return has_dot(name) || (recursive_ && value.is_object());
  }

  bool rename_if_there(Event& event, const std::string& reference) {
    const auto field = FieldRef::parse(reference);
    if (!field.ok()) return false;
    return !event.find(field.value()) || rename(event, reference);
  }

  bool rename(Event& event, std::string reference) {
    if (recursive_ || separator_ == kNestedSeparator) {
      if (reference[0] != '[') reference.insert(0, 1, '[');
      if (reference.back() != ']') reference += ']';
    }
    if (has_dot(reference)) {
      const std::string renamed = replaced(reference);
      if (!move(event, reference, renamed)) return false;
      reference = renamed;
    }
    return !recursive_ || rename_inside(event, reference);
  }

  bool rename_inside(Event& event, const std::string& reference) {
    const auto field = FieldRef::parse(reference);
    if (!field.ok()) return false;
    const Value* object = event.find(field.value());
    if (!object || !object->is_object()) return true;
    std::vector<std::string_view> inside;
    for (const Member& member : object->entries())
      if (concerns(member.name(), member.value)) inside.push_back(member.name());
    for (const std::string_view name : inside)
      if (!rename(event, reference + "[" + std::string(name) + "]")) return false;
    return true;
  }

  std::string replaced(std::string_view reference) const {
    std::string out;
    for (const char c : reference) {
      if (c == '.')
        out += separator_;
      else
        out += c;
    }
    return out;
  }

  static bool move(Event& event, const std::string& from, const std::string& to) {
    const auto old = FieldRef::parse(from);
    if (!old.ok()) return false;
    const Value* held = static_cast<const Event&>(event).find(old.value());
    const Value value = held ? *held : Value::null();
    if (!set_field(event, event.arena().copy(to), value)) return false;
    if (const auto gone = FieldRef::parse(first_dotted(from)); gone.ok()) event.erase(gone.value());
    return true;
  }

  // The reference up to the first of its names that has a dot: that field is gone afterwards, with
  // all that was in it, as in Logstash.
  static std::string first_dotted(std::string_view reference) {
    if (reference[0] != '[') return "[" + std::string(reference) + "]";
    const size_t dot = reference.find('.');
    return std::string(reference.substr(0, reference.find(']', dot) + 1));
  }

  std::vector<std::string> fields_;
  bool all_;
  std::string separator_;
  bool recursive_;
  std::string tag_;
  std::vector<std::string_view> names_;  // of the event at hand
};

}  // namespace

FilterPlugin de_dot_filter() {
  return {{"de_dot", "Takes the dots out of field names.", kOptions},
          [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Filter>> {
            if (settings.string("separator").find('.') != std::string::npos)
              return settings.error("separator", "must not have a dot");
            return std::unique_ptr<Filter>(std::make_unique<DeDot>(settings));
          }};
}

}  // namespace penstock
