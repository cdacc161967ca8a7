// Any bytes as a rule file: faults are errors, and what has none compiles and runs.
#include <string>

#include "filters/threat/rule_file.h"
#include "filters/threat/rule_set.h"

using namespace penstock;
using namespace penstock::threat;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<Rule> rules;
  Errors errors;
  std::vector<std::string> warnings;
  parse_rules({reinterpret_cast<const char*>(data), size}, "rules.yml", rules, errors, warnings);
  if (!errors.empty()) return 0;
  Inspector inspector(std::make_shared<const RuleSet>(std::move(rules)));
  Findings findings;
  inspector.inspect("GET /a?b=needle%20' or 1=1 HTTP/1.1", FieldKind::text, "message", findings);
  return 0;
}
