// What becomes of a Logstash configuration here: a verdict for each plugin and option in it. The
// facts are those of the declarations that check options (Option::differs and its like), and of
// the list of plugins that aren't there, so nothing can drift. Start-up only.
#pragma once

#include <string>
#include <vector>

#include "pipeline/config/ast.h"
#include "pipeline/plugin/context.h"
#include "pipeline/plugin/registry.h"

namespace penstock {

// From good to bad.
enum class Judgement : uint8_t {
  exact,        // means the same
  differs,      // works, and differs in a way that leaves what is delivered as it is
  alters,       // would silently deliver something else: not run without --allow-differences
  unsupported,  // an error here, though Logstash has it
  wrong,        // a mistake, in Logstash as well: a misspelt option, a bad pattern
};

std::string_view verdict_name(Judgement verdict);

// One plugin or option in the text.
struct Finding {
  PluginKind kind = PluginKind::input;
  std::string plugin;
  std::string option;  // "" = the plugin itself
  Where where;
  Where value;  // where the option's value stands
  Judgement verdict = Judgement::exact;
  std::string note;  // how it differs, or what to do instead; "" when exact
};

struct CompatReport {
  std::vector<Finding> findings;  // in the order of the text
  Errors errors;                  // mistakes
  Errors unchecked;               // what can't be judged on this machine: files that aren't here

  Judgement verdict() const;  // the worst
};

// By the declarations alone.
std::vector<Finding> judge(const ConfigTree& tree, const Registry& registry);

// Everything: the declarations, then all of it is planned and made, without side effects. `errors`
// are those of the parser. An error whose message holds `stand_in` (when that isn't empty) comes
// from a value that isn't known here.
CompatReport examine(const ConfigTree& tree, const Registry& registry, Ecs ecs, Errors errors,
                     const std::string& stand_in);

// The differences that change what is delivered, as errors.
Errors altering_differences(const ConfigTree& tree, const Registry& registry);

}  // namespace penstock
