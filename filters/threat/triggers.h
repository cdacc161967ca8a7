// Literals that call for a family of detectors. Each is as long and rare as it can be without
// missing payloads; what they miss, no detector sees. Immutable.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace penstock::threat {

// Groups of detectors that a literal or a byte calls for.
enum Family : uint16_t {
  kSqlFamily = 1,
  kSqlWeakFamily = 2,  // only when the text has a sign of SQL, too
  kMarkupFamily = 4,
  kShellFamily = 8,
  kPathFamily = 16,
  kJndiFamily = 32,
  kUrlFamily = 64,
  kDecodeFamily = 128,  // full-width forms
};

struct FamilyTrigger {
  std::string_view literal;
  uint16_t families;
};

std::span<const FamilyTrigger> family_triggers();

}  // namespace penstock::threat
