// The ledger: for each source, read + created = delivered + dead-lettered + dropped (by reason)
// + in flight. `read` counts records as the input hands them over, so what waits in the ring is in
// flight; `created` counts events beyond one per record (a JSON array, split, clone).
// In flight is what remains, so a column that someone forgets shows as events that never settle.
//
// Each add is a relaxed atomic, once per batch. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pipeline/metrics/counter.h"

namespace penstock {

enum class LedgerDrop : uint8_t {
  empty,
  filter,
  unrouted,
  oversized
};  // why an event ended unsent
inline constexpr size_t kLedgerDrops = 4;
std::string_view ledger_drop_name(LedgerDrop drop);

class SourceLedger {
 public:
  SourceLedger(std::string input, std::string stream)
      : input_id(std::move(input)), source(std::move(stream)) {}

  const std::string input_id;
  const std::string source;  // a path, an address; "" for inputs without streams
  Counter read;
  Counter read_bytes;
  Counter created;
  Counter delivered;
  Counter dead_lettered;
  std::array<Counter, kLedgerDrops> dropped;

  int64_t in_flight() const;
};

// All sources of a pipeline. At most kSourcesMax are told apart; later ones share one per input.
class Ledger {
 public:
  static constexpr size_t kSourcesMax = 4096;

  // The source's ledger, made when new. Lives as long as the Ledger.
  SourceLedger& source(const std::string& input_id, const std::string& source);

  struct Line {
    std::string input_id, source;
    uint64_t read = 0, read_bytes = 0, created = 0, delivered = 0, dead_lettered = 0;
    std::array<uint64_t, kLedgerDrops> dropped{};
    int64_t in_flight = 0;
  };
  std::vector<Line> lines() const;
  Line total() const;

 private:
  mutable std::mutex mutex_;
  std::deque<SourceLedger> sources_;
};

}  // namespace penstock
