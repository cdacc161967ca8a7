// RowOrder: where the rows of a batch stand in the order of events. Filters append the rows they
// make at the end of the batch, but an event made of another (split, clone) follows it, before the
// next one, as in Logstash; events made of nothing come last.
//
// As long as no row has a parent, the order is that of the row numbers and costs nothing. Worker
// thread.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "pipeline/event/batch.h"

namespace penstock {

class RowOrder {
 public:
  // For the next batch.
  void clear() {
    rows_.clear();
    rank_.clear();
  }
  // Places the rows from `first` on, all of which one filter has just appended.
  // REQUIRES: those before were placed, or no row of the batch ever was.
  void place(const Batch& batch, Row first);

  bool precedes(Row a, Row b) const { return rank_.empty() ? a < b : rank_[a] < rank_[b]; }
  // Sorted and disjoint selections; `scratch` keeps memory between calls.
  void merge(std::vector<Row>& into, const std::vector<Row>& more, std::vector<Row>& scratch) const;
  void sort(std::vector<Row>& rows) const;

 private:
  bool find_ancestors(const Batch& batch, Row first);

  std::vector<Row> rows_;       // all rows in order; empty: by number
  std::vector<uint32_t> rank_;  // by row: its index in rows_
  // Scratch: the new rows, each with the rank of the row that it follows.
  std::vector<std::pair<uint32_t, Row>> newcomers_;
  std::vector<Row> merged_;
};

}  // namespace penstock
