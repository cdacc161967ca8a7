// The session against a scripted engine: whatever it answers, every document ends stored or
// dead-lettered, and the ledger adds up.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "outputs/elasticsearch/document_encoder.h"
#include "outputs/elasticsearch/session.h"
#include "tests/support/dead_letters.h"
#include "tests/support/events.h"
#include "tests/support/fake_engine.h"

namespace penstock::elastic {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeEngine;

class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    auto origin = std::make_shared<Origin>();
    origin->ledger = &ledger_.source("in", "stream");
    origin_ = origin;
  }

  SessionConfig config(std::vector<std::string> urls) {
    SessionConfig config;
    for (const auto& url : urls) config.hosts.push_back(parse_host(url, {}).value());
    config.retry_initial = milliseconds(2);
    config.retry_max = milliseconds(20);
    config.resurrect_delay = milliseconds(20);
    config.http.timeout = seconds(30);
    config.plugin_id = "es";
    return config;
  }
  void start(SessionConfig config) {
    session_ = std::make_unique<Session>(std::move(config), &letters_);
    session_->start();
  }
  void start() { start(config({engine_.url()})); }

  // One bulk with these events, settled through the ledger.
  void submit(const std::vector<std::string>& events, ItemConfig item = {}) {
    if (item.index.empty()) item.index = "logs";
    auto encoder = DocumentEncoder::make(item, nullptr).value();
    Batch batch;
    batch.begin(origin_, {});
    for (const std::string& event : events) test::add_event(batch, event);
    auto settlement = std::make_shared<Settlement>();
    settlement->count(batch);
    ledger_.source("in", "stream").read.add(events.size());
    const auto share =
        std::make_shared<Share>(settlement->share(), static_cast<uint32_t>(events.size()));
    settlement->close();
    auto bulk = session_->take_empty();
    for (Row row = 0; row < batch.size(); ++row) {
      bulk->own(share);
      encoder.append(batch[row], row, *bulk);
    }
    ASSERT_TRUE(session_->submit(bulk, true));
  }

  // Everything was answered; the ledger says how.
  void expect_settled(uint64_t delivered, uint64_t dead) {
    session_->stop(seconds(60));
    const auto total = ledger_.total();
    EXPECT_EQ(total.delivered, delivered);
    EXPECT_EQ(total.dead_lettered, dead);
    EXPECT_EQ(total.in_flight, 0);
  }

  Ledger ledger_;
  test::MemoryDeadLetters letters_;
  FakeEngine engine_;
  std::shared_ptr<const Origin> origin_;
  std::unique_ptr<Session> session_;
};

TEST_F(SessionTest, settles_what_the_engine_stored) {
  start();
  submit({R"({"n":1})", R"({"n":2})"});
  expect_settled(2, 0);
  ASSERT_EQ(engine_.stored().size(), 2U);
  EXPECT_EQ(engine_.stored()[1].index, "logs");
  EXPECT_EQ(engine_.stored()[1].document, R"({"n":2})");
  EXPECT_EQ(engine_.bulks()[0].headers.at("content-type"), "application/x-ndjson");
  EXPECT_EQ(engine_.bulks()[0].headers.at("x-elastic-event-count"), "2");
}

TEST_F(SessionTest, repeats_only_the_items_that_may_succeed_later) {
  engine_.script(FakeEngine::items({201, 429, 503, 200}));
  engine_.script(FakeEngine::items({500, 201}));
  start();
  submit({R"({"n":1})", R"({"n":2})", R"({"n":3})", R"({"n":4})"});
  expect_settled(4, 0);
  ASSERT_EQ(engine_.stored().size(), 4U);
  EXPECT_EQ(engine_.stored()[2].document, R"({"n":3})");
  EXPECT_EQ(engine_.stored()[3].document, R"({"n":2})");
  EXPECT_EQ(engine_.bulks().size(), 3U);
}

TEST_F(SessionTest, puts_refused_items_into_the_dead_letter_queue) {
  engine_.script(FakeEngine::items({400, 201, 404}));
  start();
  submit({R"({"n":1,"@metadata":{"k":"v"}})", R"({"n":2})", R"({"n":3})"});
  expect_settled(1, 2);
  const auto letters = letters_.letters();
  ASSERT_EQ(letters.size(), 2U);
  EXPECT_EQ(letters[0].event_json, R"({"n":1})");
  EXPECT_EQ(letters[0].metadata_json, R"({"k":"v","_bulk_action":{"index":{"_index":"logs"}}})");
  EXPECT_EQ(letters[0].status, 400);
  EXPECT_EQ(letters[0].reason, "type_400: refused by script");
  EXPECT_EQ(letters[0].plugin_id, "es");
  EXPECT_EQ(letters[1].metadata_json, R"({"_bulk_action":{"index":{"_index":"logs"}}})");
  EXPECT_GE(letters_.syncs(), 1);
}

TEST_F(SessionTest, takes_a_conflict_on_create_for_stored) {
  engine_.script(FakeEngine::items({409}));
  start();
  ItemConfig item;
  item.action = "create";
  item.document_id = "%{n}";
  submit({R"({"n":1})"}, item);
  expect_settled(1, 0);
  EXPECT_TRUE(letters_.letters().empty());
}

TEST_F(SessionTest, keeps_an_update_that_lost_against_another) {
  engine_.script(FakeEngine::items({409}));
  start();
  ItemConfig item;
  item.action = "update";
  item.document_id = "%{n}";
  submit({R"({"n":1})"}, item);
  expect_settled(0, 1);
  EXPECT_EQ(letters_.letters()[0].event_json, R"({"n":1})");
}

TEST_F(SessionTest, holds_dead_letters_while_the_queue_cannot_take_them) {
  letters_.fail(3);
  engine_.script(FakeEngine::items({400, 400}));
  start();
  submit({R"({"n":1})", R"({"n":2})"});
  expect_settled(0, 2);
  EXPECT_EQ(letters_.letters().size(), 2U);
}

TEST_F(SessionTest, repeats_requests_that_failed_as_a_whole) {
  for (const int status : {503, 429, 500, 502, 401, 403, 404, 301})
    engine_.script(FakeEngine::status(status));
  start();
  submit({R"({"n":1})"});
  expect_settled(1, 0);
  EXPECT_EQ(engine_.bulks().size(), 9U);
}

TEST_F(SessionTest, repeats_requests_without_a_sensible_answer) {
  for (const char* body :
       {"", "{", "[]", "{}", R"({"items":[]})", R"({"items":[{}]})", R"({"items":[{"index":{}}]})",
        R"({"items":[{"index":{"status":201}},{"index":{"status":201}}]})",
        R"({"items":[{"index":{"status":"201"}}]})", R"({"items":[{"index":{"status":9}}]})"})
    engine_.script(FakeEngine::answer(body));
  start();
  submit({R"({"n":1})"});
  expect_settled(1, 0);
  EXPECT_EQ(engine_.stored().size(), 1U);
}

TEST_F(SessionTest, loses_nothing_when_connections_are_cut) {
  engine_.script(FakeEngine::cut_before());
  engine_.script(FakeEngine::cut_after_storing());
  engine_.script(FakeEngine::cut_in_answer());
  start();
  ItemConfig item;
  item.document_id = "%{n}";
  submit({R"({"n":1})", R"({"n":2})"}, item);
  expect_settled(2, 0);
  EXPECT_EQ(engine_.bulks().size(), 4U);
  for (const auto& document : engine_.stored())
    EXPECT_EQ(document.document, R"({"n":)" + document.id + "}");
}

TEST_F(SessionTest, halves_a_request_that_is_too_large) {
  const auto too_large = [](FakeEngine& engine, const test::EngineRequest& request) {
    if (request.body.size() > 100) return test::EngineAnswer{413, ""};
    return test::EngineAnswer{200, engine.store(request)};
  };
  for (int i = 0; i < 20; ++i) engine_.script(too_large);
  start();
  std::vector<std::string> events;
  for (int i = 0; i < 7; ++i) events.push_back(R"({"n":)" + std::to_string(i) + "}");
  events.push_back(R"({"text":")" + std::string(200, 'x') + R"("})");
  submit(events);
  expect_settled(7, 1);
  EXPECT_EQ(engine_.stored().size(), 7U);
  EXPECT_EQ(letters_.letters()[0].status, 413);
}

TEST_F(SessionTest, finds_the_item_that_spoils_a_request) {
  const auto spoilt = [](FakeEngine& engine, const test::EngineRequest& request) {
    if (request.body.find("bad") != std::string::npos)
      return test::EngineAnswer{400, R"({"error":{"type":"illegal_argument","reason":"no"}})"};
    return test::EngineAnswer{200, engine.store(request)};
  };
  for (int i = 0; i < 20; ++i) engine_.script(spoilt);
  start();
  submit({R"({"n":1})", R"({"n":2})", R"({"n":"bad"})", R"({"n":4})", R"({"n":5})"});
  expect_settled(4, 1);
  EXPECT_EQ(letters_.letters()[0].event_json, R"({"n":"bad"})");
  EXPECT_EQ(letters_.letters()[0].reason, "illegal_argument: no");
}

TEST_F(SessionTest, goes_to_another_host_when_one_is_down) {
  uint16_t dead_port = 0;
  { dead_port = FakeEngine().port(); }
  start(config({"http://127.0.0.1:" + std::to_string(dead_port), engine_.url()}));
  for (int i = 0; i < 5; ++i) submit({R"({"n":1})"});
  expect_settled(5, 0);
  EXPECT_EQ(engine_.stored().size(), 5U);
}

TEST_F(SessionTest, waits_for_an_engine_that_comes_up_later) {
  uint16_t port = 0;
  { port = FakeEngine().port(); }
  start(config({"http://127.0.0.1:" + std::to_string(port)}));
  submit({R"({"n":1})"});
  ASSERT_TRUE(engine_.wait_for([&] { return session_->metrics().bulk_failures.value() > 0; }));
  FakeEngine late(port);
  expect_settled(1, 0);
  EXPECT_EQ(late.stored().size(), 1U);
}

TEST_F(SessionTest, lets_the_input_replay_what_is_unanswered_when_it_stops) {
  engine_.script(FakeEngine::hold());
  start();
  submit({R"({"n":1})"});
  ASSERT_TRUE(engine_.wait_for_bulks(1));
  session_->stop(milliseconds(0));
  EXPECT_EQ(ledger_.total().delivered, 0U);
  EXPECT_EQ(ledger_.total().in_flight, 1);
}

TEST_F(SessionTest, makes_the_workers_wait_when_the_engine_is_slow) {
  engine_.script(FakeEngine::hold());
  auto slow = config({engine_.url()});
  slow.open_bytes_max = 1;
  start(std::move(slow));
  submit({R"({"n":1})"});
  std::atomic<bool> taken{false};
  std::thread worker([&] {
    submit({R"({"n":2})"});
    taken = true;
  });
  ASSERT_TRUE(engine_.wait_for_bulks(1));
  EXPECT_FALSE(taken);
  engine_.release();
  worker.join();
  expect_settled(2, 0);
}

TEST_F(SessionTest, lets_a_waiting_worker_go_when_it_stops) {
  engine_.script(FakeEngine::hold());
  auto slow = config({engine_.url()});
  slow.open_bytes_max = 1;
  start(std::move(slow));
  submit({R"({"n":1})"});
  ASSERT_TRUE(engine_.wait_for_bulks(1));
  bool taken = true;
  std::thread worker([&] {
    auto bulk = std::make_unique<Bulk>();
    taken = session_->submit(bulk, true);
  });
  session_->stop(milliseconds(0));
  worker.join();
  EXPECT_FALSE(taken);
}

TEST_F(SessionTest, compresses_when_told_to) {
  for (const int level : {1, 6}) {
    auto own = config({engine_.url()});
    own.compression_level = level;
    start(std::move(own));
    submit({R"({"n":1})"});
    session_->stop(seconds(60));
    EXPECT_EQ(engine_.bulks().back().headers.at("content-encoding"), "gzip");
  }
  EXPECT_EQ(engine_.stored().size(), 2U);
}

TEST_F(SessionTest, installs_templates_before_the_first_bulk) {
  auto own = config({engine_.url()});
  own.templates.push_back(default_template("t", "logs-*", TemplateApi::automatic));
  start(std::move(own));
  submit({R"({"n":1})"});
  expect_settled(1, 0);
  const auto others = engine_.others();
  ASSERT_EQ(others.size(), 3U);  // version, is it there, put
  EXPECT_EQ(others[2].method, "PUT");
  EXPECT_EQ(others[2].path, "/_index_template/t");
  EXPECT_NE(others[2].body.find(R"("logs-*")"), std::string::npos);
}

TEST_F(SessionTest, goes_on_without_a_template_that_the_engine_refuses) {
  engine_.on_other([](FakeEngine&, const test::EngineRequest& request) {
    if (request.method == "GET")
      return test::EngineAnswer{200, R"({"version":{"number":"7.4.2"}})"};
    return test::EngineAnswer{request.method == "HEAD" ? 404 : 400, ""};
  });
  auto own = config({engine_.url()});
  own.templates.push_back(default_template("t", "logs-*", TemplateApi::automatic));
  start(std::move(own));
  submit({R"({"n":1})"});
  expect_settled(1, 0);
  EXPECT_EQ(engine_.others().back().path, "/_template/t");
}

TEST_F(SessionTest, never_puts_credentials_into_an_url) {
  auto own = config({"http://me:secret@127.0.0.1:" + std::to_string(engine_.port()) + "/es"});
  EXPECT_EQ(own.hosts[0].base, engine_.url() + "/es");
  EXPECT_EQ(own.hosts[0].user, "me");
  EXPECT_EQ(own.hosts[0].password, "secret");
  own.authorization = "Basic eA==";
  start(std::move(own));
  submit({R"({"n":1})"});
  expect_settled(1, 0);
  EXPECT_EQ(engine_.bulks()[0].headers.at("authorization"), "Basic eA==");
  EXPECT_TRUE(engine_.bulks()[0].path.starts_with("/es/_bulk"));
}

}  // namespace
}  // namespace penstock::elastic
