// The options of the elasticsearch output, and what becomes of them.
#pragma once

#include <chrono>
#include <span>

#include "outputs/elasticsearch/document_encoder.h"
#include "outputs/elasticsearch/session.h"
#include "pipeline/config/settings.h"
#include "pipeline/plugin/context.h"

namespace penstock::elastic {

struct ElasticsearchConfig {
  ItemConfig item;
  SessionConfig session;
  uint32_t flush_documents = 10'000;
  size_t flush_bytes = size_t{2} << 20;
  std::chrono::milliseconds flush_interval{200};
};

std::span<const Option> elasticsearch_options();
Result<ElasticsearchConfig> read_options(const Settings& settings, const Context& context);

}  // namespace penstock::elastic
