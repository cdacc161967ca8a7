#include "filters/environment.h"

#include <cstdlib>

#include "filters/support/prepared_field.h"
#include "pipeline/base/text.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"add_metadata_from_env", OptionType::hash, "{ }",
     "field => variable: the fields of [@metadata] and the variables that they take their values "
     "from, as they are at start. A variable that isn't set gives null."},
};

struct Variable {
  std::unique_ptr<PreparedField> field;
  std::optional<std::string> text;
};

class Environment : public Filter {
 public:
  explicit Environment(std::vector<Variable> variables) : variables_(std::move(variables)) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      bool done = true;
      for (const Variable& variable : variables_)
        done &= variable.field->set(batch[row],
                                    variable.text ? Value::string(*variable.text) : Value::null());
      if (done) matched.push_back(row);
    }
  }

 private:
  std::vector<Variable> variables_;
};

}  // namespace

FilterPlugin environment_filter() {
  return {{"environment", "Puts environment variables into [@metadata].", kOptions},
          [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Filter>> {
            std::vector<Variable> variables;
            for (const auto& [name, from] : settings.hash("add_metadata_from_env")) {
              Variable variable;
              variable.field = std::make_unique<PreparedField>("[@metadata][" + name.text + "]");
              if (!variable.field->is_valid())
                return settings.error("add_metadata_from_env",
                                      "`" + name.text + "` is no field name");
              if (const char* text = std::getenv(from.text.c_str()))
                variable.text = replace_invalid_utf8(text);
              variables.push_back(std::move(variable));
            }
            return std::unique_ptr<Filter>(std::make_unique<Environment>(std::move(variables)));
          }};
}

}  // namespace penstock
