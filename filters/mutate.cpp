#include "filters/mutate.h"

#include "filters/mutate/operation.h"
#include "pipeline/config/declare.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"coerce", OptionType::hash, "",
     "field => value: the value of a field that is there and null. %{...} works."},
    {"rename", OptionType::hash, "", "field => new name. %{...} works in both."},
    {"update", OptionType::hash, "",
     "field => value: a new value for a field that is there. %{...} works."},
    {"replace", OptionType::hash, "",
     "field => value: a new value, whether or not the field is there. %{...} works."},
    {"convert", OptionType::hash, "",
     "field => type: integer, float, string, boolean; integer_eu and float_eu read 1.234,5. "
     "Arrays: every item."},
    {"gsub", OptionType::strings, "",
     "Threes of field, regular expression, replacement: replaces every match in a text or in the "
     "texts of an array. \\1, \\k<name>, \\0 work in the replacement; %{...} in both."},
    {"uppercase", OptionType::fields, "", "Fields whose text goes to upper case."},
    {"capitalize", OptionType::fields, "",
     "Fields whose text gets a capital first letter, the rest in lower case."},
    {"lowercase", OptionType::fields, "", "Fields whose text goes to lower case."},
    {"strip", OptionType::fields, "", "Fields whose text loses white space at both ends."},
    {"split", OptionType::hash, "", "field => separator: a text becomes an array."},
    {"join", OptionType::hash, "", "field => separator: an array becomes a text."},
    {"merge", OptionType::hash, "",
     "field => other field (or several): appends arrays and scalars, merges objects."},
    {"copy", OptionType::hash, "", "field => other field: copies its value."},
    {"tag_on_failure", OptionType::string, "_mutate_error",
     "The tag of an event that an operation could not be applied to."},
    refused("remove", "use remove_field"),
};

class Mutate : public Filter {
 public:
  Mutate(mutate::Operations operations, std::string tag)
      : operations_(std::move(operations)), tag_(std::move(tag)) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      if (apply_all(batch[row]))
        matched.push_back(row);
      else
        batch[row].tag(tag_);
    }
  }

 private:
  bool apply_all(Event& event) {
    for (const auto& operation : operations_)
      if (!operation->apply(event)) return false;
    return true;
  }

  mutate::Operations operations_;
  std::string tag_;
};

// In Logstash's order, whatever order the config has.
Result<mutate::Operations> make_operations(const Settings& settings) {
  mutate::Operations out;
  TRY_STATUS(mutate::add_coerce(settings, out));
  TRY_STATUS(mutate::add_rename(settings, out));
  TRY_STATUS(mutate::add_update(settings, out));
  TRY_STATUS(mutate::add_replace(settings, out));
  TRY_STATUS(mutate::add_convert(settings, out));
  TRY_STATUS(mutate::add_gsub(settings, out));
  TRY_STATUS(mutate::add_case(settings, "uppercase", out));
  TRY_STATUS(mutate::add_case(settings, "capitalize", out));
  TRY_STATUS(mutate::add_case(settings, "lowercase", out));
  TRY_STATUS(mutate::add_strip(settings, out));
  TRY_STATUS(mutate::add_split(settings, out));
  TRY_STATUS(mutate::add_join(settings, out));
  TRY_STATUS(mutate::add_merge(settings, out));
  TRY_STATUS(mutate::add_copy(settings, out));
  return out;
}

}  // namespace

FilterPlugin mutate_filter() {
  return {{"mutate", "Renames, replaces, converts and reshapes fields.", kOptions,
           "A rename that fails keeps the value, which Logstash loses; merge of several fields "
           "into a text keeps all of them, there only the last."},
          [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Filter>> {
            TRY(auto operations, make_operations(settings));
            return std::unique_ptr<Filter>(
                std::make_unique<Mutate>(std::move(operations), settings.string("tag_on_failure")));
          }};
}

}  // namespace penstock
