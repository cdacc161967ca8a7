#include "pipeline/flow/intake.h"

#include <algorithm>

namespace penstock {

bool RingIntake::offer(Input& input, std::unique_ptr<Parcel>& parcel) {
  if (!push(parcel)) {
    remember(input);
    // The ring may have emptied before the workers could see that somebody waits.
    if (!push(parcel)) {
      refusals_.add();
      return false;
    }
  }
  ready_.notify_one();
  return true;
}

bool RingIntake::push(std::unique_ptr<Parcel>& parcel) {
  const Records& records = parcel->records;
  return ring_.try_push(parcel, records.bytes, [&] {
    // Counted before it can settle, so that "in flight" never dips below zero.
    if (!parcel->origin || !parcel->origin->ledger) return;
    parcel->origin->ledger->read.add(records.views.size());
    parcel->origin->ledger->read_bytes.add(records.bytes);
  });
}

void RingIntake::remember(Input& input) {
  std::lock_guard lock(mutex_);
  if (std::find(refused_.begin(), refused_.end(), &input) == refused_.end())
    refused_.push_back(&input);
  any_refused_.store(true, std::memory_order_seq_cst);
}

void RingIntake::wake_refused() {
  std::lock_guard waking(waking_);
  std::vector<Input*> woken;
  {
    std::lock_guard lock(mutex_);
    woken.swap(refused_);
    any_refused_.store(false, std::memory_order_seq_cst);
  }
  for (Input* input : woken) input->resume();
}

void RingIntake::forget(const Input& input) {
  std::lock_guard waking(waking_);
  std::lock_guard lock(mutex_);
  std::erase(refused_, &input);
}

std::unique_ptr<Parcel> RingIntake::try_take() {
  // relaxed: one parcel more or less makes no difference
  if (abandoned_.load(std::memory_order_relaxed)) return nullptr;
  std::unique_ptr<Parcel> parcel = ring_.try_pop();
  // Also when nothing came: the last of several workers to pop may have seen the ring too full.
  if (any_refused_.load(std::memory_order_seq_cst) && ring_.half_empty()) wake_refused();
  return parcel;
}

void RingIntake::abandon() {
  abandoned_.store(true, std::memory_order_relaxed);
  close();
}

void RingIntake::clear() {
  while (ring_.try_pop()) {
  }
}

void RingIntake::close() {
  closed_.store(true, std::memory_order_seq_cst);
  ready_.notify_all();
}

}  // namespace penstock
