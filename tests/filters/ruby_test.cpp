#include "filters/ruby.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

// One event through `code => '...'`.
std::string run(const std::string& code, const std::string& event = "{}") {
  test::FilterRun filter(ruby_filter(), "code => '" + code + "'");
  return filter.one(event, true);
}

TEST(Ruby, sets_a_field) {
  EXPECT_EQ(run("event.set(\"a\", 1)"), R"({"a":1})");
  EXPECT_EQ(run("event.set(\"[a][b]\", event.get(\"x\") + 1)", R"({"x":2})"),
            R"({"a":{"b":3},"x":2})");
}

TEST(Ruby, exceptions_tag_the_event) {
  EXPECT_EQ(run("raise \"no\""), R"({"tags":["_rubyexception"]})");
  EXPECT_EQ(run("event.get(\"x\").upcase"), R"({"tags":["_rubyexception"]})");
}

TEST(Ruby, floats_keep_all_their_digits) {
  EXPECT_EQ(run("event.set(\"b\", event.get(\"a\"))", R"({"a":0.1})"), R"({"a":0.1,"b":0.1})");
  EXPECT_EQ(run("event.set(\"a\", 0.1 + 0.2)"), R"({"a":0.30000000000000004})");
  EXPECT_EQ(run("event.set(\"a\", (1700000000.123 * 1000).to_i)"), R"({"a":1700000000123})");
  EXPECT_EQ(run("event.set(\"a\", [0.0, -1.5, 1e76, 1e-76, 1.0/3])"),
            R"({"a":[0.0,-1.5,1.0e+76,1.0e-76,0.3333333333333333]})");
}

TEST(Ruby, a_cancelled_event_is_dropped) {
  EXPECT_EQ(run("event.cancel"), "");
  EXPECT_EQ(run("event.cancel; event.uncancel"), "{}");
}

TEST(Ruby, a_script_that_never_ends_is_cut_off) {
  test::FilterRun filter(ruby_filter(),
                         "init => '@n = 0' time_limit => '200ms' "
                         "code => '@n += 1; event.set(\"n\", @n); while event.get(\"x\"); end'");
  EXPECT_EQ(filter.one("{}"), R"({"n":1})");
  EXPECT_EQ(filter.one(R"({"x":1})"), R"({"n":2,"tags":["_rubyexception"],"x":1})");
  EXPECT_EQ(filter.one("{}"), R"({"n":1})");
}

TEST(Ruby, memory_is_bounded) {
  test::FilterRun filter(ruby_filter(),
                         "memory_limit => 4000000 code => 'a = []; loop { a << \"x\" * 1000 }'");
  EXPECT_EQ(filter.one("{}"), R"({"tags":["_rubyexception"]})");
  EXPECT_EQ(filter.one("{}"), R"({"tags":["_rubyexception"]})");
}

TEST(Ruby, new_event_block_adds_events) {
  EXPECT_EQ(run("e = event.clone; e.set(\"b\", 2); new_event_block.call(e); event.set(\"c\", 3)",
                R"({"a":1})"),
            "{\"a\":1,\"c\":3}\n{\"a\":1,\"b\":2}");
}

TEST(Ruby, syntax_errors_have_their_line) {
  const std::string error =
      test::make_error(ruby_filter(), "code => \"\nevent.set('a', ]\nevent.cancel\"");
  EXPECT_TRUE(error.starts_with("test:3:1: syntax error, unexpected ']'")) << error;
}

TEST(Ruby, unknown_names_are_errors_with_their_line) {
  const auto error = [](const std::string& code) {
    return test::make_error(ruby_filter(), "code => \"" + code + "\"");
  };
  EXPECT_NE(error("event.cancel\nRedis.new").find("test:3:1: scripts know no Redis"),
            std::string::npos)
      << error("event.cancel\nRedis.new");
  EXPECT_NE(error("event.frobnicate").find("nothing defines a method or variable 'frobnicate'"),
            std::string::npos);
  EXPECT_NE(error("require 'faraday'").find("scripts can't require 'faraday'"), std::string::npos);
  EXPECT_NE(error("x = Net::HTTP").find("scripts know no Net"), std::string::npos);
  EXPECT_EQ(error("A = Struct.new(:left); a = A.new(1); a.left; a.left = 2"), "");
  EXPECT_EQ(error("def twice(x) x * 2 end; event.set('a', twice(2))"), "");
}

TEST(Ruby, an_init_that_fails_is_an_error) {
  const std::string error =
      test::make_error(ruby_filter(), "init => \"raise 'no'\" code => \"event.cancel\"");
  EXPECT_NE(error.find("no (RuntimeError)"), error.npos) << error;
}

TEST(Ruby, either_code_or_path) {
  EXPECT_NE(test::make_error(ruby_filter(), ""), "");
  EXPECT_NE(test::make_error(ruby_filter(), "code => '1' path => '/x.rb'"), "");
  EXPECT_NE(test::make_error(ruby_filter(), "path => '/nowhere.rb'"), "");
}

TEST(Ruby, values_are_copies_until_set_back) {
  EXPECT_EQ(run("event.get(\"a\") << 2", R"({"a":[1]})"), R"({"a":[1]})");
  EXPECT_EQ(run("a = event.get(\"a\"); a << 2; event.set(\"a\", a); a << 3", R"({"a":[1]})"),
            R"({"a":[1,2]})");
  EXPECT_EQ(run("event.to_hash[\"a\"] = 2", R"({"a":1})"), R"({"a":1})");
}

TEST(Ruby, the_event_api) {
  EXPECT_EQ(run("event.set(\"r\", event.remove(\"[a][b]\"))", R"({"a":{"b":1}})"),
            R"({"a":{},"r":1})");
  EXPECT_EQ(run("event.tag(\"x\"); event.tag(\"x\"); event.tag(\"y\")"), R"({"tags":["x","y"]})");
  EXPECT_EQ(
      run("event.set(\"i\", [event.include?(\"a\"), event.include?(\"b\")])", R"({"a":null})"),
      R"({"a":null,"i":[true,false]})");
  EXPECT_EQ(run("event.set(\"s\", event.sprintf(\"%{a}-%{b}\"))", R"({"a":1})"),
            R"({"a":1,"s":"1-%{b}"})");
  EXPECT_EQ(
      run("event.set(\"[@metadata][x]\", 1); event.set(\"y\", event.get(\"[@metadata][x]\"))"),
      R"({"@metadata":{"x":1},"y":1})");
  EXPECT_EQ(run("event.set(\"a\", :sym); event.set(\"b\", nil); event.set(\"c\", {1 => :x})"),
            R"({"a":"sym","b":null,"c":{"1":"x"}})");
}

TEST(Ruby, what_an_event_can_not_hold_is_an_exception) {
  EXPECT_EQ(run("event.set(\"a\", Object.new)"), R"({"tags":["_rubyexception"]})");
  EXPECT_EQ(run("event.set(\"a\", 0.0 / 0)"), R"({"tags":["_rubyexception"]})");
  EXPECT_EQ(run("a = []; a << a; event.set(\"a\", a)"), R"({"tags":["_rubyexception"]})");
  EXPECT_EQ(run("event.set(\"[a\", 1)"), R"({"tags":["_rubyexception"]})");
}

TEST(Ruby, return_ends_the_code) {
  EXPECT_EQ(run("return if event.get(\"a\"); event.set(\"b\", 1)", R"({"a":1})"), R"({"a":1})");
}

TEST(Ruby, instance_variables_and_methods_of_init_are_kept) {
  test::FilterRun filter(ruby_filter(),
                         "init => '@n = 0; def more(x) x + 1 end' "
                         "code => '@n = more(@n); event.set(\"n\", @n)'");
  EXPECT_EQ(filter.one("{}"), R"({"n":1})");
  EXPECT_EQ(filter.one("{}"), R"({"n":2})");
}

TEST(Ruby, an_event_can_not_be_kept) {
  test::FilterRun filter(ruby_filter(),
                         "code => 'event.set(\"a\", @last.get(\"n\")) if @last; @last = event'");
  EXPECT_EQ(filter.one(R"({"n":1})"), R"({"n":1})");
  EXPECT_EQ(filter.one(R"({"n":2})"), R"({"n":2,"tags":["_rubyexception"]})");
}

TEST(Ruby, the_exceptions_message_can_be_a_tag) {
  test::FilterRun filter(ruby_filter(),
                         "tag_with_exception_message => true tag_on_exception => 'bad' "
                         "code => 'raise \"no luck\"'");
  EXPECT_EQ(filter.one("{}"), R"({"tags":["bad: no luck","bad"]})");
}

// Keeps what is registered.
class Metrics : public MetricScope {
 public:
  void counter(std::string name, std::string, Labels, const Counter& counter) override {
    counters_[name] = &counter;
  }
  void gauge(std::string, std::string, Labels, std::function<double()>) override {}
  uint64_t value(const std::string& name) const { return counters_.at(name)->value(); }

 private:
  std::map<std::string, const Counter*> counters_;
};

TEST(Ruby, failures_are_counted) {
  Metrics metrics;
  Context context = test::test_context();
  context.metrics = &metrics;
  test::FilterRun filter(ruby_filter(),
                         "time_limit => '400ms' code => 'raise \"no\" if event.get(\"a\"); loop { "
                         "} if event.get(\"b\")'",
                         context);
  filter.one("{}");
  EXPECT_EQ(metrics.value("failures"), 0U);
  filter.one(R"({"a":1})");
  EXPECT_EQ(metrics.value("failures"), 1U);
  EXPECT_EQ(metrics.value("timeouts"), 0U);
  filter.one(R"({"b":1})");
  EXPECT_EQ(metrics.value("failures"), 2U);
  EXPECT_EQ(metrics.value("timeouts"), 1U);
}

// A folder with what scripts may and may not read.
class RubyFiles : public ::testing::Test {
 protected:
  RubyFiles()
      : root_(std::filesystem::path(::testing::TempDir()) /
              ("ruby_files_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(root_ / "open" / "deep");
    std::filesystem::create_directories(root_ / "shut");
    std::ofstream(root_ / "open" / "deep" / "a.txt") << "one\ntwo\n";
    std::ofstream(root_ / "shut" / "b.txt") << "secret";
    std::filesystem::create_symlink(root_ / "shut" / "b.txt", root_ / "open" / "link");
  }
  ~RubyFiles() override { std::filesystem::remove_all(root_); }

  // [a] after `a = <expression>`, with the folder `open` allowed and `root` its parent.
  std::string value(const std::string& expression) {
    test::FilterRun filter(ruby_filter(), "allow_read => ['" + (root_ / "open").string() +
                                              "'] code => 'root = \"" + root_.string() +
                                              "\"; event.set(\"a\", " + expression + ")'");
    return filter.one("{}");
  }
  std::filesystem::path root_;
};

TEST_F(RubyFiles, what_allow_read_names_can_be_read) {
  EXPECT_EQ(value(R"(File.read(root + "/open/deep/a.txt"))"), R"({"a":"one\ntwo\n"})");
  EXPECT_EQ(value(R"(File.readlines(root + "/open/deep/a.txt").size)"), R"({"a":2})");
  EXPECT_EQ(value(R"(File.exist?(root + "/open/deep/a.txt"))"), R"({"a":true})");
  EXPECT_EQ(value(R"(File.exist?(root + "/open/deep/none.txt"))"), R"({"a":false})");
}

TEST_F(RubyFiles, nothing_else_can) {
  const std::string_view failed = R"({"tags":["_rubyexception"]})";
  EXPECT_EQ(value(R"(File.read(root + "/shut/b.txt"))"), failed);
  EXPECT_EQ(value(R"(File.read(root + "/open/../shut/b.txt"))"), failed);
  EXPECT_EQ(value(R"(File.read(root + "/open/link"))"), failed);
  EXPECT_EQ(value(R"(File.read("/etc/hostname"))"), failed);
  EXPECT_EQ(value(R"(File.read(root + "/open/deep"))"), failed);
}

class RubyScript : public ::testing::Test {
 protected:
  RubyScript() : path_(::testing::TempDir() + "ruby_test_script.rb") {}
  ~RubyScript() override { std::remove(path_.c_str()); }
  std::string options(const std::string& script, const std::string& more = "") {
    std::ofstream(path_) << script;
    return "path => '" + path_ + "' " + more;
  }
  std::string path_;
};

TEST_F(RubyScript, registers_and_filters) {
  test::FilterRun filter(
      ruby_filter(),
      options("def register(params)\n  @by = params['by']\nend\n"
              "def filter(event)\n  event.set('n', event.get('n') * @by)\n  [event]\nend\n",
              "script_params => { 'by' => 3 }"));
  EXPECT_EQ(filter.one(R"({"n":2})"), R"({"n":6})");
}

TEST_F(RubyScript, a_number_beyond_64_bits_is_a_parameter_like_any) {
  const std::string script =
      "def register(params)\n  @n = params['n']\nend\n"
      "def filter(event)\n  event.set('n', @n)\n  [event]\nend\n";
  const auto with = [&](const std::string& number) {
    test::FilterRun filter(ruby_filter(),
                           options(script, "script_params => { 'n' => " + number + " }"));
    return filter.one("{}");
  };
  EXPECT_EQ(with("99999999999999999999"), R"({"n":1.0e+20})");
  EXPECT_EQ(with("-9223372036854775808"), R"({"n":-9223372036854775808})");
  EXPECT_NE(with("1" + std::string(400, '0') + ".5"), "");
}

TEST_F(RubyScript, an_empty_list_cancels_and_new_events_are_added) {
  test::FilterRun filter(ruby_filter(),
                         options("def filter(event)\n  return [] if event.get('n') == 0\n"
                                 "  other = event.clone\n  other.set('n', 9)\n"
                                 "  [event, other]\nend\n"));
  EXPECT_EQ(filter.one(R"({"n":0})"), "");
  EXPECT_EQ(filter.one(R"({"n":1})"), "{\"n\":1}\n{\"n\":9}");
}

TEST_F(RubyScript, what_is_no_list_of_events_tags) {
  test::FilterRun filter(ruby_filter(), options("def filter(event)\n  event\nend\n"));
  EXPECT_EQ(filter.one("{}"), R"({"tags":["_rubyexception"]})");
}

TEST_F(RubyScript, a_file_that_is_cut_off_is_an_error_with_its_line) {
  const std::string script = "def filter(event)\n  event.set('n', [1, 2])\n  [event]\nend\n";
  ASSERT_EQ(test::make_error(ruby_filter(), options(script)), "");
  for (const size_t size : {script.size() - 4, script.size() - 9, size_t{38}, size_t{10}}) {
    const std::string error = test::make_error(ruby_filter(), options(script.substr(0, size)));
    EXPECT_TRUE(error.starts_with(path_ + ":")) << error;
    EXPECT_NE(error.find("syntax error"), error.npos) << error;
  }
}

TEST_F(RubyScript, a_file_that_ends_before_filter_is_an_error) {
  for (const char* const script : {"", "def register(params)\nend\n"}) {
    const std::string error = test::make_error(ruby_filter(), options(script));
    EXPECT_NE(error.find("defines no filter(event)"), error.npos) << error;
  }
}

TEST_F(RubyScript, a_failing_test_is_an_error) {
  const std::string script =
      "def register(params)\n  @by = params['by']\nend\n"
      "def filter(event)\n  event.set('n', event.get('n') * @by)\n  [event]\nend\n"
      "test 'doubles' do\n  parameters { { 'by' => 2 } }\n  in_event { { 'n' => 2 } }\n"
      "  expect('twice') { |events| events.first.get('n') == ";
  EXPECT_EQ(test::make_error(ruby_filter(), options(script + "4 }\nend\n")), "");
  const std::string error = test::make_error(ruby_filter(), options(script + "5 }\nend\n"));
  EXPECT_NE(error.find("test \"doubles\": expectation \"twice\" does not hold"), error.npos)
      << error;
}

}  // namespace
}  // namespace penstock
