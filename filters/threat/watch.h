// Watch: what is only seen over time, counted per key and across workers: many failed logins from
// one source, failed logins for many users from one source, floods of requests.
//
// Each table is an array of slots of fixed size, made once: a key's hash names a set of eight
// slots, and when the set is full the slot not seen for longest gives way. So memory is bounded
// whatever keys arrive, and an update costs one uncontended lock and one or two cache lines. A
// window is counted in sixteen parts; events are taken into account for between 15/16 of the window
// and all of it. Time is the events' or the clock's, whatever the caller passes; late events count
// while their part is still in the window. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string_view>

namespace penstock::threat {

inline constexpr size_t kWindowParts = 16;
inline constexpr size_t kUsersMax = 32;  // told apart per source

struct WatchLimits {
  uint32_t threshold = 0;  // 0: off
  int64_t window_ms = 60'000;
};

struct WatchSettings {
  WatchLimits brute_force;
  WatchLimits spraying;  // threshold at most kUsersMax
  WatchLimits flood;
  size_t keys_max = 16'384;
};

// Counts of one key in the parts of a sliding window.
class WindowCount {
 public:
  // Adds one event at `now_ms` and gives the count in the window that ends there.
  uint32_t add(int64_t now_ms, int64_t window_ms);

 private:
  int64_t parts_begun_ = 0;  // number of the newest part, plus one
  std::array<uint16_t, kWindowParts> parts_{};
};

class Watch {
 public:
  explicit Watch(const WatchSettings& settings);

  struct Verdict {
    bool brute_force = false;
    bool spraying = false;
  };
  // A failed login; `user` may be "".
  Verdict failed_login(std::string_view source, std::string_view user, int64_t now_ms) const;
  // A request; true when there are too many from the source.
  bool request(std::string_view source, int64_t now_ms) const;

  const WatchSettings& settings() const { return settings_; }
  size_t bytes() const;

 private:
  struct Logins {
    uint64_t key = 0;
    int64_t seen_ms = 0;
    WindowCount failures;
    struct User {
      uint32_t hash = 0;
      int64_t seen_ms = 0;
    };
    std::array<User, kUsersMax> users{};
    uint32_t users_in_window(uint32_t user, int64_t now_ms, int64_t window_ms);
  };
  struct Requests {
    uint64_t key = 0;
    int64_t seen_ms = 0;
    WindowCount count;
  };
  template <class Slot>
  struct Table {
    static constexpr size_t kWays = 8;
    static constexpr size_t kLocks = 64;
    // Zeros from calloc() are an empty table, and memory that no key has come to is never touched.
    struct Free {
      void operator()(Slot* all) const { std::free(all); }
    };
    std::unique_ptr<Slot[], Free> slots;
    size_t count = 0;
    std::array<std::mutex, kLocks> locks;
    void resize(size_t keys);
    size_t set_of(uint64_t key) const { return key % (count / kWays); }
    std::mutex& lock_of(uint64_t key) { return locks[set_of(key) % kLocks]; }
    // REQUIRES: the lock of `key` is held.
    Slot& slot(uint64_t key, int64_t now_ms);
  };

  WatchSettings settings_;
  // Thread-safe by their locks, hence const to callers.
  mutable Table<Logins> logins_;
  mutable Table<Requests> requests_;
};

}  // namespace penstock::threat
