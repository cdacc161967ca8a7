#include "filters/dns.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "filters/dns/cache.h"
#include "filters/dns/hosts.h"
#include "filters/dns/message.h"
#include "tests/support/own_state.h"

namespace penstock {
namespace {

using dns::Answer;
using dns::Type;

// --- messages ---

std::string word(unsigned value) {
  return {static_cast<char>(value >> 8 & 255), static_cast<char>(value & 255)};
}

// The answer to `question` with the given code and records (type, data).
std::string answer_to(std::string_view question, unsigned code,
                      std::initializer_list<std::pair<unsigned, std::string>> records) {
  std::string out(question.substr(0, 2));
  out += word(0x8180 | code) + word(1) + word(static_cast<unsigned>(records.size())) + word(0) +
         word(0);
  out += question.substr(12);
  for (const auto& [type, data] : records) {
    out += "\xC0\x0C" + word(type) + word(1) + word(0) + word(60);
    out += word(static_cast<unsigned>(data.size())) + data;
  }
  return out;
}

const std::string kAddress("\x01\x02\x03\x04", 4);

TEST(DnsMessage, an_answer_is_read_through_aliases) {
  const std::string question = dns::build_question(7, "www.example.com", Type::a);
  const std::string alias(
      "\x01"
      "x\xC0\x10",
      4);  // x.example.com
  const auto answer = dns::read_answer(answer_to(question, 0, {{5, alias}, {1, kAddress}}), 7,
                                       "www.example.com", Type::a);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->kind, Answer::Kind::found);
  EXPECT_EQ(answer->text, "1.2.3.4");
}

TEST(DnsMessage, names_of_pointers) {
  const std::string name = dns::reverse_name("1.2.3.4");
  EXPECT_EQ(name, "4.3.2.1.in-addr.arpa");
  const std::string question = dns::build_question(7, name, Type::ptr);
  const auto answer = dns::read_answer(answer_to(question, 0,
                                                 {{12, std::string("\x04host\x07"
                                                                   "example\x00",
                                                                   14)}}),
                                       7, name, Type::ptr);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->text, "host.example");
  EXPECT_EQ(dns::reverse_name("::1"),
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa");
}

TEST(DnsMessage, other_answers_are_not_taken) {
  const std::string question = dns::build_question(7, "a.b", Type::a);
  const std::string good = answer_to(question, 0, {{1, kAddress}});
  EXPECT_FALSE(dns::read_answer(good, 8, "a.b", Type::a));
  EXPECT_FALSE(dns::read_answer(good, 7, "a.c", Type::a));
  EXPECT_FALSE(dns::read_answer(good, 7, "a.b", Type::aaaa));
  EXPECT_FALSE(dns::read_answer(question, 7, "a.b", Type::a));
  for (size_t size = 0; size < good.size(); ++size) {
    const auto cut = dns::read_answer(good.substr(0, size), 7, "a.b", Type::a);
    EXPECT_TRUE(!cut || cut->kind == Answer::Kind::failure) << size;
  }
}

TEST(DnsMessage, codes) {
  const std::string question = dns::build_question(7, "a.b", Type::a);
  const auto kind = [&](unsigned code) {
    return dns::read_answer(answer_to(question, code, {}), 7, "a.b", Type::a)->kind;
  };
  EXPECT_EQ(kind(0), Answer::Kind::none);
  EXPECT_EQ(kind(2), Answer::Kind::failure);
  EXPECT_EQ(kind(3), Answer::Kind::no_such_name);
}

TEST(DnsMessage, names_that_are_none) {
  for (const std::string& name :
       {std::string(), std::string("a..b"), std::string(".a"), std::string(64, 'x'),
        std::string(300, '.'), std::string(128, 'a') + ".b"})
    EXPECT_EQ(dns::build_question(1, name, Type::a), "") << name;
}

// --- cache and hosts ---

TEST(DnsCache, the_oldest_goes_and_nothing_outlives_its_time) {
  dns::Cache cache(2, std::chrono::seconds(10));
  dns::Cache::SteadyTime now{};
  cache.put("a", "1", now);
  cache.put("b", "2", now);
  EXPECT_EQ(cache.find("a", now), "1");
  cache.put("c", "3", now);
  EXPECT_EQ(cache.find("b", now), std::nullopt);
  EXPECT_EQ(cache.find("a", now + std::chrono::seconds(9)), "1");
  EXPECT_EQ(cache.find("a", now + std::chrono::seconds(10)), std::nullopt);
  cache.put("c", "4", now);
  EXPECT_EQ(cache.find("c", now), "4");
}

TEST(DnsHosts, files_like_etc_hosts) {
  dns::Hosts hosts;
  hosts.add("# c\n10.0.0.1\tone uno # x\n::1 six\nbad name\n10.0.0.2 one\n10.0.0.3");
  EXPECT_EQ(*hosts.address_of("uno"), "10.0.0.1");
  EXPECT_EQ(*hosts.address_of("one"), "10.0.0.1");
  EXPECT_EQ(*hosts.name_of("::1"), "six");
  EXPECT_EQ(hosts.name_of("10.0.0.3"), nullptr);
}

TEST(DnsHosts, resolv_conf) {
  const auto system = dns::parse_resolv_conf(
      "nameserver 10.0.0.1\nsearch a.b c.d\noptions edns0 ndots:2\nnameserver ::1\n");
  EXPECT_EQ(system.nameservers, (std::vector<std::string>{"10.0.0.1", "::1"}));
  EXPECT_EQ(system.search, (std::vector<std::string>{"a.b", "c.d"}));
  EXPECT_EQ(system.ndots, 2);
}

// --- the filter, with a server ---

// Answers A questions for the names it knows with 1.2.3.4, PTR ones with host.example, others with
// "no such name", and is silent about names that begin with "silent".
class FakeServer {
 public:
  FakeServer() {
    socket_ = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeServer() {
    stop_ = true;
    thread_.join();
    close(socket_);
  }
  uint16_t port() const { return port_; }
  int questions() const { return questions_; }

 private:
  void serve() {
    while (!stop_) {
      pollfd polled{socket_, POLLIN, 0};
      if (poll(&polled, 1, 10) != 1) continue;
      char buffer[512];
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t got =
          recvfrom(socket_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (got < 17) continue;
      ++questions_;
      const std::string out = reply({buffer, static_cast<size_t>(got)});
      sendto(socket_, out.data(), out.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }
  static std::string reply(std::string_view question) {
    const int type = question[question.size() - 3];
    if (question.find("silent") != question.npos) return "x";
    if (type == 12)
      return answer_to(question, 0,
                       {{12, std::string("\x04host\x07"
                                         "example\x00",
                                         14)}});
    if (type == 1 && question.find("known") != question.npos)
      return answer_to(question, 0, {{1, kAddress}});
    return answer_to(question, 3, {});
  }

  int socket_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> stop_{false};
  std::atomic<int> questions_{0};
  std::thread thread_;
};

class DnsTest : public testing::Test {
 protected:
  std::string options(std::string_view more) const {
    return fmt::format("nameserver => \"127.0.0.1:{}\" timeout => 0.05 max_retries => 1 {}",
                       server_.port(), more);
  }
  std::string one(std::string_view more, std::string_view json) {
    test::FilterRun run(dns_filter(), options(more), own_.context);
    const std::string out = run.one(json);
    matched_ = run.matched();
    return out;
  }
  FakeServer server_;
  test::OwnState own_;
  bool matched_ = false;
};

TEST_F(DnsTest, names_become_addresses) {
  EXPECT_EQ(one(R"(resolve => ["h"] action => "replace")", R"({"h":"known.example"})"),
            R"({"h":"1.2.3.4"})");
  EXPECT_TRUE(matched_);
  EXPECT_EQ(one(R"(resolve => ["h"])", R"({"h":"known.example"})"),
            R"({"h":["known.example","1.2.3.4"]})");
}

TEST_F(DnsTest, addresses_become_names) {
  EXPECT_EQ(one(R"(reverse => ["a"] action => "replace")", R"({"a":"203.0.113.9"})"),
            R"({"a":"host.example"})");
  EXPECT_EQ(one(R"(reverse => ["a"])", R"({"a":["2001:db8::1"]})"),
            R"({"a":["2001:db8::1","host.example"]})");
}

TEST_F(DnsTest, what_is_not_there_stops_the_event_without_a_tag) {
  EXPECT_EQ(one(R"(resolve => ["h"] reverse => ["a"])", R"({"a":"203.0.113.9","h":"none.x"})"),
            R"({"a":"203.0.113.9","h":"none.x"})");
  EXPECT_FALSE(matched_);
}

TEST_F(DnsTest, silence_is_tagged_and_bounded) {
  EXPECT_EQ(one(R"(resolve => ["h"])", R"({"h":"silent.x"})"),
            R"({"h":"silent.x","tags":["_dnstimeout"]})");
  EXPECT_FALSE(matched_);
  EXPECT_GE(server_.questions(), 1);
}

TEST_F(DnsTest, fields_that_do_not_fit) {
  for (const char* json : {R"({"h":["a","b"]})", R"({"h":5})", R"({"h":[]})"}) {
    EXPECT_EQ(one(R"(resolve => ["h"])", json), json);
    EXPECT_FALSE(matched_);
  }
  EXPECT_EQ(one(R"(reverse => ["h"])", R"({"h":"no address"})"), R"({"h":"no address"})");
  EXPECT_FALSE(matched_);
  EXPECT_EQ(one(R"(resolve => ["h"])", "{}"), "{}");
  EXPECT_TRUE(matched_);
}

TEST_F(DnsTest, a_batch_is_looked_up_at_once_and_each_name_once) {
  test::FilterRun run(dns_filter(), options(R"(resolve => ["h"] action => "replace")"),
                      own_.context);
  Batch batch;
  std::vector<Row> rows, matched;
  for (int i = 0; i < 600; ++i)
    rows.push_back(test::add_event(batch, fmt::format(R"({{"h":"known{}.x"}})", i % 300)));
  run.filter().apply(batch, rows, matched);
  EXPECT_EQ(matched.size(), 600U);
  EXPECT_EQ(test::to_json(batch[599]), R"({"h":"1.2.3.4"})");
  EXPECT_LT(server_.questions(), 600);
}

TEST_F(DnsTest, hits_and_failures_are_remembered_by_all_workers) {
  const std::string more = R"(resolve => ["h"] hit_cache_size => 10 failed_cache_size => 10)";
  one(more, R"({"h":"known.x"})");
  one(more, R"({"h":"none.x"})");
  const int before = server_.questions();
  EXPECT_EQ(one(more, R"({"h":"known.x"})"), R"({"h":["known.x","1.2.3.4"]})");
  EXPECT_EQ(one(more, R"({"h":"none.x"})"), R"({"h":"none.x"})");
  EXPECT_EQ(server_.questions(), before);
  own_.clock.advance(std::chrono::seconds(61));
  one(more, R"({"h":"known.x"})");
  EXPECT_GT(server_.questions(), before);
}

TEST_F(DnsTest, addresses_resolve_to_themselves_and_hosts_files_come_first) {
  EXPECT_EQ(one(R"(resolve => ["h"] action => "replace")", R"({"h":"192.0.2.1"})"),
            R"({"h":"192.0.2.1"})");
  char path[] = "/tmp/dns-test-XXXXXX";
  const int file = mkstemp(path);
  EXPECT_EQ(write(file, "10.9.8.7 mine\n", 14), 14);
  close(file);
  const std::string hosts = fmt::format("hostsfile => [\"{}\"] resolve => [\"h\"]", path);
  test::FilterRun run(dns_filter(), hosts, own_.context);
  EXPECT_EQ(run.one(R"({"h":"mine"})"), R"({"h":["mine","10.9.8.7"]})");
  EXPECT_EQ(run.one(R"({"h":"other"})"), R"({"h":"other"})");
  EXPECT_FALSE(run.matched());
  std::filesystem::remove(path);
}

TEST_F(DnsTest, search_domains) {
  const std::string hash = fmt::format(
      R"(nameserver => {{ "address" => ["127.0.0.1:{}"] "search" => ["known.x"] }}
         resolve => ["h"] timeout => 0.2)",
      server_.port());
  test::FilterRun run(dns_filter(), hash, own_.context);
  EXPECT_EQ(run.one(R"({"h":"www"})"), R"({"h":["www","1.2.3.4"]})");
}

TEST_F(DnsTest, malformed_options_are_refused) {
  for (const char* bad :
       {R"(nameserver => "dns.example")", R"(nameserver => { "search" => ["x"] })",
        R"(nameserver => { "address" => "127.0.0.1" "ndots" => 0 })",
        R"(nameserver => { "address" => "127.0.0.1" "port" => 53 })", R"(nameserver => [])",
        R"(hostsfile => ["/nonexistent"])"})
    EXPECT_NE(test::make_error(dns_filter(), bad), "") << bad;
}

}  // namespace
}  // namespace penstock
