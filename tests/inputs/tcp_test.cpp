#include "inputs/tcp.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "codecs/codecs.h"
#include "inputs/listener.h"
#include "tests/inputs/fake_intake.h"
#include "tests/support/plugins.h"

namespace penstock {
namespace {

using Lines = std::vector<std::string>;

class TcpTest : public testing::Test {
 protected:
  ~TcpTest() override {
    if (input_) input_->stop();
    for (const int socket : sockets_) close(socket);
  }
  Result<std::unique_ptr<Input>> make(const std::string& options, Ecs ecs = Ecs::disabled) {
    Context context = test::test_context();
    context.ecs = ecs;
    registry_.codecs = all_codecs();
    context.registry = &registry_;
    return tcp_input().make(
        test::settings_of(PluginKind::input, tcp_input().info, R"(host => "127.0.0.1" )" + options),
        context);
  }
  void start(const std::string& options, Ecs ecs = Ecs::disabled) {
    auto made = make("port => 0 " + options, ecs);
    ASSERT_TRUE(made.ok()) << made.error().text();
    input_ = std::move(made).value();
    const Status started = input_->start(intake_, 7);
    ASSERT_TRUE(started.ok()) << started.error().text();
  }
  uint16_t port() { return static_cast<ListeningInput&>(*input_).port(); }
  int dial() {
    auto target = resolve("127.0.0.1", port(), false);
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(connect(socket, target.value().get(), target.value().size), 0);
    sockets_.push_back(socket);
    return socket;
  }
  static void send(int socket, std::string_view text) {
    ASSERT_EQ(::send(socket, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  const OriginField& field(size_t index) {
    return intake_.parcels().at(0)->origin->fields.at(index);
  }

  Registry registry_;
  test::FakeIntake intake_;
  std::unique_ptr<Input> input_;
  std::vector<int> sockets_;
};

TEST_F(TcpTest, cuts_the_stream_of_each_connection) {
  start("codec => json_lines");
  const int a = dial(), b = dial();
  send(a, "{\"a\":");
  send(b, "{\"b\":1}\n");
  EXPECT_EQ(intake_.wait_for(1), Lines{"{\"b\":1}"});
  send(a, "1}\n{\"a\":2}\n");
  EXPECT_EQ(intake_.wait_for(2), (Lines{"{\"a\":1}", "{\"a\":2}"}));
}

TEST_F(TcpTest, the_end_of_a_connection_ends_its_record) {
  start("");
  const int socket = dial();
  send(socket, "one\nhalf");
  shutdown(socket, SHUT_WR);
  EXPECT_EQ(intake_.wait_for(2), (Lines{"one", "half"}));
}

TEST_F(TcpTest, a_stop_hands_over_what_was_received) {
  start("");
  const int socket = dial();
  send(socket, "one\nhalf");
  EXPECT_EQ(intake_.wait_for(1), Lines{"one"});
  input_->stop();
  EXPECT_EQ(intake_.take(), Lines{"half"});
}

TEST_F(TcpTest, names_the_peer_by_mode) {
  start("");
  send(dial(), "x\n");
  intake_.wait_for(1);
  EXPECT_EQ(field(0).field.text(), "[host]");
  EXPECT_EQ(field(0).text, "127.0.0.1");
  EXPECT_EQ(field(2).field.text(), "[port]");
  EXPECT_TRUE(field(2).is_integer);
}

TEST_F(TcpTest, names_the_peer_under_ecs) {
  start("", Ecs::v8);
  send(dial(), "x\n");
  intake_.wait_for(1);
  EXPECT_EQ(field(1).field.text(), "[@metadata][input][tcp][source][ip]");
}

TEST_F(TcpTest, reads_the_client_from_a_proxy_line_in_pieces) {
  start("proxy_protocol => true");
  const int socket = dial();
  for (const std::string_view piece :
       {"PRO", "XY TCP4 198.51.100.1 203.0.113.9 56324 443\r", "\nhel", "lo\n"})
    send(socket, piece);
  EXPECT_EQ(intake_.wait_for(1), Lines{"hello"});
  EXPECT_EQ(field(0).text, "198.51.100.1");
  EXPECT_EQ(field(2).text, "56324");
  EXPECT_EQ(field(3).text, "203.0.113.9");
  EXPECT_EQ(field(4).text, "443");
}

TEST_F(TcpTest, closes_a_connection_without_a_good_proxy_line) {
  start("proxy_protocol => true");
  for (const std::string& bad : {std::string("GET / HTTP/1.1\r\n"), std::string(4000, 'x'),
                                 std::string("PROXY TCP4 a\r\n")}) {
    const int socket = dial();
    send(socket, bad);
    char byte;
    EXPECT_LE(recv(socket, &byte, 1, 0), 0);
  }
  EXPECT_EQ(intake_.take(), Lines{});
}

TEST_F(TcpTest, stops_reading_while_the_intake_is_full_and_loses_nothing) {
  intake_.set_room(1);
  start("");
  const int socket = dial();
  std::thread sender([&] {
    for (int i = 0; i < 20'000; ++i) send(socket, std::string(200, 'x') + std::to_string(i) + "\n");
  });
  ASSERT_TRUE(intake_.wait_refused());
  intake_.set_room(SIZE_MAX);
  input_->resume();
  EXPECT_EQ(intake_.wait_for(20'000).size(), 20'000U);
  sender.join();
}

TEST_F(TcpTest, serves_hundreds_of_connections) {
  start("");
  for (int i = 0; i < 300; ++i) send(dial(), std::to_string(i) + "\n");
  EXPECT_EQ(intake_.wait_for(300).size(), 300U);
}

TEST_F(TcpTest, a_client_reads_from_a_server_and_comes_back_after_it_is_gone) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  auto any = resolve("127.0.0.1", 0, false);
  ASSERT_EQ(bind(listener, any.value().get(), any.value().size), 0);
  ASSERT_EQ(listen(listener, 4), 0);
  SocketAddress bound;
  getsockname(listener, bound.get(), &bound.size);
  auto made = make("mode => client port => " + std::to_string(bound.port()));
  ASSERT_TRUE(made.ok());
  input_ = std::move(made).value();
  ASSERT_TRUE(input_->start(intake_, 0).ok());
  for (const std::string line : {"first", "second"}) {
    const int socket = accept(listener, nullptr, nullptr);
    send(socket, line + "\n");
    EXPECT_EQ(intake_.wait_for(1), Lines{line});
    close(socket);
  }
  close(listener);
}

TEST_F(TcpTest, says_what_is_wrong) {
  EXPECT_NE(make("port => 70000").error().text().find("65535"), std::string::npos);
  EXPECT_NE(make("port => 1 ssl_enabled => true").error().text().find("TLS"), std::string::npos);
  start("");
  auto second = make("port => " + std::to_string(port()));
  const Status started = second.value()->start(intake_, 0);
  ASSERT_FALSE(started.ok());
  EXPECT_NE(started.error().message.find("cannot listen"), std::string::npos);
}

}  // namespace
}  // namespace penstock
