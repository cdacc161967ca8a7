#include "pipeline/flow/supervisor.h"

#include <algorithm>
#include <csignal>

#include "pipeline/base/log.h"

namespace penstock {

Supervisor::Supervisor(PipelineList& list, SignalWaiter& signals, Options options)
    : list_(list), signals_(signals), options_(std::move(options)) {}

Result<bool> Supervisor::run() {
  TRY_STATUS(start());
  running_ = true;
  if (options_.ready) options_.ready();
  while (!advance()) {
    if (options_.turn && !deadline_) next_turn_ = options_.turn();
    const int signal = wait();
    const bool asked = signal == SIGTERM || signal == SIGINT;
    if (signal == SIGHUP && deadline_)
      log::info("pipeline", "SIGHUP: not heeded, the pipelines are ending");
    else if (signal == SIGHUP && options_.hang_up)
      options_.hang_up();
    if (asked && !deadline_) {
      interrupt(signal);
      continue;
    }
    if (asked || (deadline_ && std::chrono::steady_clock::now() >= *deadline_)) {
      if (advance()) break;
      abandon();
      return false;
    }
  }
  if (options_.every) options_.every();
  return true;
}

// Those that are sent to first: their addresses are there when the first event comes. One that
// can't start is left out as long as there are others, as Logstash does.
Status Supervisor::start() {
  Status last = ok_status();
  for (size_t i = units_.size(); i-- > 0;) {
    Status started = units_[i].pipeline->start([this] { signals_.wake(); });
    if (started.ok()) continue;
    last = std::move(started);
    if (units_.size() == 1) return last;
    log::error("pipeline", "{}: could not be started: {}", units_[i].id(), last.error().text());
    units_.erase(units_.begin() + static_cast<ptrdiff_t>(i));
    publish();
  }
  return ok_status();
}

Status Supervisor::add(std::shared_ptr<Pipeline> pipeline) {
  if (running_) TRY_STATUS(pipeline->start([this] { signals_.wake(); }));
  units_.push_back({std::move(pipeline)});
  set_topology(std::move(topology_));
  return ok_status();
}

void Supervisor::retire(const std::string& id) {
  for (Unit& unit : units_)
    if (unit.id() == id && !unit.retired) {
      unit.retired = true;
      if (unit.state != State::running) continue;
      unit.pipeline->stop_inputs();
      unit.state = State::draining;
    }
}

void Supervisor::set_topology(Topology topology) {
  topology_ = std::move(topology);
  const std::vector<std::string> order = topology_.order();
  const auto position = [&order](const Unit& unit) {
    return std::find(order.begin(), order.end(), unit.id()) - order.begin();
  };
  std::stable_sort(units_.begin(), units_.end(),
                   [&](const Unit& a, const Unit& b) { return position(a) < position(b); });
  publish();
}

void Supervisor::publish() {
  PipelineList::Pipelines now;
  for (const Unit& unit : units_) now.push_back(unit.pipeline);
  list_.set(std::move(now));
}

Supervisor::State Supervisor::state(const std::string& id) const {
  for (const Unit& unit : units_)
    if (unit.id() == id) return unit.state;
  return State::none;
}

Pipeline* Supervisor::find(const std::string& id) const {
  for (const Unit& unit : units_)
    if (unit.id() == id) return unit.pipeline.get();
  return nullptr;
}

void Supervisor::forget_stopped(const std::string& id) {
  std::erase_if(units_,
                [&](const Unit& unit) { return unit.id() == id && unit.state == State::stopped; });
  publish();
}

// Moves each pipeline on as far as it can go. True: all have stopped.
bool Supervisor::advance() {
  for (Unit& unit : units_) {
    if (unit.state == State::running) unit.pipeline->collect();
    if (unit.state == State::running && ended(unit)) {
      unit.pipeline->stop_inputs();
      unit.state = State::draining;
    }
    if (unit.state == State::draining && unit.pipeline->drained()) {
      unit.pipeline->stop();
      unit.state = State::stopped;
    }
  }
  const size_t before = units_.size();
  std::erase_if(units_,
                [](const Unit& unit) { return unit.retired && unit.state == State::stopped; });
  if (units_.size() != before) publish();
  return std::all_of(units_.begin(), units_.end(),
                     [](const Unit& unit) { return unit.state == State::stopped; });
}

// Whether nothing can come to the pipeline any more.
bool Supervisor::ended(const Unit& unit) const {
  const std::vector<std::string> upstream = topology_.upstream_of(unit.id());
  const bool cut_off = std::all_of(upstream.begin(), upstream.end(), [&](const std::string& id) {
    const State now = state(id);
    return now == State::stopped || now == State::none;
  });
  if (!cut_off) return false;
  if (deadline_) return true;
  // One to which nobody sends waits like any server, until a signal comes.
  return unit.pipeline->finished() && (!unit.pipeline->listens() || !upstream.empty());
}

void Supervisor::interrupt(int signal) {
  deadline_ = std::chrono::steady_clock::now() + options_.grace;
  log::info("pipeline", "{}: finishing what was read, at most {} ms; once more ends at once",
            signal == SIGTERM ? "SIGTERM" : "SIGINT", options_.grace.count());
  for (Unit& unit : units_)
    if (unit.state == State::running) unit.pipeline->stop_reading();
}

// Patience has ended.
void Supervisor::abandon() {
  log::warn("pipeline", "ending with {} batches unanswered: they will be read again",
            open_batches());
  for (Unit& unit : units_)
    if (unit.state == State::running) unit.pipeline->stop_inputs();
  for (Unit& unit : units_)
    if (unit.state != State::stopped) unit.pipeline->abandon();
  for (Unit& unit : units_)
    if (unit.state != State::stopped) unit.pipeline->stop();
  if (options_.every) options_.every();
}

uint64_t Supervisor::open_batches() const {
  uint64_t sum = 0;
  for (const Unit& unit : units_) sum += unit.pipeline->open_batches();
  return sum;
}

// A signal's number, or 0 when something changed or it is time to look.
int Supervisor::wait() {
  using std::chrono::milliseconds;
  std::optional<milliseconds> timeout;
  const auto until = [&](const std::optional<SteadyTime>& when) {
    if (!when) return;
    const auto left = std::chrono::ceil<milliseconds>(*when - std::chrono::steady_clock::now());
    timeout = std::min(timeout.value_or(milliseconds::max()), std::max(milliseconds(0), left));
  };
  until(deadline_);
  if (!deadline_) until(next_turn_);
  if (options_.every) {
    options_.every();
    timeout = std::min(timeout.value_or(options_.interval), options_.interval);
  }
  return signals_.wait(timeout);
}

}  // namespace penstock
