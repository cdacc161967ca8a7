// Any text in any kind of field: no crash, no hang, decoded texts never longer than the text.
#include <string>

#include "filters/threat/decode.h"
#include "filters/threat/rule_file.h"
#include "filters/threat/rule_set.h"
#include "pipeline/base/check.h"

using namespace penstock;
using namespace penstock::threat;

namespace {

Inspector make_inspector() {
  std::vector<Rule> rules;
  Errors errors;
  std::vector<std::string> warnings;
  parse_rules(std::string(shipped_rules()), "rules/threat.yml", rules, errors, warnings);
  CHECK(errors.empty(), "the shipped rules have faults");
  return Inspector(std::make_shared<const RuleSet>(std::move(rules)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Inspector inspector = make_inspector();
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Findings findings;
  inspector.inspect(text, static_cast<FieldKind>(data[0] % 4), "message", findings);
  std::string decoded;
  if (decode_layer(text, decoded)) CHECK(decoded.size() <= text.size(), "decoding grew the text");
  return 0;
}
