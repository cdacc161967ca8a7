#include "filters/aggregate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "tests/support/own_state.h"

namespace penstock {
namespace {

// Several filters of one pipeline, each with an id of its own.
class AggregateTest : public testing::Test {
 protected:
  std::unique_ptr<Filter> make(std::string_view options, uint32_t worker = 0) {
    Context context = own_.context;
    context.plugin_id = fmt::format("aggregate_{}", worker ? made_ : ++made_);
    context.worker = worker;
    auto made = aggregate_filter().make(
        test::settings_of(PluginKind::filter, aggregate_filter().info, options), context);
    error_ = made.ok() ? "" : made.error().text();
    return made.ok() ? std::move(made).value() : nullptr;
  }
  // The documents after the filter, a line each; @timestamp and @version left out.
  std::string run(Filter& filter, std::string_view json) {
    Batch batch;
    const Row row = test::add_event(batch, json);
    matched_.clear();
    filter.apply(batch, std::span(&row, 1), matched_);
    return documents(batch);
  }
  std::string tick(Filter& filter) {
    Batch batch;
    filter.tick(batch, own_.clock.steady());
    return documents(batch);
  }
  std::string finish(Filter& filter) {
    Batch batch;
    filter.finish(batch);
    return documents(batch);
  }
  static std::string documents(Batch& batch) {
    std::string out;
    for (Row row = 0; row < batch.size(); ++row) {
      if (!batch[row].alive()) continue;
      batch[row].erase(FieldRef::of("@timestamp"));
      batch[row].erase(FieldRef::of("@version"));
      if (!out.empty()) out += "\n";
      out += test::to_json(batch[row]);
    }
    return out;
  }

  test::OwnState own_;
  int made_ = 0;
  std::string error_;
  std::vector<Row> matched_;
};

TEST_F(AggregateTest, one_filter_starts_another_adds_a_third_ends) {
  auto start = make(R"x(task_id => "%{id}" map_action => "create" code => "map['sum'] = 0")x");
  auto add = make(R"x(task_id => "%{id}" map_action => "update"
      code => "map['sum'] += event.get('n')")x");
  auto last = make(R"x(task_id => "%{id}" map_action => "update" end_of_task => true
      code => "event.set('sum', map['sum'])")x");
  run(*start, R"({"id":"a"})");
  EXPECT_EQ(matched_.size(), 1U);
  run(*add, R"({"id":"a","n":5})");
  run(*add, R"({"id":"b","n":7})");  // never started
  EXPECT_TRUE(matched_.empty());
  run(*add, R"({"id":"a","n":6})");
  EXPECT_EQ(run(*last, R"({"id":"a"})"), R"({"id":"a","sum":11})");
  EXPECT_EQ(run(*last, R"({"id":"a"})"), R"({"id":"a"})");
}

TEST_F(AggregateTest, events_without_the_id_pass) {
  auto filter = make(R"x(task_id => "%{id}" code => "map['n'] = 1; event.set('x', 1)")x");
  EXPECT_EQ(run(*filter, R"({"a":1})"), R"({"a":1})");
  EXPECT_TRUE(matched_.empty());
}

TEST_F(AggregateTest, an_expired_map_becomes_an_event) {
  auto filter = make(R"x(task_id => "%{id}" timeout => 60 push_map_as_event_on_timeout => true
      timeout_task_id_field => "user" timeout_tags => ["late"]
      code => "map['clicks'] ||= 0; map['clicks'] += 1"
      timeout_code => "event.set('many', event.get('clicks') > 1)")x");
  run(*filter, R"({"id":"a"})");
  own_.clock.advance(std::chrono::seconds(59));
  run(*filter, R"({"id":"a"})");
  EXPECT_EQ(tick(*filter), "");
  own_.clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(tick(*filter), R"({"clicks":2,"many":true,"tags":["late"],"user":"a"})");
  EXPECT_EQ(tick(*filter), "");
}

TEST_F(AggregateTest, inactivity_counts_from_the_last_event) {
  auto filter = make(R"x(task_id => "%{id}" timeout => 600 inactivity_timeout => 10
      push_map_as_event_on_timeout => true code => "map['n'] = event.get('n')")x");
  run(*filter, R"({"id":"a","n":1})");
  own_.clock.advance(std::chrono::seconds(9));
  run(*filter, R"({"id":"a","n":2})");
  own_.clock.advance(std::chrono::seconds(9));
  EXPECT_EQ(tick(*filter), "");
  own_.clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(tick(*filter), R"({"n":2})");
}

TEST_F(AggregateTest, the_map_before_becomes_an_event_when_a_new_one_starts) {
  auto filter = make(R"x(task_id => "%{id}" push_previous_map_as_event => true timeout => 3
      code => "map['id'] = event.get('id'); (map['rows'] ||= []) << event.get('n'); event.cancel()"
      timeout_tags => ["t"])x");
  EXPECT_EQ(run(*filter, R"({"id":"a","n":1})"), "");
  EXPECT_EQ(run(*filter, R"({"id":"a","n":2})"), "");
  EXPECT_EQ(run(*filter, R"({"id":"b","n":3})"), R"({"id":"a","rows":[1,2],"tags":["t"]})");
  EXPECT_TRUE(matched_.empty());
  EXPECT_EQ(finish(*filter), R"({"id":"b","rows":[3],"tags":["t","_aggregatefinalflush"]})");
}

TEST_F(AggregateTest, code_may_end_its_map_and_make_events) {
  auto filter = make(R"x(task_id => "%{id}" push_map_as_event_on_timeout => true
      code => "map['n'] = (map['n'] || 0) + 1
               new_event_block.call(LogStash::Event.new('made' => map_meta.task_id))
               map_meta.timeout = 0 if map['n'] == 2")x");
  const std::string first = run(*filter, R"({"id":"a"})");
  EXPECT_EQ(first, "{\"id\":\"a\"}\n{\"made\":\"a\"}");
  const std::string second = run(*filter, R"({"id":"a"})");
  EXPECT_EQ(second, "{\"id\":\"a\"}\n{\"made\":\"a\"}\n{\"n\":2}");
}

TEST_F(AggregateTest, time_may_be_the_events_own) {
  auto filter = make(R"x(task_id => "%{id}" timeout => 10 timeout_timestamp_field => "@timestamp"
      push_map_as_event_on_timeout => true code => "map['n'] = (map['n'] || 0) + 1")x");
  run(*filter, R"({"@timestamp":"2020-01-01T00:00:00Z","id":"a"})");
  run(*filter, R"({"@timestamp":"2020-01-01T00:00:10Z","id":"a"})");
  EXPECT_EQ(run(*filter, R"({"@timestamp":"2020-01-01T00:00:21Z","id":"a"})"),
            "{\"id\":\"a\"}\n{\"n\":2}");
  EXPECT_EQ(tick(*filter), "");
}

TEST_F(AggregateTest, a_failure_is_tagged_and_keeps_the_map) {
  auto filter = make(R"x(task_id => "%{id}"
      code => "map['n'] = (map['n'] || 0) + 1; raise 'x' if event.get('bad'); event.set('n', map['n'])")x");
  run(*filter, R"({"id":"a"})");
  EXPECT_EQ(run(*filter, R"({"bad":true,"id":"a"})"),
            R"({"bad":true,"id":"a","tags":["_aggregateexception"]})");
  EXPECT_TRUE(matched_.empty());
  EXPECT_EQ(run(*filter, R"({"id":"a"})"), R"({"id":"a","n":3})");
}

TEST_F(AggregateTest, code_that_never_ends_is_cut_off_and_costs_the_maps) {
  auto filter = make(R"x(task_id => "%{id}" time_limit => 0.2
      code => "map['n'] = (map['n'] || 0) + 1; while event.get('bad'); end; event.set('n', map['n'])")x");
  run(*filter, R"({"id":"a"})");
  EXPECT_EQ(run(*filter, R"({"bad":true,"id":"a"})"),
            R"({"bad":true,"id":"a","tags":["_aggregateexception"]})");
  EXPECT_EQ(run(*filter, R"({"id":"a"})"), R"({"id":"a","n":1})");
}

TEST_F(AggregateTest, workers_share_the_maps) {
  own_.context.workers = 2;
  constexpr auto kOptions = R"x(task_id => "%{id}" push_previous_map_as_event => true
      code => "map['n'] = (map['n'] || 0) + 1; event.set('n', map['n'])")x";
  auto one = make(kOptions, 0);
  auto two = make(kOptions, 1);
  run(*one, R"({"id":"a"})");
  EXPECT_EQ(run(*two, R"({"id":"a"})"), R"({"id":"a","n":2})");
  EXPECT_EQ(finish(*one), "");
  EXPECT_EQ(finish(*two), R"({"n":2,"tags":["_aggregatefinalflush"]})");
}

TEST_F(AggregateTest, maps_may_outlive_the_run) {
  char folder[] = "/tmp/aggregate-test-XXXXXX";
  const std::string path = std::string(mkdtemp(folder)) + "/maps";
  const std::string options = fmt::format(
      R"x(task_id => "%{{id}}" aggregate_maps_path => "{}"
         code => "map['n'] = (map['n'] || 0) + 1; event.set('n', map['n'])")x",
      path);
  run(*make(options), R"({"id":"never finished"})");
  EXPECT_FALSE(std::filesystem::exists(path));
  {
    test::OwnState before;
    std::swap(own_.context, before.context);
    auto filter = make(options);
    std::swap(own_.context, before.context);
    run(*filter, R"({"id":"a"})");
    EXPECT_EQ(finish(*filter), "");
  }
  EXPECT_TRUE(std::filesystem::exists(path));
  test::OwnState after;
  own_.context.resources = &after.resources;
  auto filter = make(options);
  EXPECT_EQ(run(*filter, R"({"id":"a"})"), R"({"id":"a","n":2})");
  EXPECT_FALSE(std::filesystem::exists(path));
  std::filesystem::remove_all(folder);
}

TEST_F(AggregateTest, malformed_options_are_refused) {
  EXPECT_EQ(make(R"x(task_id => "constant" code => "")x"), nullptr);
  EXPECT_NE(error_.find("task_id"), std::string::npos);
  EXPECT_EQ(make(R"x(task_id => "%{id}" code => "if")x"), nullptr);
  EXPECT_EQ(make(R"x(task_id => "%{id}" code => "" inactivity_timeout => 9999)x"), nullptr);
  EXPECT_NE(make(R"x(task_id => "%{id}" code => "" timeout => 5)x"), nullptr);
  EXPECT_EQ(make(R"x(task_id => "%{id}" code => "" timeout => 5)x"), nullptr);
  EXPECT_NE(error_.find("one of the two"), std::string::npos);
  EXPECT_NE(make(R"x(task_id => "%{id}" code => "")x"), nullptr);
}

}  // namespace
}  // namespace penstock
