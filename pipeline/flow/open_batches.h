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
  // `none` is called, on any thread, when the last open batch ended; maybe after this object did.
  // Before the first make().
  void on_none(std::function<void()> none) { state_->none = std::move(none); }

  std::shared_ptr<Settlement> make() {
    state_->open.fetch_add(1, std::memory_order_relaxed);
    return std::make_shared<Counted>(state_);
  }
  uint64_t count() const { return state_->open.load(std::memory_order_seq_cst); }

 private:
  struct State {
    std::atomic<uint64_t> open{0};
    std::function<void()> none;
  };
  struct Counted : Settlement {
    explicit Counted(std::shared_ptr<State> all) : state(std::move(all)) {}
    ~Counted() {
      if (state->open.fetch_sub(1, std::memory_order_seq_cst) == 1 && state->none) state->none();
    }
    std::shared_ptr<State> state;
  };

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace penstock
