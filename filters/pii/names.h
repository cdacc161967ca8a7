// What a field's or key's name says about its value: "password", "db_password", "X-Api-Key",
// "dateOfBirth". Stateless, thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "filters/pii/scan.h"

namespace penstock::pii {

struct NameMeaning {
  std::optional<Entity> entity;  // the value is one of these
  ContextSet context = 0;        // numbers in the value are easier to believe
};
NameMeaning meaning_of_name(std::string_view name);

// A value that fits a name's entity: a password that is not empty or "null", digits for an SSN.
// `quoted`: the value's ends are certain.
bool value_fits(Entity entity, std::string_view value, bool quoted);

// The entity of a secret's value where it says so itself: a JWT or a vendor's key under "token".
Entity refine_secret(Entity entity, std::string_view value);

}  // namespace penstock::pii
