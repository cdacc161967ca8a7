// How many batches still wait for an answer of an output. Counts Settlements by their lifetime: a
// settlement is held by its worker and by each delivery, so it is gone when the last is. Any
// thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "pipeline/plugin/settlement.h"

namespace penstock {

class OpenBatches {
 public:
  // `changed` is called, on any thread, when the last open batch ended. Before the first make().
  void on_none(std::function<void()> none) { none_ = std::move(none); }

  std::shared_ptr<Settlement> make() {
    open_.fetch_add(1, std::memory_order_relaxed);
    return std::make_shared<Counted>(*this);
  }
  uint64_t count() const { return open_.load(std::memory_order_seq_cst); }

 private:
  struct Counted : Settlement {
    explicit Counted(OpenBatches& all) : open(all) {}
    ~Counted() {
      if (open.open_.fetch_sub(1, std::memory_order_seq_cst) == 1 && open.none_) open.none_();
    }
    OpenBatches& open;
  };

  std::atomic<uint64_t> open_{0};
  std::function<void()> none_;
};

}  // namespace penstock
