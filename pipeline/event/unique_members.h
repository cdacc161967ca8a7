// Members as they were read, a name perhaps several times, as an object. Stateless.
#pragma once

#include <span>

#include "pipeline/event/value.h"

namespace penstock {

// Of members of one name the last one's value stays, at the first one's place. Returns how many
// members are left; they lie at the front. At most n log n steps.
size_t merge_duplicates(std::span<Member> members);

// The members, merged, as an object in the arena. With `room` for what filters add to a root.
Value make_object(Arena& arena, std::span<Member> members, bool room);

}  // namespace penstock
