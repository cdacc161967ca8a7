#include "pipeline/plugin/settlement.h"

#include <algorithm>

namespace penstock {
namespace {

size_t drop_index(DropReason reason) {
  switch (reason) {
    case DropReason::unrouted:
      return static_cast<size_t>(LedgerDrop::unrouted);
    case DropReason::oversized:
      return static_cast<size_t>(LedgerDrop::oversized);
    default:
      return static_cast<size_t>(LedgerDrop::filter);
  }
}

}  // namespace

Delivery& Delivery::operator=(Delivery&& other) noexcept {
  if (this != &other) {
    Delivery old(std::move(*this));
    settlement_ = std::move(other.settlement_);
  }
  return *this;
}

Delivery::~Delivery() {
  if (!settlement_) return;
  settlement_->failed_.store(true, std::memory_order_relaxed);  // published by release()
  settlement_->release();
}

void Delivery::dead_letter(Row row) {
  std::lock_guard lock(settlement_->mutex_);
  settlement_->dead_.push_back(row);
}

void Delivery::done() noexcept {
  if (auto settlement = std::move(settlement_)) settlement->release();
}

Settlement::Source& Settlement::source_of(SourceLedger* ledger) {
  if (!sources_.empty() && sources_.back().ledger == ledger) return sources_.back();
  for (Source& source : sources_)
    if (source.ledger == ledger) return source;
  return sources_.emplace_back(Source{ledger});
}

void Settlement::count(const Batch& batch) {
  const SourceLedger* last = nullptr;
  Source* source = nullptr;
  row_source_.resize(batch.size());
  for (Row row = 0; row < batch.size(); ++row) {
    const Event& event = batch[row];
    SourceLedger* ledger = event.origin() ? event.origin()->ledger : nullptr;
    if (!source || ledger != last) {
      source = &source_of(ledger);
      last = ledger;
    }
    row_source_[row] = static_cast<uint16_t>(source - sources_.data());
    if (event.alive())
      ++source->alive;
    else
      ++source->dropped[drop_index(event.dropped())];
  }
}

Delivery Settlement::share() {
  open_.fetch_add(1, std::memory_order_relaxed);  // the worker's own hold keeps it above zero
  return Delivery(shared_from_this());
}

void Settlement::close() noexcept { release(); }

void Settlement::release() noexcept {
  if (open_.fetch_sub(1, std::memory_order_acq_rel) == 1) finish();
}

void Settlement::finish() noexcept {
  if (failed_.load(std::memory_order_relaxed)) {
    tokens_.clear();  // settles each as replay
    return;
  }
  std::sort(dead_.begin(), dead_.end());
  dead_.erase(std::unique(dead_.begin(), dead_.end()), dead_.end());
  for (const Row row : dead_) {
    Source& source = sources_[row_source_[row]];
    ++source.dead;
    --source.alive;
  }
  for (Source& source : sources_) {
    if (!source.ledger) continue;
    source.ledger->delivered.add(source.alive);
    source.ledger->dead_lettered.add(source.dead);
    for (size_t i = 0; i < kLedgerDrops; ++i)
      if (source.dropped[i]) source.ledger->dropped[i].add(source.dropped[i]);
  }
  for (AckToken& token : tokens_) token.settle(Verdict::done);
  tokens_.clear();
}

}  // namespace penstock
