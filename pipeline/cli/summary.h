// What a run did, in the end: as a JSON document (--summary FILE), and as one screen for people
// (`penstock summary FILE`, --summary -). Main thread.
#pragma once

#include <string>
#include <string_view>

#include "pipeline/base/result.h"
#include "pipeline/flow/supervisor.h"

namespace penstock {

// {"version","pipeline","seconds","complete","ledger","plugins","metrics"}
std::string summary_json(const PipelineList::Pipelines& pipelines, const MetricsRegistry& metrics,
                         double seconds, bool complete);
// The screen, of such a document.
Result<std::string> summary_text(std::string_view json);

// To a file, or as text to standard error when `path` is "-".
Status write_summary(const std::string& path, const std::string& json);
// `penstock summary FILE`; the exit code.
int summary_command(const std::string& path);

}  // namespace penstock
