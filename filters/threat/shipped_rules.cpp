// rules/threat.yml as part of the program. CMake rebuilds this file when the rules change.
#include "filters/threat/rule_file.h"

asm(R"(
  .section .rodata
  .global penstock_threat_rules_begin
  .global penstock_threat_rules_end
penstock_threat_rules_begin:
  .incbin "rules/threat.yml"
penstock_threat_rules_end:
  .byte 0
  .previous
)");

extern "C" const char penstock_threat_rules_begin[];
extern "C" const char penstock_threat_rules_end[];

namespace penstock::threat {

std::string_view shipped_rules() {
  return {penstock_threat_rules_begin,
          static_cast<size_t>(penstock_threat_rules_end - penstock_threat_rules_begin)};
}

}  // namespace penstock::threat
