// Finding, following and positions; file_read_mode_test.cpp has read mode.
#include "inputs/file/collector.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "tests/inputs/file_collector_fixture.h"

namespace penstock::file {
namespace {

TEST_F(FileCollectorTest, follows_a_file_and_waits_for_the_end_of_a_line) {
  write("a.log", "one\ntwo\nthr");
  start(kBeginning);
  EXPECT_EQ(read_all(), (Lines{"one", "two"}));
  append("a.log", "ee\nfour\n");
  EXPECT_EQ(look_and_read(), (Lines{"three", "four"}));
  EXPECT_EQ(look_and_read(), Lines{});
}

TEST_F(FileCollectorTest, starts_at_the_end_of_files_that_are_there_and_at_the_start_of_new_ones) {
  write("old.log", "before\n");
  start("");
  EXPECT_EQ(read_all(), Lines{});
  append("old.log", "after\n");
  write("new.log", "first\n");
  EXPECT_EQ(look_and_read(), (Lines{"first", "after"}));
}

TEST_F(FileCollectorTest, gives_events_their_host_and_path) {
  write("a.log", "one\n");
  start(kBeginning);
  read_all();
  ASSERT_EQ(intake_.parcels().size(), 1U);
  const Origin& origin = *intake_.parcels()[0]->origin;
  EXPECT_EQ(origin.input, 3U);
  EXPECT_EQ(origin.fields[0].field.text(), "[host]");
  EXPECT_EQ(origin.fields[0].text, "test-host");
  EXPECT_EQ(origin.fields[1].field.text(), "[path]");
  EXPECT_EQ(origin.fields[1].text, path("a.log"));
}

TEST_F(FileCollectorTest, reads_a_renamed_file_to_its_end_and_then_the_new_one) {
  write("a.log", "1\n");
  start(kBeginning, "a.log");
  EXPECT_EQ(read_all(), Lines{"1"});
  append("a.log", "2\n");
  fs::rename(path("a.log"), path("a.log.1"));
  write("a.log", "3\n");
  EXPECT_EQ(look_and_read(), (Lines{"2", "3"}));
  // The writer hasn't noticed yet.
  append("a.log.1", "4\n");
  EXPECT_EQ(look_and_read(), Lines{"4"});
  EXPECT_EQ(collector_->metrics().rotations.value(), 1U);
}

TEST_F(FileCollectorTest, goes_on_with_a_renamed_file_that_still_matches) {
  write("a.log", "1\n");
  start(kBeginning);
  EXPECT_EQ(read_all(), Lines{"1"});
  fs::rename(path("a.log"), path("a.log.1"));
  append("a.log.1", "2\n");
  write("a.log", "3\n");
  Lines lines = look_and_read();
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines, (Lines{"2", "3"}));
}

TEST_F(FileCollectorTest, closes_a_rotated_file_after_its_grace_and_takes_its_last_line) {
  write("a.log", "1\nhalf");
  start(kBeginning, "a.log");
  EXPECT_EQ(read_all(), Lines{"1"});
  fs::remove(path("a.log"));
  EXPECT_EQ(look_and_read(), Lines{});
  EXPECT_EQ(collector_->metrics().open_files.value(), 1);
  clock_.advance(Collector::kRotatedGrace);
  EXPECT_EQ(look_and_read(), Lines{"half"});
  EXPECT_EQ(collector_->metrics().open_files.value(), 0);
}

TEST_F(FileCollectorTest, reads_a_cut_file_from_its_start) {
  write("a.log", "1\n2\n3\n");
  start(kBeginning);
  EXPECT_EQ(read_all().size(), 3U);
  write("a.log", "new\n");
  EXPECT_EQ(look_and_read(), Lines{"new"});
  EXPECT_EQ(collector_->metrics().cuts.value(), 1U);
}

TEST_F(FileCollectorTest, notices_a_cut_file_that_has_grown_to_its_old_size_again) {
  write("a.log", "1\n2\n3\n");
  start(kBeginning);
  EXPECT_EQ(read_all().size(), 3U);
  write("a.log", "4\n5\n6\n7\n");
  EXPECT_EQ(look_and_read(), (Lines{"4", "5", "6", "7"}));
}

TEST_F(FileCollectorTest, resumes_after_a_crash_where_the_last_settled_event_ended) {
  write("a.log", "1\n2\n");
  start(kBeginning);
  EXPECT_EQ(read_all(), (Lines{"1", "2"}));
  settle_and_commit();
  append("a.log", "3\nhal");
  EXPECT_EQ(look_and_read(), Lines{"3"});  // read, but never settled
  collector_->commit(true);
  stop();
  append("a.log", "f\n");
  start(kBeginning);
  EXPECT_EQ(read_all(), (Lines{"3", "half"}));
}

TEST_F(FileCollectorTest, a_position_settled_out_of_order_does_not_move_the_mark_past_an_open_one) {
  write("a.log", "1\n");
  start(kBeginning);
  read_all();
  append("a.log", "2\n");
  look_and_read();
  ASSERT_EQ(intake_.parcels().size(), 2U);
  intake_.parcels()[1]->token.settle(Verdict::done);
  collector_->commit(true);
  stop();
  start(kBeginning);
  EXPECT_EQ(read_all(), (Lines{"1", "2"}));
}

TEST_F(FileCollectorTest, an_inode_used_again_is_a_new_file) {
  write("a.log", "1\n2\n");
  start(kBeginning);
  read_all();
  settle_and_commit();
  stop();
  write("a.log", "x\ny\nz\n");  // the same inode, other bytes, longer than before
  start(kBeginning);
  EXPECT_EQ(read_all(), (Lines{"x", "y", "z"}));
}

TEST_F(FileCollectorTest, keeps_nothing_when_the_registry_is_dev_null) {
  write("a.log", "1\n");
  const std::string options = kBeginning + R"( sincedb_path => "/dev/null")";
  start(options);
  EXPECT_EQ(read_all(), Lines{"1"});
  settle_and_commit();
  stop();
  start(options);
  EXPECT_EQ(read_all(), Lines{"1"});
}

TEST_F(FileCollectorTest, stops_reading_while_the_intake_is_full_and_loses_nothing) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i) + "\n";
  write("a.log", text);
  start(kBeginning);
  intake_.set_room(2);
  while (collector_->pump()) {
  }
  EXPECT_TRUE(collector_->blocked());
  const uint64_t read = collector_->metrics().bytes_read.value();
  EXPECT_FALSE(collector_->pump());
  EXPECT_EQ(collector_->metrics().bytes_read.value(), read);
  intake_.set_room(SIZE_MAX);
  const Lines lines = read_all();
  ASSERT_EQ(lines.size(), 200'000U);
  for (int i = 0; i < 200'000; ++i) ASSERT_EQ(lines[static_cast<size_t>(i)], std::to_string(i));
}

TEST_F(FileCollectorTest, takes_a_line_larger_than_any_buffer) {
  const std::string large(64'000'000, 'x');
  write("a.log", "a\n" + large + "\nb\n");
  start(kBeginning);
  const Lines lines = read_all();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1].size(), large.size());
  EXPECT_EQ(lines[2], "b");
}

TEST_F(FileCollectorTest, an_unreadable_file_is_reported_and_the_others_are_read) {
  write("a.log", "1\n");
  write("b.log", "2\n");
  fs::permissions(path("a.log"), fs::perms::none);
  start(kBeginning);
  const bool root = geteuid() == 0;  // may read everything, so be somebody else meanwhile
  if (root) (void)!seteuid(65'534);
  EXPECT_EQ(read_all(), Lines{"2"});
  if (root) (void)!seteuid(0);
  EXPECT_EQ(collector_->metrics().failures.value(), 1U);
}

TEST_F(FileCollectorTest, leaves_out_old_and_excluded_files) {
  write("old.log", "old\n");
  write("new.log", "new\n");
  write("skip.log.bz2", "x\n");
  const timespec hour_ago[2] = {{clock_.now().seconds - 3600, 0}, {clock_.now().seconds - 3600, 0}};
  utimensat(AT_FDCWD, path("old.log").c_str(), hour_ago, 0);
  start(kBeginning + R"( ignore_older => 60 exclude => ["*.bz2"])");
  EXPECT_EQ(read_all(), Lines{"new"});
  append("old.log", "fresh\n");
  EXPECT_EQ(look_and_read(), Lines{"fresh"});
}

TEST_F(FileCollectorTest, closes_idle_files_and_opens_them_again) {
  write("a.log", "1\n");
  start(kBeginning + " close_older => 10");
  read_all();
  clock_.advance(std::chrono::seconds(11));
  EXPECT_EQ(look_and_read(), Lines{});
  EXPECT_EQ(collector_->metrics().open_files.value(), 0);
  append("a.log", "2\n");
  EXPECT_EQ(look_and_read(), Lines{"2"});
}

TEST_F(FileCollectorTest, cuts_at_the_given_delimiter) {
  write("a.log", "1||2|3||");
  start(kBeginning + R"( delimiter => "||")");
  EXPECT_EQ(read_all(), (Lines{"1", "2|3"}));
}

TEST_F(FileCollectorTest, a_registry_with_a_torn_line_keeps_the_others) {
  write("a.log", "1\n");
  write("b.log", "1\n");
  const std::string options = kBeginning + " sincedb_path => \"" + path("registry") + "\"";
  start(options);
  read_all();
  settle_and_commit();
  stop();
  append("registry", "deadbeef 1 2 3");
  start(options);
  EXPECT_EQ(read_all(), Lines{});
}

TEST_F(FileCollectorTest, takes_over_the_positions_of_a_sincedb) {
  write("a.log", "1\n2\n");
  struct stat info {};
  ASSERT_EQ(stat(path("a.log").c_str(), &info), 0);
  write("sincedb", std::to_string(info.st_ino) + " " + std::to_string(major(info.st_dev)) + " " +
                       std::to_string(minor(info.st_dev)) + " 2 1700000000.5 " + path("a.log") +
                       "\n");
  start(kBeginning + " sincedb_path => \"" + path("sincedb") + "\"");
  EXPECT_EQ(read_all(), Lines{"2"});
}

TEST_F(FileCollectorTest, two_inputs_do_not_share_a_registry) {
  write("a.log", "1\n");
  start(kBeginning);
  Registry second;
  const std::string taken = [&] {
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "data"))
      if (entry.path().extension() == ".registry") return entry.path().string();
    return std::string();
  }();
  ASSERT_FALSE(taken.empty());
  const Status opened = second.open(taken, 0, 0);
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find("sincedb_path"), std::string::npos);
}

TEST(FileOptions, refuses_relative_paths_and_a_log_without_a_path) {
  const auto error_of = [](std::string_view options) {
    const Settings settings = test::settings_of(PluginKind::input, file_input().info, options);
    const auto read = read_file_options(settings, test::test_context());
    return read.ok() ? "" : read.error().text();
  };
  EXPECT_NE(error_of(R"(path => "a.log")").find("must be absolute"), std::string::npos);
  EXPECT_NE(error_of(R"(path => "/a" mode => read file_completed_action => log)")
                .find("file_completed_log_path"),
            std::string::npos);
}

}  // namespace
}  // namespace penstock::file
