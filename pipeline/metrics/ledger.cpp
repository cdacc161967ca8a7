#include "pipeline/metrics/ledger.h"

namespace penstock {

std::string_view ledger_drop_name(LedgerDrop drop) {
  constexpr std::string_view kNames[kLedgerDrops] = {"empty", "filter", "unrouted", "oversized"};
  return kNames[static_cast<size_t>(drop)];
}

int64_t SourceLedger::in_flight() const {
  // What settles is read first: it was counted as read before, so the difference is never negative.
  uint64_t settled = delivered.value() + dead_lettered.value();
  for (const Counter& counter : dropped) settled += counter.value();
  return static_cast<int64_t>(read.value() + created.value() - settled);
}

SourceLedger& Ledger::source(const std::string& input_id, const std::string& source) {
  std::lock_guard lock(mutex_);
  const std::string& name = sources_.size() < kSourcesMax ? source : std::string("(others)");
  for (SourceLedger& known : sources_)
    if (known.input_id == input_id && known.source == name) return known;
  return sources_.emplace_back(input_id, name);
}

std::vector<Ledger::Line> Ledger::lines() const {
  std::lock_guard lock(mutex_);
  std::vector<Line> out;
  for (const SourceLedger& s : sources_) {
    Line line{s.input_id, s.source};
    line.in_flight = s.in_flight();
    line.read = s.read.value();
    line.read_bytes = s.read_bytes.value();
    line.created = s.created.value();
    line.delivered = s.delivered.value();
    line.dead_lettered = s.dead_lettered.value();
    for (size_t i = 0; i < kLedgerDrops; ++i) line.dropped[i] = s.dropped[i].value();
    out.push_back(std::move(line));
  }
  return out;
}

Ledger::Line Ledger::total() const {
  Line sum;
  for (const Line& line : lines()) {
    sum.read += line.read;
    sum.read_bytes += line.read_bytes;
    sum.created += line.created;
    sum.delivered += line.delivered;
    sum.dead_lettered += line.dead_lettered;
    sum.in_flight += line.in_flight;
    for (size_t i = 0; i < kLedgerDrops; ++i) sum.dropped[i] += line.dropped[i];
  }
  return sum;
}

}  // namespace penstock
