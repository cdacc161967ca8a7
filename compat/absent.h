// The plugins that Logstash has or had, bundled or common, and this binary lacks, each with what
// to use instead. For errors, `penstock compat` and its page. A plugin that is added later hides
// its line here.
#pragma once

#include <span>

#include "pipeline/plugin/registry.h"

namespace penstock {

std::span<const AbsentPlugin> absent_plugins();

}  // namespace penstock
