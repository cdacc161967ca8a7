#include "pipeline/flow/topology.h"

#include <algorithm>
#include <set>

namespace penstock {

void Topology::add(const std::string& pipeline, const Plan& plan, Errors& errors) {
  pipelines_.push_back(pipeline);
  for (const auto& input : plan.inputs) {
    if (!input.plugin->listens_on) continue;
    const std::string address = input.plugin->listens_on(input.settings);
    const auto [first, fresh] = listeners_.emplace(address, Ends{address, pipeline, input.where});
    if (fresh) continue;
    errors.push_back({Errc::bad_config,
                      "another input listens on the address `" + address + "` already (pipeline " +
                          first->second.pipeline + ", " + first->second.where.text() + ")",
                      input.where});
  }
  add_outputs(pipeline, plan.outputs);
}

void Topology::add_outputs(const std::string& pipeline, const PlanBlock<OutputPlugin>& block) {
  for (const auto& step : block) {
    if (step.branch) {
      for (const auto& arm : step.branch->arms) add_outputs(pipeline, arm.block);
      continue;
    }
    if (!step.plugin->plugin->sends_to) continue;
    for (std::string& address : step.plugin->plugin->sends_to(step.plugin->settings))
      senders_.push_back({std::move(address), pipeline, step.plugin->where});
  }
}

std::vector<std::string> Topology::upstream_of(const std::string& pipeline) const {
  std::set<std::string> out;
  for (const Ends& sender : senders_) {
    const auto listener = listeners_.find(sender.address);
    if (listener != listeners_.end() && listener->second.pipeline == pipeline)
      out.insert(sender.pipeline);
  }
  return {out.begin(), out.end()};
}

// The order is built by taking pipelines whose senders all have been taken.
std::vector<std::string> Topology::order() const {
  std::vector<std::string> out, left = pipelines_;
  while (!left.empty()) {
    const auto taken = [&](const std::string& name) {
      return std::find(left.begin(), left.end(), name) == left.end();
    };
    const auto next = std::find_if(left.begin(), left.end(), [&](const std::string& name) {
      const auto upstream = upstream_of(name);
      return std::all_of(upstream.begin(), upstream.end(), taken);
    });
    if (next == left.end()) break;  // a circle
    out.push_back(*next);
    left.erase(next);
  }
  out.insert(out.end(), left.begin(), left.end());
  return out;
}

// Pipelines that form a circle, each sending to the one before it; empty when there is none.
std::vector<std::string> Topology::circle() const {
  const std::vector<std::string> ordered = order();
  std::set<std::string> seen;
  for (const std::string& name : ordered) {
    const auto upstream = upstream_of(name);
    const auto ahead = std::find_if(upstream.begin(), upstream.end(),
                                    [&](const auto& other) { return seen.count(other) == 0; });
    if (ahead == upstream.end()) {
      seen.insert(name);
      continue;
    }
    // Walking upstream among what is left must come back somewhere.
    std::vector<std::string> path = {name};
    while (true) {
      std::string next;
      for (const auto& other : upstream_of(path.back()))
        if (seen.count(other) == 0) next = other;
      const auto known = std::find(path.begin(), path.end(), next);
      if (known != path.end()) return {known, path.end()};
      path.push_back(next);
    }
  }
  return {};
}

void Topology::check(std::vector<Finding>& errors, std::vector<Finding>& warnings) const {
  const std::vector<std::string> ring = circle();
  for (const Ends& sender : senders_) {
    const auto listener = listeners_.find(sender.address);
    if (listener == listeners_.end()) {
      warnings.push_back(
          {sender.pipeline,
           {Errc::bad_config, "no pipeline listens on the address `" + sender.address + "`",
            sender.where}});
      continue;
    }
    const auto in_ring = [&](const std::string& name) {
      return std::find(ring.begin(), ring.end(), name) != ring.end();
    };
    if (!in_ring(sender.pipeline) || !in_ring(listener->second.pipeline)) continue;
    std::string path;
    for (auto name = ring.rbegin(); name != ring.rend(); ++name) path += *name + " -> ";
    errors.push_back({sender.pipeline,
                      {Errc::bad_config,
                       "pipelines send to each other in a circle (" + path + ring.back() +
                           "): it could never empty",
                       sender.where}});
  }
}

}  // namespace penstock
