// Settlement: who still owes an answer for a batch. A worker opens one per batch, gives it the
// parcels' tokens and counts, opens a Delivery for each output that gets rows, and lets go. When
// the last Delivery is done the tokens settle as done and the ledger is written; if any Delivery
// was destroyed without done(), the tokens settle as replay and the events stay in flight.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "pipeline/event/batch.h"
#include "pipeline/metrics/ledger.h"
#include "pipeline/plugin/ack.h"

namespace penstock {

class Settlement;

// One output's share of one batch, move-only. Any thread.
class Delivery {
 public:
  Delivery() = default;
  explicit Delivery(std::shared_ptr<Settlement> settlement) : settlement_(std::move(settlement)) {}
  Delivery(Delivery&&) noexcept = default;
  Delivery& operator=(Delivery&& other) noexcept;
  ~Delivery();

  // The row (of the batch as it was written) went to the dead-letter queue, durably.
  void dead_letter(Row row);
  // All rows of this share are stored or dead-lettered.
  void done() noexcept;
  explicit operator bool() const { return settlement_ != nullptr; }

 private:
  std::shared_ptr<Settlement> settlement_;
};

class Settlement : public std::enable_shared_from_this<Settlement> {
 public:
  // Worker: before any share is opened.
  void add_token(AckToken token) { tokens_.push_back(std::move(token)); }
  // Worker: after the program ran; takes sources and drops from the rows.
  void count(const Batch& batch);
  Delivery share();
  // Worker: no more shares will be opened. The settlement ends with the last share.
  void close() noexcept;

 private:
  friend class Delivery;
  struct Source {
    SourceLedger* ledger;
    uint64_t alive = 0;
    uint64_t dead = 0;
    std::array<uint64_t, kLedgerDrops> dropped{};
  };
  Source& source_of(SourceLedger* ledger);
  void release() noexcept;
  void finish() noexcept;

  // acq_rel on the last decrement: finish() must see what every share wrote.
  std::atomic<uint32_t> open_{1};  // shares, and the worker until close()
  std::atomic<bool> failed_{false};
  std::vector<AckToken> tokens_;
  std::vector<Source> sources_;
  std::vector<uint16_t> row_source_;  // by row; empty when there is one source
  std::mutex mutex_;                  // dead_
  std::vector<Row> dead_;
};

}  // namespace penstock
