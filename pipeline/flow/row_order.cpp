#include "pipeline/flow/row_order.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace penstock {
namespace {

constexpr uint32_t kLast = std::numeric_limits<uint32_t>::max();

}  // namespace

// Fills newcomers_; false when none has a parent.
bool RowOrder::find_ancestors(const Batch& batch, Row first) {
  newcomers_.clear();
  bool any = false;
  for (Row row = first; row < batch.size(); ++row) {
    Row ancestor = batch.parent(row);
    // A filter may split what it has just made.
    while (ancestor != kNoRow && ancestor >= first) ancestor = batch.parent(ancestor);
    any = any || ancestor != kNoRow;
    const uint32_t rank = ancestor == kNoRow ? kLast : rank_.empty() ? ancestor : rank_[ancestor];
    newcomers_.emplace_back(rank, row);
  }
  return any;
}

void RowOrder::place(const Batch& batch, Row first) {
  if (!find_ancestors(batch, first) && rank_.empty()) return;
  if (rank_.empty()) {
    rows_.resize(first);
    std::iota(rows_.begin(), rows_.end(), Row{0});
  }
  std::sort(newcomers_.begin(), newcomers_.end());  // those of one parent as they were made
  merged_.clear();
  auto newcomer = newcomers_.begin();
  for (uint32_t rank = 0; rank < rows_.size(); ++rank) {
    merged_.push_back(rows_[rank]);
    for (; newcomer != newcomers_.end() && newcomer->first == rank; ++newcomer)
      merged_.push_back(newcomer->second);
  }
  for (; newcomer != newcomers_.end(); ++newcomer) merged_.push_back(newcomer->second);
  rows_.swap(merged_);
  rank_.resize(rows_.size());
  for (uint32_t rank = 0; rank < rows_.size(); ++rank) rank_[rows_[rank]] = rank;
}

void RowOrder::merge(std::vector<Row>& into, const std::vector<Row>& more,
                     std::vector<Row>& scratch) const {
  if (more.empty()) return;
  if (into.empty() || precedes(into.back(), more.front())) {
    into.insert(into.end(), more.begin(), more.end());
    return;
  }
  scratch.resize(into.size() + more.size());
  if (rank_.empty())
    std::merge(into.begin(), into.end(), more.begin(), more.end(), scratch.begin());
  else
    std::merge(into.begin(), into.end(), more.begin(), more.end(), scratch.begin(),
               [this](Row a, Row b) { return rank_[a] < rank_[b]; });
  into.swap(scratch);
}

void RowOrder::sort(std::vector<Row>& rows) const {
  if (!rank_.empty())
    std::sort(rows.begin(), rows.end(), [this](Row a, Row b) { return rank_[a] < rank_[b]; });
}

}  // namespace penstock
