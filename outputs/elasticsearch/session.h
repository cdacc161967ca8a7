// Session: what happens to a bulk after a worker filled it. Its own thread sends bulks to hosts
// that answer, as many at a time as the engine takes, and gives each document its answer:
//
//   2xx, and 409 for create      stored: settled
//   429, 5xx, 401, 403, 408      again, alone, after a wait that doubles up to a limit, for ever
//   other 4xx, dlq_custom_codes  dead-letter queue, then settled
//   no or no sensible answer     the whole request again, on another host when there is one
//   413 to the request           in two halves
//
// Nothing else ends a document: what the session lets go of when it is stopped is replayed by the
// input. Memory is bounded: submit() waits while open bulks hold more than open_bytes_max.
//
// Tested by tests/outputs/elasticsearch_session_test.cpp against a scripted engine.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "outputs/elasticsearch/backoff.h"
#include "outputs/elasticsearch/bulk.h"
#include "outputs/elasticsearch/bulk_response.h"
#include "outputs/elasticsearch/complaints.h"
#include "outputs/elasticsearch/compress.h"
#include "outputs/elasticsearch/hosts.h"
#include "outputs/elasticsearch/http.h"
#include "outputs/elasticsearch/template_installer.h"
#include "pipeline/metrics/counter.h"
#include "pipeline/metrics/scope.h"
#include "pipeline/plugin/dead_letters.h"

namespace penstock::elastic {

struct SessionConfig {
  std::vector<HostUrl> hosts;
  HttpConfig http;
  std::string authorization;         // value of the header; "" = none; never logged
  std::vector<std::string> headers;  // "Name: value"
  std::string bulk_path = "/_bulk";  // with its query
  std::string health_path = "/";
  int compression_level = 0;  // 0: as it stands
  std::chrono::milliseconds retry_initial{2'000};
  std::chrono::milliseconds retry_max{64'000};
  std::chrono::milliseconds resurrect_delay{5'000};
  uint32_t in_flight_max = 4;
  size_t open_bytes_max = size_t{8} << 20;
  size_t bulk_keep_bytes = size_t{4} << 20;  // larger memory isn't used again
  std::set<int> dead_letter_codes;           // besides 400 and 404
  std::set<std::string> drop_error_types;
  std::set<std::string> silenced_error_types;
  std::vector<IndexTemplate> templates;
  bool template_overwrite = false;
  std::string plugin_id;
  uint64_t seed = 1;
};

// As Logstash's node stats name them.
struct SessionMetrics {
  Counter bulk_successes, bulk_with_errors, bulk_failures;
  Counter successes, retryable_failures, non_retryable_failures, dead_lettered;
  Counter bytes_sent, answer_microseconds;
  Gauge in_flight, concurrency, open_bulks;

  void register_in(MetricScope& scope);
};

class Session {
 public:
  Session(SessionConfig config, DeadLetters* dead_letters);
  ~Session();  // stop(0)

  void start();
  // Any thread. Waits for room when `may_wait`. False: the session was stopped, the bulk is kept.
  bool submit(std::unique_ptr<Bulk>& bulk, bool may_wait);
  // Any thread: an empty bulk, with memory of one that is done if there is one.
  std::unique_ptr<Bulk> take_empty();
  // Waits up to `grace` for everything open, then lets go.
  void stop(std::chrono::milliseconds grace);

  SessionMetrics& metrics() { return metrics_; }
  const SessionConfig& config() const { return config_; }

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Milliseconds = std::chrono::milliseconds;
  static constexpr size_t kSpareMax = 8;
  static constexpr size_t kOpenBulksMax = 1024;
  static constexpr Milliseconds kPollMax{1'000};

  // Session thread.
  void run();
  bool is_over(TimePoint now);
  void collect();
  void ask_hosts(TimePoint now);
  void on_health(size_t host, const HttpReply& reply);
  void write_letters(TimePoint now);
  bool write_letter_bulk(Bulk& bulk);
  void send_ready(TimePoint now);
  void send(std::unique_ptr<Bulk> bulk, size_t host);
  Milliseconds next_wait(TimePoint now) const;

  void on_reply(uint64_t request, size_t host, const HttpReply& reply);
  void on_no_answer(std::unique_ptr<Bulk> bulk, size_t host, const HttpReply& reply);
  void on_items(std::unique_ptr<Bulk> bulk, size_t host, const HttpReply& reply);
  void on_failed_items(std::unique_ptr<Bulk> bulk, size_t host, TimePoint sent,
                       std::vector<ItemFailure> failures);
  void on_refused(std::unique_ptr<Bulk> bulk, size_t host, const HttpReply& reply);
  enum class Fate : uint8_t { stored, again, dead };
  Fate fate_of(const Bulk& bulk, const ItemFailure& failure) const;

  void again(std::unique_ptr<Bulk> bulk, TimePoint now, bool at_once = false);
  void halve(std::unique_ptr<Bulk> bulk);
  void refuse_all(std::unique_ptr<Bulk> bulk, int status, const std::string& reason);
  void add_open(std::unique_ptr<Bulk>& bulk);  // counts a bulk made here
  void release(std::unique_ptr<Bulk> bulk);
  void complain(const std::string& kind, const std::string& message);
  std::vector<std::string> headers_of(const Bulk& bulk) const;

  SessionConfig config_;
  DeadLetters* dead_letters_;
  SessionMetrics metrics_;
  HttpClient http_;
  Hosts hosts_;
  TemplateInstaller installer_;
  BulkResponseParser parser_;
  Backoff backoff_;
  Concurrency concurrency_;
  Complaints complaints_;
  std::optional<Gzip> gzip_;
  std::deque<std::unique_ptr<Bulk>> waiting_;
  std::deque<std::unique_ptr<Bulk>> letters_;
  std::map<uint64_t, std::unique_ptr<Bulk>> flying_;
  uint64_t next_request_ = 0;
  std::optional<TimePoint> drain_until_;

  std::mutex mutex_;  // what follows
  std::condition_variable room_;
  std::vector<std::unique_ptr<Bulk>> inbox_;
  std::vector<std::unique_ptr<Bulk>> spare_;
  size_t open_bulks_ = 0;
  size_t open_bytes_ = 0;
  bool draining_ = false;
  bool stopped_ = false;
  TimePoint give_up_at_{};
  std::thread thread_;
};

}  // namespace penstock::elastic
