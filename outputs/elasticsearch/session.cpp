#include "outputs/elasticsearch/session.h"

#include <pthread.h>

#include <algorithm>

#include "pipeline/base/check.h"

namespace penstock::elastic {
namespace {

std::vector<std::string> common_headers(const SessionConfig& config) {
  std::vector<std::string> headers = config.headers;
  if (!config.authorization.empty()) headers.push_back("Authorization: " + config.authorization);
  return headers;
}

size_t weight(const Bulk& bulk) { return bulk.body.size() + bulk.compressed.size(); }

}  // namespace

void SessionMetrics::register_in(MetricScope& scope) {
  const Labels none;
  scope.counter("bulk_requests_successes", "Bulk requests with no failed item.", none,
                bulk_successes);
  scope.counter("bulk_requests_with_errors", "Bulk requests with failed items.", none,
                bulk_with_errors);
  scope.counter("bulk_requests_failures", "Bulk requests that failed as a whole.", none,
                bulk_failures);
  scope.counter("documents_successes", "Documents stored.", none, successes);
  scope.counter("documents_retryable_failures", "Answers that made a document go again.", none,
                retryable_failures);
  scope.counter("documents_non_retryable_failures", "Documents that the engine refused for good.",
                none, non_retryable_failures);
  scope.counter("documents_dlq_routed", "Documents put into the dead-letter queue.", none,
                dead_lettered);
  scope.counter("bulk_requests_bytes", "Bytes of bulk request bodies, as sent.", none, bytes_sent);
  scope.counter("bulk_requests_microseconds", "Time from sending a bulk request to its answer.",
                none, answer_microseconds);
  const auto value_of = [](const Gauge& gauge) {
    return [&gauge] { return static_cast<double>(gauge.value()); };
  };
  scope.gauge("bulk_requests_in_flight", "Bulk requests sent and not answered.", none,
              value_of(in_flight));
  scope.gauge("bulk_requests_concurrency", "How many bulk requests may be in flight now.", none,
              value_of(concurrency));
  scope.gauge("bulk_requests_open", "Bulk requests not settled, waiting ones too.", none,
              value_of(open_bulks));
}

Session::Session(SessionConfig config, DeadLetters* dead_letters)
    : config_(std::move(config)),
      dead_letters_(dead_letters),
      http_(config_.http),
      hosts_(config_.hosts, config_.resurrect_delay),
      installer_(config_.templates, config_.template_overwrite, http_, common_headers(config_),
                 complaints_),
      backoff_(config_.retry_initial, config_.retry_max, config_.seed),
      concurrency_(config_.in_flight_max),
      complaints_("elasticsearch") {
  if (config_.compression_level > 0) gzip_.emplace(config_.compression_level);
}

Session::~Session() { stop(Milliseconds(0)); }

void Session::start() {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "elasticsearch");
    run();
  });
}

bool Session::submit(std::unique_ptr<Bulk>& bulk, bool may_wait) {
  {
    std::unique_lock lock(mutex_);
    const auto has_room = [this] {
      return stopped_ || open_bulks_ == 0 ||
             (open_bytes_ < config_.open_bytes_max && open_bulks_ < kOpenBulksMax);
    };
    if (may_wait) room_.wait(lock, has_room);
    if (stopped_) return false;
    bulk->charged = weight(*bulk);
    ++open_bulks_;
    open_bytes_ += bulk->charged;
    inbox_.push_back(std::move(bulk));
  }
  http_.wake();
  return true;
}

std::unique_ptr<Bulk> Session::take_empty() {
  {
    std::lock_guard lock(mutex_);
    if (!spare_.empty()) {
      auto bulk = std::move(spare_.back());
      spare_.pop_back();
      return bulk;
    }
  }
  return std::make_unique<Bulk>();
}

void Session::stop(Milliseconds grace) {
  {
    std::lock_guard lock(mutex_);
    draining_ = true;
    give_up_at_ = std::chrono::steady_clock::now() + grace;
  }
  http_.wake();
  if (thread_.joinable()) thread_.join();
  std::lock_guard lock(mutex_);
  stopped_ = true;
  room_.notify_all();
  inbox_.clear();  // their shares go unsettled: replayed
}

bool Session::is_over(TimePoint now) {
  std::lock_guard lock(mutex_);
  if (!draining_) return false;
  drain_until_ = give_up_at_;
  return open_bulks_ == 0 || now >= give_up_at_;
}

void Session::run() {
  while (true) {
    const auto now = std::chrono::steady_clock::now();
    if (is_over(now)) break;
    collect();
    ask_hosts(now);
    write_letters(now);
    send_ready(now);
    http_.poll(next_wait(std::chrono::steady_clock::now()));
  }
  std::lock_guard lock(mutex_);
  if (open_bulks_)
    log::warn("elasticsearch",
              "stopped with {} bulk requests unanswered; their events are replayed", open_bulks_);
  stopped_ = true;
  room_.notify_all();
  waiting_.clear();
  letters_.clear();
  flying_.clear();
}

void Session::collect() {
  std::vector<std::unique_ptr<Bulk>> arrived;
  {
    std::lock_guard lock(mutex_);
    arrived.swap(inbox_);
    metrics_.open_bulks.set(static_cast<int64_t>(open_bulks_));
  }
  for (auto& bulk : arrived)
    (bulk->refusals.empty() ? waiting_ : letters_).push_back(std::move(bulk));
}

Session::Milliseconds Session::next_wait(TimePoint now) const {
  TimePoint next = now + kPollMax;
  if (const auto due = hosts_.next_due()) next = std::min(next, *due);
  const bool can_send =
      hosts_.any_up() && flying_.size() < concurrency_.limit() && installer_.done();
  if (can_send)
    for (const auto& bulk : waiting_) next = std::min(next, bulk->ready_at);
  for (const auto& bulk : letters_) next = std::min(next, bulk->ready_at);
  if (drain_until_) {
    if (waiting_.empty() && letters_.empty() && flying_.empty()) return Milliseconds(0);
    next = std::min(next, *drain_until_);
  }
  const auto wait = std::chrono::ceil<Milliseconds>(next - now);
  return std::clamp(wait, Milliseconds(0), kPollMax);
}

void Session::ask_hosts(TimePoint now) {
  while (const auto host = hosts_.due(now)) {
    HttpRequest request;
    request.method = "HEAD";
    request.url = hosts_.url(*host).base + config_.health_path;
    request.headers = common_headers(config_);
    http_.send(std::move(request),
               [this, which = *host](const HttpReply& reply) { on_health(which, reply); });
  }
  if (installer_.done() || installer_.running()) return;
  const auto host = hosts_.choose();
  if (!host) return;
  installer_.begin(hosts_.url(*host).base, [this, which = *host](const HttpReply& reply) {
    hosts_.mark_down(which, std::chrono::steady_clock::now());
    complain(
        "install " + hosts_.url(which).base,
        hosts_.url(which).base + ": templates can't be installed yet: " +
            (reply.status ? "status " + std::to_string(reply.status) +
                                (reply.status == 401 ? ", wrong user, password or api_key" : "")
                          : reply.error));
  });
}

void Session::on_health(size_t host, const HttpReply& reply) {
  const auto now = std::chrono::steady_clock::now();
  // Wrong credentials are told by the bulk requests; the host answers, that is all here.
  if (reply.status > 0 && reply.status < 500) {
    hosts_.mark_up(host);
    log::info("elasticsearch", "{}: answers again", hosts_.url(host).base);
    return;
  }
  hosts_.mark_down(host, now);
  complain("down " + hosts_.url(host).base,
           hosts_.url(host).base + ": " +
               (reply.status ? "status " + std::to_string(reply.status) : reply.error) +
               "; trying again");
}

void Session::complain(const std::string& kind, const std::string& message) {
  complaints_.write(log::Level::warn, kind, message, std::chrono::steady_clock::now());
}

std::vector<std::string> Session::headers_of(const Bulk& bulk) const {
  std::vector<std::string> headers = common_headers(config_);
  headers.emplace_back("Content-Type: application/x-ndjson");
  headers.push_back("X-Elastic-Event-Count: " + std::to_string(bulk.size()));
  if (!bulk.compressed.empty()) {
    headers.emplace_back("Content-Encoding: gzip");
    headers.push_back("X-Elastic-Uncompressed-Request-Length: " + std::to_string(bulk.body.size()));
  }
  return headers;
}

void Session::send_ready(TimePoint now) {
  metrics_.concurrency.set(concurrency_.limit());
  if (!installer_.done()) return;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (flying_.size() >= concurrency_.limit()) return;
    if ((*at)->ready_at > now) {
      ++at;
      continue;
    }
    const auto host = hosts_.choose();
    if (!host) return;
    std::unique_ptr<Bulk> bulk = std::move(*at);
    at = waiting_.erase(at);
    send(std::move(bulk), *host);
  }
}

void Session::send(std::unique_ptr<Bulk> bulk, size_t host) {
  if (gzip_ && bulk->compressed.empty()) gzip_->compress(bulk->body.view(), bulk->compressed);
  const uint64_t number = next_request_++;
  HttpRequest request;
  request.method = "POST";
  request.url = hosts_.url(host).base + config_.bulk_path;
  request.body = (bulk->compressed.empty() ? bulk->body : bulk->compressed).view();
  request.headers = headers_of(*bulk);
  metrics_.bytes_sent.add(request.body.size());
  flying_.emplace(number, std::move(bulk));
  metrics_.in_flight.set(static_cast<int64_t>(flying_.size()));
  http_.send(std::move(request),
             [this, number, host](const HttpReply& reply) { on_reply(number, host, reply); });
}

void Session::write_letters(TimePoint now) {
  for (auto at = letters_.begin(); at != letters_.end();) {
    if ((*at)->ready_at > now) {
      ++at;
      continue;
    }
    if (!write_letter_bulk(**at)) {
      (*at)->ready_at = now + backoff_.wait(++(*at)->attempts);
      ++at;
      continue;
    }
    std::unique_ptr<Bulk> bulk = std::move(*at);
    at = letters_.erase(at);
    release(std::move(bulk));
  }
}

bool Session::write_letter_bulk(Bulk& bulk) {
  const Status status = put_letters(bulk, dead_letters_, "elasticsearch", config_.plugin_id);
  if (!status.ok()) {
    complain("dead letters",
             "dead letters can't be written, holding them: " + status.error().text());
    return false;
  }
  for (uint32_t i = 0; i < bulk.size(); ++i) bulk.share_of(i).settle_dead(bulk.documents[i].row);
  metrics_.dead_lettered.add(bulk.size());
  return true;
}

void Session::add_open(std::unique_ptr<Bulk>& bulk) {
  bulk->charged = weight(*bulk);
  std::lock_guard lock(mutex_);
  ++open_bulks_;
  open_bytes_ += bulk->charged;
}

void Session::release(std::unique_ptr<Bulk> bulk) {
  const size_t charged = bulk->charged;
  bulk->clear(config_.bulk_keep_bytes);
  std::lock_guard lock(mutex_);
  CHECK(open_bulks_ > 0 && open_bytes_ >= charged, "a bulk is released once");
  --open_bulks_;
  open_bytes_ -= charged;
  if (spare_.size() < kSpareMax) spare_.push_back(std::move(bulk));
  room_.notify_all();
}

}  // namespace penstock::elastic
