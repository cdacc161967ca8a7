// Read mode: each file once, to its end.
#include <zlib.h>

#include "tests/inputs/file_collector_fixture.h"

namespace penstock::file {
namespace {

TEST_F(FileCollectorTest, read_mode_ends_with_the_last_file_and_takes_an_unfinished_line) {
  write("a.log", "1\n2");
  write("b.log", "3\n");
  write("empty.log", "");
  start(kRead + " file_sort_by => path");
  EXPECT_FALSE(collector_->exhausted());
  EXPECT_EQ(read_all(), (Lines{"1", "2", "3"}));
  EXPECT_TRUE(collector_->exhausted());
  EXPECT_EQ(collector_->bytes_done(), collector_->bytes_total());
}

TEST_F(FileCollectorTest, read_mode_does_not_read_a_finished_file_again) {
  write("a.log", "1\n");
  start(kRead);
  EXPECT_EQ(read_all(), Lines{"1"});
  settle_and_commit();
  stop();
  start(kRead);
  EXPECT_EQ(read_all(), Lines{});
  EXPECT_TRUE(collector_->exhausted());
}

TEST_F(FileCollectorTest, deletes_a_completed_file_only_when_its_events_are_settled) {
  write("a.log", "1\n");
  start("mode => read");
  read_all();
  collector_->commit(true);
  EXPECT_TRUE(fs::exists(path("a.log")));
  settle_and_commit();
  EXPECT_FALSE(fs::exists(path("a.log")));
}

TEST_F(FileCollectorTest, logs_a_completed_file) {
  write("a.log", "1\n");
  start("mode => read file_completed_action => log file_completed_log_path => \"" + path("done") +
        "\"");
  read_all();
  settle_and_commit();
  settle_and_commit();
  std::ifstream in(path("done"));
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text, path("a.log") + "\n");
  EXPECT_TRUE(fs::exists(path("a.log")));
}

TEST_F(FileCollectorTest, read_mode_reads_on_when_a_finished_file_grows) {
  write("a.log", "one\n");
  start("mode => read file_completed_action => log file_completed_log_path => \"" +
        path("completed") + "\"");
  EXPECT_EQ(read_all(), Lines{"one"});
  settle_and_commit();
  append("a.log", "two\nthr");
  EXPECT_EQ(look_and_read(), (Lines{"two", "thr"}));
  settle_and_commit();
  EXPECT_EQ(look_and_read(), Lines{});
  settle_and_commit();
  std::ifstream completed(path("completed"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(completed), {}),
            path("a.log") + "\n" + path("a.log") + "\n");
}

TEST_F(FileCollectorTest, what_was_added_after_the_end_is_read_before_the_file_is_deleted) {
  write("a.log", "one\n");
  start("mode => read");
  EXPECT_EQ(read_all(), Lines{"one"});
  append("a.log", "two\n");
  settle_and_commit();
  EXPECT_TRUE(fs::exists(path("a.log")));
  EXPECT_EQ(look_and_read(), Lines{"two"});
  EXPECT_TRUE(fs::exists(path("a.log")));
  settle_and_commit();
  EXPECT_FALSE(fs::exists(path("a.log")));
}

TEST_F(FileCollectorTest, a_finished_file_that_is_cut_or_written_anew_is_read_from_its_start) {
  write("a.log", "one\ntwo\n");
  start("mode => read file_completed_action => log file_completed_log_path => \"/dev/null\"");
  EXPECT_EQ(read_all(), (Lines{"one", "two"}));
  settle_and_commit();
  write("a.log", "3\n");
  EXPECT_EQ(look_and_read(), Lines{"3"});
  settle_and_commit();
  write("a.log", "four\nfive\n");
  EXPECT_EQ(look_and_read(), (Lines{"four", "five"}));
}

TEST_F(FileCollectorTest, an_input_that_exits_after_reading_leaves_later_growth_to_the_next_start) {
  write("a.log", "one\n");
  start(kRead);
  EXPECT_EQ(read_all(), Lines{"one"});
  append("a.log", "two\n");
  EXPECT_EQ(look_and_read(), Lines{});
  settle_and_commit();
  stop();
  start(kRead);
  EXPECT_EQ(read_all(), Lines{"two"});
}

TEST_F(FileCollectorTest, reads_gzip_files_and_resumes_inside_one) {
  std::string text;
  for (int i = 0; i < 400'000; ++i) text += "line " + std::to_string(i) + "\n";
  write_gzip("a.log.gz", text);
  write_gzip("a.log.gz", "second member\n");
  start(kRead);
  collector_->pump();
  const size_t first = intake_.take().size();
  ASSERT_GT(first, 0U);
  ASSERT_LT(first, 400'001U);
  settle_and_commit();
  stop();
  start(kRead);
  const Lines rest = read_all();
  EXPECT_EQ(first + rest.size(), 400'001U);
  EXPECT_EQ(rest.front(), "line " + std::to_string(first));
  EXPECT_EQ(rest.back(), "second member");
  settle_and_commit();
  stop();
  start(kRead);
  EXPECT_EQ(read_all(), Lines{});
}

TEST_F(FileCollectorTest, a_damaged_gzip_file_ends_with_a_message_and_is_not_completed) {
  write("bad.log.gz", "this is not gzip");
  start("mode => read exit_after_read => true");
  EXPECT_EQ(read_all(), Lines{});
  settle_and_commit();
  EXPECT_TRUE(collector_->exhausted());
  EXPECT_TRUE(fs::exists(path("bad.log.gz")));
  EXPECT_EQ(collector_->metrics().failures.value(), 1U);
}

}  // namespace
}  // namespace penstock::file
