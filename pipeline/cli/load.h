// From settings to plans: what a start, a test (-t) and a reload have in common. Main thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pipeline/cli/settings.h"
#include "pipeline/flow/pipeline.h"
#include "pipeline/flow/topology.h"

namespace penstock {

// One pipeline of the configuration, as far as it is right.
struct LoadedPipeline {
  RunSettings settings;
  Plan plan;
  Errors errors;                   // none: it can be made
  std::string fingerprint;         // equal: nothing has changed, its files included
  std::vector<std::string> files;  // its configuration's, and those that its plugins read
  const std::string& id() const { return settings.pipeline_id; }
};

struct Loaded {
  std::vector<LoadedPipeline> pipelines;
  std::vector<Topology::Finding> warnings;

  LoadedPipeline* find(const std::string& id);
  Errors all_errors() const;
  // Of those without errors.
  Topology topology() const;
};

// Errors go to the pipelines they belong to.
Loaded load_pipelines(const RunSettings& settings, const Registry& registry);
// Who sends to whom, checked again; what is wrong goes to the pipelines.
void check_topology(std::vector<LoadedPipeline*> pipelines,
                    std::vector<Topology::Finding>& warnings);
// For further errors of pipelines that won't run: makes what can be made of them.
void try_out(LoadedPipeline& loaded, const Registry& registry);

PipelineOptions pipeline_options(const RunSettings& settings,
                                 std::shared_ptr<const PipelineBus> bus);

// The pipeline with its dead-letter queue, or null and `loaded.errors`.
std::shared_ptr<Pipeline> make_pipeline(LoadedPipeline& loaded, const Registry& registry,
                                        MetricsRegistry& metrics,
                                        const std::shared_ptr<const PipelineBus>& bus,
                                        bool for_test);

}  // namespace penstock
