#include "filters/cidr.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

bool matches(const std::string& options, std::string_view json) {
  FilterRun run(cidr_filter(), options);
  run.one(json);
  return run.matched();
}

TEST(Cidr, an_address_in_one_of_the_networks) {
  const std::string options = R"(address => ["%{ip}"] network => ["10.0.0.0/8, 192.168.1.7",
                              "172.16.0.0/255.240.0.0", "fe80::/64"])";
  EXPECT_TRUE(matches(options, R"({"ip":"10.255.0.1"})"));
  EXPECT_TRUE(matches(options, R"({"ip":"192.168.1.7"})"));
  EXPECT_TRUE(matches(options, R"({"ip":"172.31.255.255"})"));
  EXPECT_TRUE(matches(options, R"({"ip":"fe80:0:0:0:0:0:0:1"})"));
  EXPECT_FALSE(matches(options, R"({"ip":"11.0.0.0"})"));
  EXPECT_FALSE(matches(options, R"({"ip":"172.32.0.0"})"));
  EXPECT_FALSE(matches(options, R"({"ip":"fe80:0:0:1::1"})"));
  EXPECT_FALSE(matches(options, R"({"ip":"a00::"})"));
  EXPECT_FALSE(matches(options, R"({"ip":"10.1.1"})"));
  EXPECT_FALSE(matches(options, "{}"));
}

TEST(Cidr, overlapping_networks_are_one) {
  const std::string options =
      R"(address => ["%{ip}"] network => ["10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/1", "9.9.9.9"])";
  EXPECT_TRUE(matches(options, R"({"ip":"127.255.255.255"})"));
  EXPECT_FALSE(matches(options, R"({"ip":"128.0.0.0"})"));
}

TEST(Cidr, addresses_of_a_field) {
  const std::string options = R"(address_field => "[h][ip]" network => "10.0.0.0/8")";
  EXPECT_TRUE(matches(options, R"({"h":{"ip":["1.1.1.1",5,"10.0.0.1"]}})"));
  EXPECT_TRUE(matches(options, R"({"h":{"ip":"10.0.0.1"}})"));
  EXPECT_FALSE(matches(options, R"({"h":{"ip":[]}})"));
}

TEST(Cidr, networks_of_the_event) {
  const std::string options = R"(address => "10.0.0.1" network => "%{nets}")";
  EXPECT_TRUE(matches(options, R"({"nets":["1.0.0.0/8","10.0.0.0/8"]})"));
  EXPECT_FALSE(matches(options, R"({"nets":"1.0.0.0/8"})"));
  EXPECT_FALSE(matches(options, "{}"));
}

TEST(Cidr, networks_of_a_file_that_may_change) {
  char folder[] = "/tmp/penstock-cidr-XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string path = std::string(folder) + "/nets";
  std::ofstream(path) << "10.0.0.0/8\nwrong\n";
  FilterRun run(cidr_filter(),
                "address => \"%{ip}\" refresh_interval => 5 network_path => \"" + path + "\"");
  run.one(R"({"ip":"10.0.0.1"})");
  EXPECT_TRUE(run.matched());
  std::ofstream(path) << "11.0.0.0/8\n";
  Batch none;
  const std::chrono::steady_clock::time_point begin(std::chrono::hours(1));
  run.filter().tick(none, begin);
  run.filter().tick(none, begin + std::chrono::seconds(4));
  run.one(R"({"ip":"10.0.0.1"})");
  EXPECT_TRUE(run.matched());
  run.filter().tick(none, begin + std::chrono::seconds(5));
  run.one(R"({"ip":"10.0.0.1"})");
  EXPECT_FALSE(run.matched());
  std::filesystem::remove_all(folder);
}

TEST(Cidr, options_that_exclude_each_other) {
  EXPECT_NE(test::make_error(cidr_filter(), R"(address => "1.1.1.1" address_field => "a")"), "");
  EXPECT_NE(test::make_error(cidr_filter(), R"(network => "1.1.1.1" network_path => "/x")"), "");
  EXPECT_NE(test::make_error(cidr_filter(), R"(network_path => "/nowhere/at/all")"), "");
}

}  // namespace
}  // namespace penstock
