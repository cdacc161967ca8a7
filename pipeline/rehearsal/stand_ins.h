// What stands at both ends of a rehearsed pipeline. Private to the rehearsal.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include "pipeline/rehearsal/rehearsal.h"

namespace penstock {

// Feeds are offered by the last input, in their order; the others are silent, and lend their
// framers and decoders.
class RehearsalEnds : public StandIns {
 public:
  RehearsalEnds(const std::vector<Feed>& feeds, ProgramObserver* observer, Outcome& out)
      : feeds_(feeds), observer_(observer), out_(out) {}

  Result<std::unique_ptr<Input>> make(const Planned<InputPlugin>& planned,
                                      const Context& context) override;
  Result<std::unique_ptr<Output>> make(const Planned<OutputPlugin>& planned,
                                       const Context& context) override;
  ProgramObserver* observer() override { return observer_; }

  // The number of an input by id or name; the first for "".
  uint32_t input_index(const std::string& name) const;
  // Worker: what the output `id` got.
  void capture(const Planned<OutputPlugin>& planned, const std::vector<Template>& options,
               const std::vector<std::string_view>& names, const Batch& batch, Rows rows);

  struct Silent;
  struct Feeder;

 private:
  struct Source {
    const Planned<InputPlugin>* planned;
    Context context;
  };

  const std::vector<Feed>& feeds_;
  ProgramObserver* observer_;
  Outcome& out_;  // worker while it runs
  std::vector<Source> sources_;
  struct Known {
    uint64_t number = 0;
    std::set<std::string> outputs;  // that got the event
  };
  uint64_t number_of(int64_t record, Row row, const std::string& output);

  uint64_t events_ = 0;
  std::map<std::pair<int64_t, Row>, Known> known_;
};

// The name of the input that feeds; it is the last of the plan.
inline constexpr std::string_view kFeederName = "penstock_rehearsal";

}  // namespace penstock
