// From settings to an exit code: configuration, plan, pipeline, API, supervisor. Main thread.
#pragma once

#include "pipeline/cli/options.h"
#include "pipeline/cli/settings.h"
#include "pipeline/plugin/registry.h"

namespace penstock {

// -t, or the real thing.
int run(const CommandLine& line, const RunSettings& settings, const Registry& registry);

}  // namespace penstock
