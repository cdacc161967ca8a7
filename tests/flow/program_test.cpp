#include "pipeline/flow/program.h"

#include <gtest/gtest.h>

#include <functional>

#include "pipeline/config/parser.h"
#include "pipeline/plugin/settlement.h"
#include "tests/support/events.h"
#include "tests/support/plugins.h"

namespace penstock {
namespace {

// A filter that is a function of the row; true: matched.
class FakeFilter : public Filter {
 public:
  using Work = std::function<bool(Batch&, Row)>;
  explicit FakeFilter(Work work) : work_(std::move(work)) {}
  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    const std::vector<Row> mine(rows.begin(), rows.end());
    for (const Row row : mine)
      if (work_(batch, row)) matched.push_back(row);
  }
  void finish(Batch& out) override {
    if (!held_.empty()) test::add_event(out, std::exchange(held_, ""));
  }
  std::string held_;

 private:
  Work work_;
};

// A lane that notes the documents it gets.
class FakeLane : public Lane {
 public:
  explicit FakeLane(std::vector<std::string>& seen) : seen_(seen) {}
  void write(const Batch& batch, Rows rows, Delivery delivery) override {
    for (const Row row : rows) seen_.push_back(test::to_json(batch[row]));
    delivery.done();
  }
  bool pending() const override { return false; }
  void tick(std::chrono::steady_clock::time_point) override {}
  void finish() override {}

 private:
  std::vector<std::string>& seen_;
};

class ProgramTest : public testing::Test {
 protected:
  Program::Step filter(FakeFilter::Work work, std::string_view options = "") {
    Program::FilterStep step;
    auto made = std::make_unique<FakeFilter>(std::move(work));
    last_ = made.get();
    step.filter = std::move(made);
    const PluginInfo info{"fake", "", {}};
    step.common =
        CommonOptions::of_filter(test::settings_of(PluginKind::filter, info, options)).value();
    step.counters = &counters_;
    return Program::Step{std::move(step)};
  }
  Program::Step set(std::string field, std::string value) {
    return filter([=](Batch& batch, Row row) {
      return batch[row].set(FieldRef::of(field), batch[row].string(value));
    });
  }
  Program::Step output() {
    Program::OutputStep step;
    step.lane = std::make_unique<FakeLane>(seen_);
    step.counters = &counters_;
    return Program::Step{std::move(step)};
  }
  static Condition condition(const std::string& text) {
    ConfigTree tree;
    Errors errors;
    CHECK(parse_config("filter { if " + text + " { drop {} } }", "test", {}, tree, errors), "text");
    const auto& branch = *tree.sections.at(0).block.at(0).branch;
    return Condition::compile(*branch.arms.at(0).condition).value();
  }
  static Program::Block block(std::vector<Program::Step*> steps) {
    Program::Block out;
    for (Program::Step* step : steps) out.push_back(std::move(*step));
    return out;
  }
  template <class... Steps>
  static Program::Block of(Steps... steps) {
    Program::Block out;
    (out.push_back(std::move(steps)), ...);
    return out;
  }
  static Program::Step branch(const std::string& text, Program::Block then,
                              Program::Block otherwise = {}) {
    Program::BranchStep step;
    step.arms.push_back({condition(text), std::move(then), {}});
    step.arms.push_back({std::nullopt, std::move(otherwise), {}});
    return Program::Step{std::move(step)};
  }
  void run(Program::Block filters, Program::Block outputs, std::vector<std::string> events) {
    Program program(std::move(filters), std::move(outputs), options_);
    for (const std::string& event : events) test::add_event(batch_, event);
    auto settlement = std::make_shared<Settlement>();
    program.run(batch_, *settlement);
    settlement->count(batch_);
    settlement->close();
  }

  StepCounters counters_;
  Program::Options options_;
  FakeFilter* last_ = nullptr;
  std::vector<std::string> seen_;
  Batch batch_;
};

using Documents = std::vector<std::string>;

TEST_F(ProgramTest, branches_keep_the_order_of_events) {
  run(of(branch("[n] == 2", of(set("arm", "then")), of(set("arm", "else")))), of(output()),
      {R"({"n":1})", R"({"n":2})", R"({"n":3})"});
  EXPECT_EQ(seen_, (Documents{R"({"arm":"else","n":1})", R"({"arm":"then","n":2})",
                              R"({"arm":"else","n":3})"}));
}

TEST_F(ProgramTest, a_dropped_event_goes_no_further) {
  run(of(filter([](Batch& batch, Row row) {
           if (row == 0) batch.drop(row, DropReason::filter);
           return true;
         }),
         set("after", "yes")),
      of(output()), {R"({"n":1})", R"({"n":2})"});
  EXPECT_EQ(seen_, Documents{R"({"after":"yes","n":2})"});
}

TEST_F(ProgramTest, a_new_event_goes_on_with_the_next_filter) {
  run(of(filter([](Batch& batch, Row row) {
           const Row child = batch.append_child(row);
           return batch[child].set(FieldRef::of("@timestamp"), Value::timestamp({0, 0}));
         }),
         filter([](Batch& batch, Row row) {
           batch[row].erase(FieldRef::of("@version"));
           return batch[row].set(FieldRef::of("seen"), Value::boolean(true));
         })),
      of(output()), {R"({"n":1})"});
  EXPECT_EQ(seen_, (Documents{R"({"n":1,"seen":true})",
                              R"({"@timestamp":"1970-01-01T00:00:00.000Z","seen":true})"}));
}

TEST_F(ProgramTest, children_follow_their_parent_and_come_before_the_next_event) {
  const auto children = [this](std::string field) {
    return filter([field](Batch& batch, Row row) {
      for (int64_t i = 1; i <= 2; ++i) {
        const Row child = batch.append_child(row);
        batch[child].root() = deep_copy(batch.arena(), batch[row].root());
        (void)batch[child].set(FieldRef::of(field), Value::of_integer(i));
      }
      return true;
    });
  };
  run(of(children("a"), branch("[n] == 2", of(children("b")), {}),
         filter([](Batch& batch, Row row) {
           batch[row].erase(FieldRef::of("@version"));
           return batch[row].erase(FieldRef::of("@timestamp"));
         })),
      of(output()), {R"({"n":1})", R"({"n":2})", R"({"n":3})"});
  EXPECT_EQ(seen_,
            (Documents{R"({"n":1})", R"({"a":1,"n":1})", R"({"a":2,"n":1})",  //
                       R"({"n":2})", R"({"b":1,"n":2})", R"({"b":2,"n":2})",  //
                       R"({"a":1,"n":2})", R"({"a":1,"b":1,"n":2})", R"({"a":1,"b":2,"n":2})",
                       R"({"a":2,"n":2})", R"({"a":2,"b":1,"n":2})", R"({"a":2,"b":2,"n":2})",
                       R"({"n":3})", R"({"a":1,"n":3})", R"({"a":2,"n":3})"}));
}

TEST_F(ProgramTest, children_of_dropped_parents_keep_their_place_through_branches) {
  run(of(filter([](Batch& batch, Row row) {
           if (row == 2) return false;
           const Row child = batch.append_child(row);
           (void)batch[child].set(FieldRef::of("of"), Value::of_integer(row));
           batch.drop(row, DropReason::filter);
           return true;
         }),
         branch("[of] == 1", of(set("arm", "then")), of(set("arm", "else"))),
         filter([](Batch& batch, Row row) {
           batch[row].erase(FieldRef::of("@version"));
           return batch[row].erase(FieldRef::of("@timestamp"));
         })),
      of(output()), {R"({"n":1})", R"({"n":2})", R"({"n":3})", R"({"n":4})"});
  EXPECT_EQ(seen_, (Documents{R"({"arm":"else","of":0})", R"({"arm":"then","of":1})",
                              R"({"arm":"else","n":3})", R"({"arm":"else","of":3})"}));
}

TEST_F(ProgramTest, common_options_touch_matched_events_only_and_in_order) {
  run(of(filter([](Batch&, Row row) { return row == 0; },
                R"(add_field => { "a" => "%{n}" } remove_field => ["n"] add_tag => ["t", "u"]
                   remove_tag => ["u"])")),
      of(output()), {R"({"n":1})", R"({"n":2})"});
  EXPECT_EQ(seen_, (Documents{R"({"a":"1","tags":["t"]})", R"({"n":2})"}));
}

TEST_F(ProgramTest, adding_to_a_field_that_is_there_makes_a_list) {
  run(of(filter([](Batch&, Row) { return true; }, R"(add_field => { "a" => ["2", "3"] })")),
      of(output()), {R"({"a":"1"})"});
  EXPECT_EQ(seen_, Documents{R"({"a":["1","2","3"]})"});
}

TEST_F(ProgramTest, an_event_without_output_counts_as_unrouted) {
  run({}, of(branch("[n] == 1", of(output()))), {R"({"n":1})", R"({"n":2})"});
  EXPECT_EQ(seen_, Documents{R"({"n":1})"});
  EXPECT_EQ(batch_[1].dropped(), DropReason::unrouted);
  EXPECT_TRUE(batch_[0].alive());
}

TEST_F(ProgramTest, a_condition_that_cannot_be_evaluated_marks_the_event_which_goes_on) {
  run(of(branch("[n] < 5", of(set("small", "yes")), of(set("small", "no")))), of(output()),
      {R"({"n":1})", R"({"n":"abc"})", R"({})", R"({"n":9})"});
  EXPECT_EQ(seen_, (Documents{R"({"n":1,"small":"yes"})",
                              R"({"n":"abc","small":"no","tags":["_conditionfailure"]})",
                              R"({"small":"no","tags":["_conditionfailure"]})",
                              R"({"n":9,"small":"no"})"}));
}

TEST_F(ProgramTest, an_event_that_fails_several_conditions_is_counted_once) {
  Counter failures;
  options_.condition_failures = &failures;
  run(of(branch("[n] < 5", {}), branch("!([n] < 5)", of(set("negated", "yes")))), of(output()),
      {R"({"n":[1]})", R"({"n":2})"});
  EXPECT_EQ(seen_, (Documents{R"({"n":[1],"tags":["_conditionfailure"]})", R"({"n":2})"}));
  EXPECT_EQ(failures.value(), 1U);
}

TEST_F(ProgramTest, a_failing_condition_of_an_output_routes_to_the_other_arm) {
  run({}, of(branch("[n] < 5", {}, of(output()))), {R"({"n":"abc"})"});
  EXPECT_EQ(seen_, Documents{R"({"n":"abc","tags":["_conditionfailure"]})"});
  EXPECT_TRUE(batch_[0].alive());
}

TEST_F(ProgramTest, what_filters_hold_leaves_at_the_end_through_the_later_steps) {
  Program::Step holder = filter([](Batch&, Row) { return true; });
  last_->held_ = R"({"@timestamp":"1970-01-01T00:00:00Z","held":1})";
  Program program(of(std::move(holder), filter([](Batch& batch, Row row) {
                       batch[row].erase(FieldRef::of("@version"));
                       return batch[row].set(FieldRef::of("later"), Value::boolean(true));
                     })),
                  of(output()), {});
  auto settlement = std::make_shared<Settlement>();
  program.finish_filters(batch_, *settlement);
  settlement->close();
  EXPECT_EQ(seen_, Documents{R"({"@timestamp":"1970-01-01T00:00:00.000Z","held":1,"later":true})"});
}

TEST_F(ProgramTest, what_filters_hold_gets_their_common_options) {
  Program::Step holder = filter([](Batch&, Row) { return true; }, R"(add_tag => ["held"])");
  last_->held_ = R"({"@timestamp":"1970-01-01T00:00:00Z","a":1})";
  Program program(of(std::move(holder)), of(output()), {});
  auto settlement = std::make_shared<Settlement>();
  program.finish_filters(batch_, *settlement);
  settlement->close();
  ASSERT_EQ(seen_.size(), 1U);
  EXPECT_NE(seen_[0].find(R"("tags":["held"])"), std::string::npos) << seen_[0];
}

}  // namespace
}  // namespace penstock
