// What the HTTP API answers: Logstash's `/` and `/_node/stats` with its field names for what
// exists, Prometheus' /metrics, and health. The API's thread; reads counters, never blocks a
// worker.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "pipeline/cli/json_text.h"
#include "pipeline/cli/reload.h"
#include "pipeline/cli/settings.h"
#include "pipeline/flow/supervisor.h"
#include "pipeline/metrics/http_endpoint.h"

namespace penstock {

class Api {
 public:
  using Pipelines = PipelineList::Pipelines;
  // Takes POST.
  static constexpr std::string_view kReloadPath = "/_penstock/reload";

  // `settings` are those of the process.
  Api(const PipelineList& pipelines, const MetricsRegistry& metrics, const RunSettings& settings,
      Reloader& reloader);

  HttpResponse answer(const HttpRequest& request) const;
  // Whether /health/ready says yes: everything has started and nothing is being stopped.
  void set_ready(bool ready) { ready_.store(ready, std::memory_order_relaxed); }
  void set_address(std::string address) { address_ = std::move(address); }  // before requests

 private:
  HttpResponse metrics_text() const;
  HttpResponse health(bool good) const;
  std::string root() const;
  HttpResponse reload(const HttpRequest& request) const;
  std::string stats(bool all, const Pipelines& shown) const;
  void write_node(JsonText& out) const;
  void write_pipeline(JsonText& out, const std::shared_ptr<Pipeline>& pipeline) const;
  void write_plugins(JsonText& out, const Pipeline& pipeline, const char* title,
                     std::string_view kind) const;
  void write_process(JsonText& out) const;
  uint64_t uptime_ms() const;

  const PipelineList& pipelines_;
  const MetricsRegistry& metrics_;
  Reloader& reloader_;
  RunSettings settings_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::string node_id_;  // random, of this start
  std::string address_;
  std::atomic<bool> ready_{false};
};

// "ledger": sources and total, of all pipelines. Also part of the summary.
void write_ledger(JsonText& out, const PipelineList::Pipelines& pipelines);

}  // namespace penstock
