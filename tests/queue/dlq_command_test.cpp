#include "pipeline/queue/dlq_command.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "pipeline/queue/dead_letter_queue.h"
#include "pipeline/queue/letter_choice.h"

namespace penstock {
namespace {

class DlqCommandTest : public testing::Test {
 protected:
  DlqCommandTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "dlq-XXXXXX";
    root_ = mkdtemp(pattern.data());
    DeadLetterQueue::Options options;
    options.folder = dead_letter_folder(root_, "main");
    options.clock = &clock_;
    const auto queue = DeadLetterQueue::open(options).value().release();
    put(*queue, R"({"n":1,"bad":{"x":1}})", 400, "mapping: failed to parse 'abc' in 17", "logs-a");
    put(*queue, R"({"n":2})", 400, "mapping: failed to parse 'de' in 4", "logs-b");
    put(*queue, R"({"n":3})", 404, "no such index", "logs-a");
    delete queue;
  }
  ~DlqCommandTest() override { std::filesystem::remove_all(root_); }

  static void put(DeadLetterQueue& queue, std::string_view event, int status,
                  std::string_view reason, const std::string& index) {
    const std::string metadata = R"({"_bulk_action":{"index":{"_index":")" + index + R"("}}})";
    DeadLetter letter;
    letter.event_json = event;
    letter.metadata_json = metadata;
    letter.plugin_type = "elasticsearch";
    letter.plugin_id = "es";
    letter.reason = reason;
    letter.status = status;
    ASSERT_TRUE(queue.put(letter).ok());
  }

  std::string run(std::vector<std::string> arguments, int wanted = 0) {
    arguments.push_back("--path.data");
    arguments.push_back(root_);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    EXPECT_EQ(dlq_command(arguments,
                          [this](const DlqReplay& what) {
                            replay_ = what;
                            return 7;
                          }),
              wanted);
    errors_ = testing::internal::GetCapturedStderr();
    return testing::internal::GetCapturedStdout();
  }

  std::string root_, errors_;
  ManualClock clock_;
  DlqReplay replay_;
};

TEST_F(DlqCommandTest, counts_letters_by_reason_whatever_their_values) {
  const std::string out = run({"list"});
  EXPECT_NE(out.find("         2  2023-11-14T22:13:20.000Z  2023-11-14T22:13:20.000Z  "
                     "400 mapping: failed to parse '...' in #\n"),
            std::string::npos)
      << out;
  EXPECT_NE(out.find("         3  in all"), std::string::npos);
}

TEST_F(DlqCommandTest, counts_letters_by_index) {
  const std::string out = run({"list", "--group-by", "index"});
  EXPECT_LT(out.find("logs-a"), out.find("logs-b"));
}

TEST_F(DlqCommandTest, shows_letters_as_json_lines) {
  EXPECT_EQ(run({"show", "--status=404"}),
            R"({"time":"2023-11-14T22:13:20.000Z","status":404,"reason":"no such index",)"
            R"("pipeline":"main","plugin_type":"elasticsearch","plugin_id":"es",)"
            R"("metadata":{"_bulk_action":{"index":{"_index":"logs-a"}}},"event":{"n":3}})"
            "\n");
  EXPECT_EQ(run({"show", "--limit", "1", "--reason", "parse"}).find("\"n\":2"), std::string::npos);
}

TEST_F(DlqCommandTest, mends_events_in_a_dry_run) {
  EXPECT_EQ(run({"replay", "--dry-run", "--drop-field", "[bad][x]", "--set", "n=5", "--set",
                 "[a][b]=text", "--reason", "'abc'"}),
            "{\"n\":5,\"bad\":{},\"a\":{\"b\":\"text\"}}\n");
}

TEST_F(DlqCommandTest, replays_through_a_configuration_with_other_inputs) {
  run({"replay", "-f", "my.conf", "--drop-field", "bad", "--set", R"(n="x")", "--to", "mended",
       "--remove"},
      7);
  EXPECT_EQ(replay_.config, "my.conf");
  EXPECT_EQ(replay_.index, "mended");
  EXPECT_EQ(replay_.pipeline_id, "main.replay");
  EXPECT_EQ(replay_.inputs, "input { dead_letter_queue { ecs_compatibility => disabled path => \"" +
                                root_ + "/dead_letter_queue\" pipeline_id => \"main\"" +
                                R"( drop_fields => "bad" set_fields => 'n="x"')" +
                                " clean_consumed => true } }");
}

TEST_F(DlqCommandTest, says_what_is_wrong_with_its_arguments) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{}, "list, show or replay?"},
      {{"lst"}, "there is no `lst`"},
      {{"list", "--colour", "red"}, "there is no option --colour"},
      {{"show", "--status", "x"}, "--status must be a number"},
      {{"replay"}, "replay needs -f"},
      {{"replay", "-f", "x", "--set", "a"}, "FIELD=VALUE"},
      {{"replay", "-f", "x", "--drop-field", "[a"}, "--drop-field"},
      {{"replay", "-f", "x", "--reason", "'\""}, "both kinds of quotes"}};
  for (const auto& [arguments, message] : cases) {
    run(arguments, 2);
    EXPECT_NE(errors_.find(message), std::string::npos) << errors_;
  }
}

TEST_F(DlqCommandTest, an_empty_queue_is_no_fault) {
  EXPECT_NE(run({"list", "--pipeline", "other"}).find("         0  in all"), std::string::npos);
}

TEST(Mend, leaves_what_is_no_object) {
  LetterEdit edit;
  edit.drop.push_back(FieldRef::of("a"));
  EXPECT_EQ(mend("not json", edit), "not json");
  EXPECT_EQ(mend("[1]", edit), "[1]");
}

}  // namespace
}  // namespace penstock
