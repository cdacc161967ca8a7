// Topology: which pipeline of a process hands events to which. Found in the plans before anything
// is made: an address may have one listener, and there are no circles, since a pipeline that waits
// for itself could never empty. Upstream pipelines end first. Immutable; main thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/flow/plan.h"

namespace penstock {

class Topology {
 public:
  // What is wrong goes to `errors`. A plan is only looked at.
  void add(const std::string& pipeline, const Plan& plan, Errors& errors);
  // After the last add(): circles are errors, an address without a listener is a warning. Both go
  // to the pipeline that sends.
  struct Finding {
    std::string pipeline;
    Error error;
  };
  void check(std::vector<Finding>& errors, std::vector<Finding>& warnings) const;

  // Pipelines that send to `pipeline`.
  std::vector<std::string> upstream_of(const std::string& pipeline) const;
  // All pipelines, senders before those they send to. REQUIRES: check() found no circle.
  std::vector<std::string> order() const;

 private:
  struct Ends {
    std::string address;
    std::string pipeline;
    Where where;
  };
  void add_outputs(const std::string& pipeline, const PlanBlock<OutputPlugin>& block);
  std::vector<std::string> circle() const;

  std::vector<std::string> pipelines_;
  std::map<std::string, Ends> listeners_;  // by address
  std::vector<Ends> senders_;
};

}  // namespace penstock
