// What the HTTP API answers: Logstash's `/` and `/_node/stats` with its field names for what
// exists, Prometheus' /metrics, and health. The API's thread; reads counters, never blocks a
// worker.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "pipeline/cli/json_text.h"
#include "pipeline/cli/settings.h"
#include "pipeline/flow/pipeline.h"
#include "pipeline/metrics/http_endpoint.h"

namespace penstock {

class Api {
 public:
  using Pipelines = std::vector<Pipeline*>;

  // `settings` are those of the process.
  Api(Pipelines pipelines, const MetricsRegistry& metrics, const RunSettings& settings);

  HttpResponse answer(const HttpRequest& request) const;
  // Whether /health/ready says yes: everything has started and nothing is being stopped.
  void set_ready(bool ready) { ready_.store(ready, std::memory_order_relaxed); }
  void set_address(std::string address) { address_ = std::move(address); }  // before requests

 private:
  HttpResponse metrics_text() const;
  HttpResponse health(bool good) const;
  std::string root() const;
  std::string stats(bool all, const Pipelines& shown) const;
  void write_node(JsonText& out) const;
  void write_pipeline(JsonText& out, Pipeline& pipeline) const;
  void write_plugins(JsonText& out, const Pipeline& pipeline, const char* title,
                     std::string_view kind) const;
  void write_process(JsonText& out) const;

  const Pipelines pipelines_;
  const MetricsRegistry& metrics_;
  RunSettings settings_;
  std::string node_id_;  // random, of this start
  std::string address_;
  std::atomic<bool> ready_{false};
};

// "ledger": sources and total, of all pipelines. Also part of the summary.
void write_ledger(JsonText& out, const std::vector<Pipeline*>& pipelines);

}  // namespace penstock
