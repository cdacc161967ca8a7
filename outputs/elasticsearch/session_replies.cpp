// The session's answers: what each reply means for a bulk and for its documents.
#include <fmt/format.h>

#include <algorithm>

#include "outputs/elasticsearch/session.h"
#include "pipeline/base/check.h"

namespace penstock::elastic {
namespace {

bool is_overload(int64_t status) { return status == 429 || status == 503; }

std::string advice(int64_t status) {
  switch (status) {
    case 401:
      return " (wrong user, password or api_key)";
    case 403:
      return " (the user may not write there)";
    case 404:
      return " (is the path right?)";
    default:
      return "";
  }
}

}  // namespace

void Session::on_reply(uint64_t request, size_t host, const HttpReply& reply) {
  const auto found = flying_.find(request);
  CHECK(found != flying_.end(), "a reply to a request in flight");
  std::unique_ptr<Bulk> bulk = std::move(found->second);
  flying_.erase(found);
  metrics_.in_flight.set(static_cast<int64_t>(flying_.size()));
  if (reply.status == 0) return on_no_answer(std::move(bulk), host, reply);
  const auto took = std::chrono::steady_clock::now() - reply.sent;
  metrics_.answer_microseconds.add(
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  if (reply.status == 200) return on_items(std::move(bulk), host, reply);
  on_refused(std::move(bulk), host, reply);
}

void Session::on_no_answer(std::unique_ptr<Bulk> bulk, size_t host, const HttpReply& reply) {
  const auto now = std::chrono::steady_clock::now();
  metrics_.bulk_failures.add();
  metrics_.retryable_failures.add(bulk->size());
  hosts_.mark_down(host, now);
  concurrency_.overloaded(reply.sent, now);
  complain("down " + hosts_.url(host).base,
           hosts_.url(host).base + ": " + reply.error + "; trying again");
  const bool another = hosts_.any_up() && bulk->attempts < hosts_.size();
  again(std::move(bulk), now, another);
}

void Session::again(std::unique_ptr<Bulk> bulk, TimePoint now, bool at_once) {
  ++bulk->attempts;
  bulk->ready_at = at_once ? now : now + backoff_.wait(bulk->attempts);
  waiting_.push_back(std::move(bulk));
}

void Session::on_refused(std::unique_ptr<Bulk> bulk, size_t host, const HttpReply& reply) {
  const auto now = std::chrono::steady_clock::now();
  const std::string reason = parser_.error_reason(reply.body);
  metrics_.bulk_failures.add();
  if (reply.status == 413) {
    if (bulk->size() > 1) return halve(std::move(bulk));
    return refuse_all(std::move(bulk), 413, "the document is larger than the engine accepts");
  }
  if (reply.status == 400 && !reason.empty()) {
    // One item can spoil the whole request; halving finds it.
    if (bulk->size() > 1) return halve(std::move(bulk));
    return refuse_all(std::move(bulk), 400, reason);
  }
  metrics_.retryable_failures.add(bulk->size());
  if (is_overload(reply.status)) concurrency_.overloaded(reply.sent, now);
  complain(fmt::format("status {} {}", reply.status, hosts_.url(host).base),
           fmt::format("{}: status {}{}{}{}; trying again", hosts_.url(host).base, reply.status,
                       advice(reply.status), reason.empty() ? "" : ": ", reason));
  again(std::move(bulk), now);
}

void Session::halve(std::unique_ptr<Bulk> bulk) {
  const uint32_t middle = bulk->size() / 2;
  for (const auto& [begin, end] :
       {std::pair<uint32_t, uint32_t>{0, middle}, {middle, bulk->size()}}) {
    auto half = std::make_unique<Bulk>();
    half->attempts = bulk->attempts;
    for (uint32_t i = begin; i < end; ++i) half->take(*bulk, i);
    add_open(half);
    waiting_.push_front(std::move(half));
  }
  release(std::move(bulk));
}

void Session::refuse_all(std::unique_ptr<Bulk> bulk, int status, const std::string& reason) {
  metrics_.non_retryable_failures.add(bulk->size());
  bulk->refusals.assign(bulk->size(), Refusal{status, reason});
  letters_.push_back(std::move(bulk));
}

void Session::on_items(std::unique_ptr<Bulk> bulk, size_t host, const HttpReply& reply) {
  auto parsed = parser_.parse(reply.body, bulk->size());
  if (!parsed.ok()) {
    const auto now = std::chrono::steady_clock::now();
    metrics_.bulk_failures.add();
    metrics_.retryable_failures.add(bulk->size());
    complain("answer " + hosts_.url(host).base,
             hosts_.url(host).base + ": " + parsed.error().message + "; sending it again");
    return again(std::move(bulk), now);
  }
  if (!parsed.value().empty())
    return on_failed_items(std::move(bulk), host, reply.sent, std::move(parsed).value());
  metrics_.bulk_successes.add();
  metrics_.successes.add(bulk->size());
  concurrency_.answered();
  settle_all(*bulk);
  release(std::move(bulk));
}

Session::Fate Session::fate_of(const Bulk& bulk, const ItemFailure& failure) const {
  const int status = failure.outcome.status;
  if (config_.dead_letter_codes.count(status)) return Fate::dead;
  if (config_.drop_error_types.count(failure.outcome.error_type)) return Fate::stored;
  if (status == 409)  // there already, or a newer version of it; but a lost update is lost
    return bulk.action_line(failure.document).starts_with("{\"update\"") ? Fate::dead
                                                                         : Fate::stored;
  if (status == 401 || status == 403 || status == 408 || status == 429) return Fate::again;
  return status >= 400 && status < 500 ? Fate::dead : Fate::again;
}

void Session::on_failed_items(std::unique_ptr<Bulk> bulk, size_t host, TimePoint sent,
                              std::vector<ItemFailure> failures) {
  const auto now = std::chrono::steady_clock::now();
  auto repeated = std::make_unique<Bulk>();
  auto refused = std::make_unique<Bulk>();
  auto next = failures.begin();
  bool overload = false;
  for (uint32_t document = 0; document < bulk->size(); ++document) {
    if (next == failures.end() || next->document != document) {
      bulk->share_of(document).settle(1);
      continue;
    }
    ItemOutcome& outcome = next->outcome;
    const Fate fate = fate_of(*bulk, *next++);
    overload |= is_overload(outcome.status);
    if (fate != Fate::stored && !config_.silenced_error_types.count(outcome.error_type))
      complain(fmt::format("item {} {}", outcome.status, outcome.error_type),
               fmt::format("{}: {}: status {}, {}", hosts_.url(host).base,
                           fate == Fate::again ? "a document goes again" : "a dead letter",
                           outcome.status, outcome.error_type));
    if (fate == Fate::stored) {
      bulk->share_of(document).settle(1);
    } else if (fate == Fate::again) {
      repeated->take(*bulk, document);
    } else {
      refused->take(*bulk, document);
      refused->refusals.push_back({outcome.status, std::move(outcome.reason)});
    }
  }
  metrics_.bulk_with_errors.add();
  metrics_.retryable_failures.add(repeated->size());
  metrics_.non_retryable_failures.add(refused->size());
  metrics_.successes.add(bulk->size() - repeated->size() - refused->size());
  if (overload)
    concurrency_.overloaded(sent, now);
  else
    concurrency_.answered();
  if (!refused->empty()) {
    add_open(refused);
    letters_.push_back(std::move(refused));
  }
  if (!repeated->empty()) {
    repeated->attempts = bulk->attempts;
    add_open(repeated);
    again(std::move(repeated), now);
  }
  release(std::move(bulk));
}

}  // namespace penstock::elastic
