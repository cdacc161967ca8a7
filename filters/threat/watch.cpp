#include "filters/threat/watch.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "pipeline/base/check.h"

namespace penstock::threat {
namespace {

// FNV-1a with a finalizer; keys are short. Never 0, which marks a free slot.
uint64_t hash_of(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3ULL;
  hash ^= hash >> 32;
  hash *= 0x9e3779b97f4a7c15ULL;
  hash ^= hash >> 29;
  return hash ? hash : 1;
}

}  // namespace

uint32_t WindowCount::add(int64_t now_ms, int64_t window_ms) {
  const int64_t width = std::max<int64_t>(1, window_ms / static_cast<int64_t>(kWindowParts));
  const int64_t part = now_ms / width;
  const auto parts = static_cast<int64_t>(kWindowParts);
  const int64_t newest = parts_begun_ - 1;
  if (part > newest) {
    const int64_t cleared = newest < 0 ? parts : std::min(parts, part - newest);
    for (int64_t i = 0; i < cleared; ++i) parts_[static_cast<size_t>((part - i) % parts)] = 0;
    parts_begun_ = part + 1;
  } else if (newest - part >= parts) {
    return 0;  // too late to matter
  }
  uint16_t& count = parts_[static_cast<size_t>(part % parts)];
  if (count < std::numeric_limits<uint16_t>::max()) ++count;
  uint32_t sum = 0;
  for (const uint16_t c : parts_) sum += c;
  return sum;
}

template <class Slot>
void Watch::Table<Slot>::resize(size_t keys) {
  static_assert(std::is_trivially_destructible_v<Slot>);
  count = (std::max(keys, kWays) + kWays - 1) / kWays * kWays;
  slots.reset(static_cast<Slot*>(std::calloc(count, sizeof(Slot))));
  CHECK(slots, "no memory for the table of sources");
}

template <class Slot>
Slot& Watch::Table<Slot>::slot(uint64_t key, int64_t now_ms) {
  Slot* const set = slots.get() + set_of(key) * kWays;
  Slot* oldest = set;
  for (Slot* s = set; s < set + kWays; ++s) {
    if (s->key == key) {
      s->seen_ms = std::max(s->seen_ms, now_ms);
      return *s;
    }
    if (s->key == 0 ? oldest->key != 0 : oldest->key != 0 && s->seen_ms < oldest->seen_ms)
      oldest = s;
  }
  *oldest = Slot{};
  oldest->key = key;
  oldest->seen_ms = now_ms;
  return *oldest;
}

Watch::Watch(const WatchSettings& settings) : settings_(settings) {
  if (settings_.brute_force.threshold || settings_.spraying.threshold)
    logins_.resize(settings_.keys_max);
  if (settings_.flood.threshold) requests_.resize(settings_.keys_max);
}

size_t Watch::bytes() const {
  return logins_.count * sizeof(Logins) + requests_.count * sizeof(Requests);
}

uint32_t Watch::Logins::users_in_window(uint32_t user, int64_t now_ms, int64_t window_ms) {
  uint32_t distinct = 0;
  User* place = users.data();  // free, or seen longest ago
  bool known = false;
  for (User& other : users) {
    if (other.hash == user) {
      other.seen_ms = std::max(other.seen_ms, now_ms);
      known = true;
    }
    if (other.hash != 0 && other.seen_ms > now_ms - window_ms) ++distinct;
    if (other.seen_ms < place->seen_ms || (other.hash == 0 && place->hash != 0)) place = &other;
  }
  if (known) return distinct;
  const bool replaces = place->hash != 0 && place->seen_ms > now_ms - window_ms;
  *place = {user, now_ms};
  return distinct + (replaces ? 0 : 1);
}

Watch::Verdict Watch::failed_login(std::string_view source, std::string_view user,
                                   int64_t now_ms) const {
  now_ms = std::max<int64_t>(now_ms, 0);
  Verdict verdict;
  if (!logins_.slots) return verdict;
  const uint64_t key = hash_of(source);
  const std::lock_guard lock(logins_.lock_of(key));
  Logins& logins = logins_.slot(key, now_ms);
  const uint32_t failures = logins.failures.add(now_ms, settings_.brute_force.window_ms);
  verdict.brute_force =
      settings_.brute_force.threshold && failures >= settings_.brute_force.threshold;
  if (user.empty() || !settings_.spraying.threshold) return verdict;
  const auto user_hash = static_cast<uint32_t>(hash_of(user)) | 1;
  verdict.spraying = logins.users_in_window(user_hash, now_ms, settings_.spraying.window_ms) >=
                     settings_.spraying.threshold;
  return verdict;
}

bool Watch::request(std::string_view source, int64_t now_ms) const {
  now_ms = std::max<int64_t>(now_ms, 0);
  if (!requests_.slots) return false;
  const uint64_t key = hash_of(source);
  const std::lock_guard lock(requests_.lock_of(key));
  return requests_.slot(key, now_ms).count.add(now_ms, settings_.flood.window_ms) >=
         settings_.flood.threshold;
}

}  // namespace penstock::threat
