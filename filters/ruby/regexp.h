// Searching for what a script may give as a pattern: a Regexp, or a string to be found as it
// stands. Shared by the bindings of Regexp and String.
#pragma once

#include "filters/ruby/state.h"

namespace penstock::ruby {

// Groups that a Regexp may have, so that a match fits on the stack.
inline constexpr uint32_t kGroupsMax = 255;

// Where a match and its groups are, as Regex::Match tells it.
struct Found {
  uint32_t groups = 0;  // without group 0
  size_t offsets[2 * (kGroupsMax + 1)];

  size_t begin(uint32_t group = 0) const { return offsets[2 * group]; }
  size_t end(uint32_t group = 0) const { return offsets[2 * group + 1]; }
  bool took_part(uint32_t group) const { return begin(group) != static_cast<size_t>(-1); }
};

// A Regexp's entry, or nullptr when the object is none.
RegexEntry* regexp_of(mrb_state* mrb, mrb_value object);

// `entry` nullptr: `literal` is looked for. Raises when the subject is no text or the search takes
// too long.
bool find(mrb_state* mrb, const RegexEntry* entry, std::string_view literal, mrb_value subject,
          size_t from, Found& found);

// A byte's place in a string as scripts count: in characters.
mrb_int position_of(mrb_value subject, size_t offset);

// The MatchData of a match. `regexp` may be nil.
mrb_value make_match(mrb_state* mrb, mrb_value subject, mrb_value regexp, const Found& found);
// Sets $~ and $1..$9, as far as the script reads them.
void set_match(mrb_state* mrb, mrb_value subject, mrb_value regexp, const Found* found);

// The text of a group, or nil.
mrb_value group_text(mrb_state* mrb, mrb_value subject, const Found& found, uint32_t group);
// The number of a group by name; 0 when there is none.
uint32_t group_number(const RegexEntry& entry, std::string_view name, const Found* found);

void define_match(mrb_state* mrb);

}  // namespace penstock::ruby
