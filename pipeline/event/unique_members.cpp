#include "pipeline/event/unique_members.h"

#include <algorithm>
#include <vector>

namespace penstock {
namespace {

// Objects up to this size find duplicates by looking back; larger ones sort.
constexpr size_t kSmallObject = 64;
constexpr uint32_t kRoom = 8;

bool same_name(const Member& a, const Member& b) {
  return a.hash == b.hash && a.name() == b.name();
}

size_t merge_few(std::span<Member> all) {
  size_t kept = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    size_t j = 0;
    while (j < kept && !same_name(all[j], all[i])) ++j;
    if (j < kept)
      all[j].value = all[i].value;
    else
      all[kept++] = all[i];
  }
  return kept;
}

// Sorted by name, a key's places are neighbours: the first takes the last one's value.
size_t merge_many(std::span<Member> all) {
  std::vector<uint32_t> order(all.size());
  for (uint32_t i = 0; i < all.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return all[a].hash != all[b].hash ? all[a].hash < all[b].hash : all[a].name() < all[b].name();
  });
  std::vector<bool> twice(all.size());
  for (size_t i = 0; i < all.size();) {
    size_t j = i + 1;
    while (j < all.size() && same_name(all[order[j]], all[order[i]])) twice[order[j++]] = true;
    all[order[i]].value = all[order[j - 1]].value;
    i = j;
  }
  size_t kept = 0;
  for (size_t i = 0; i < all.size(); ++i)
    if (!twice[i]) all[kept++] = all[i];
  return kept;
}

}  // namespace

size_t merge_duplicates(std::span<Member> members) {
  return members.size() <= kSmallObject ? merge_few(members) : merge_many(members);
}

Value make_object(Arena& arena, std::span<Member> members, bool room) {
  const auto size = static_cast<uint32_t>(merge_duplicates(members));
  Value out = Value::object();
  if (room)
    object_reserve(arena, out, size + kRoom);
  else
    out.members = arena.allocate_array<Member>(size);
  out.size = size;
  if (size > 0) std::copy_n(members.begin(), size, out.members);
  return out;
}

}  // namespace penstock
