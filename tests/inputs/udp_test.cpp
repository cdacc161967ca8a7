#include "inputs/udp.h"

#include <arpa/inet.h>
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

class UdpTest : public testing::Test {
 protected:
  ~UdpTest() override {
    if (input_) input_->stop();
    if (socket_ >= 0) close(socket_);
  }
  void start(const std::string& options, Ecs ecs = Ecs::disabled) {
    Context context = test::test_context();
    context.ecs = ecs;
    registry_.codecs = all_codecs();
    context.registry = &registry_;
    const Settings settings = test::settings_of(PluginKind::input, udp_input().info,
                                                R"(host => "127.0.0.1" port => 0 )" + options);
    auto made = udp_input().make(settings, context);
    ASSERT_TRUE(made.ok()) << made.error().text();
    input_ = std::move(made).value();
    const Status started = input_->start(intake_, 7);
    ASSERT_TRUE(started.ok()) << started.error().text();
    auto target = resolve("127.0.0.1", static_cast<ListeningInput&>(*input_).port(), true);
    ASSERT_TRUE(target.ok());
    socket_ = socket(AF_INET, SOCK_DGRAM, 0);
    ASSERT_EQ(connect(socket_, target.value().get(), target.value().size), 0);
  }
  void send(std::string_view text) {
    ASSERT_EQ(::send(socket_, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }

  Registry registry_;
  test::FakeIntake intake_;
  std::unique_ptr<Input> input_;
  int socket_ = -1;
};

TEST_F(UdpTest, a_datagram_is_a_record_line_ends_and_all) {
  start("codec => json");
  send("{\"a\":\n1}\n{\"index\":{}}");
  EXPECT_EQ(intake_.wait_for(1), Lines{"{\"a\":\n1}\n{\"index\":{}}"});
}

TEST_F(UdpTest, a_line_codec_cuts_each_datagram) {
  start("codec => line");
  send("one\ntwo");
  send("three\n");
  EXPECT_EQ(intake_.wait_for(3), (Lines{"one", "two", "three"}));
}

TEST_F(UdpTest, a_codec_may_join_datagrams) {
  start("codec => gelf");
  send(
      std::string_view("\x1E\x0F"
                       "12345678\x01\x02"
                       "1}",
                       14));
  send(
      std::string_view("\x1E\x0F"
                       "12345678\x00\x02"
                       "{\"a\":",
                       17));
  send("{}");
  EXPECT_EQ(intake_.wait_for(2), (Lines{"{\"a\":1}", "{}"}));
}

TEST_F(UdpTest, gives_events_the_address_of_the_sender) {
  start("");
  send("x");
  intake_.wait_for(1);
  const Origin& origin = *intake_.parcels().at(0)->origin;
  EXPECT_EQ(origin.input, 7U);
  EXPECT_EQ(origin.fields.at(0).field.text(), "[host]");
  EXPECT_EQ(origin.fields.at(0).text, "127.0.0.1");
}

TEST_F(UdpTest, names_the_address_field_by_mode_and_by_option) {
  start("", Ecs::v8);
  send("x");
  intake_.wait_for(1);
  EXPECT_EQ(intake_.parcels().at(0)->origin->fields.at(0).field.text(), "[host][ip]");
}

TEST_F(UdpTest, keeps_every_datagram_of_a_burst_in_order) {
  start("receive_buffer_bytes => 4194304");
  Lines sent;
  for (int i = 0; i < 500; ++i) {
    sent.push_back("datagram " + std::to_string(i));
    send(sent.back());
  }
  EXPECT_EQ(intake_.wait_for(500), sent);
}

TEST_F(UdpTest, cuts_a_datagram_at_the_buffer_size) {
  start("buffer_size => 4");
  send("abcdef");
  EXPECT_EQ(intake_.wait_for(1), Lines{"abcd"});
}

TEST_F(UdpTest, waits_while_the_intake_is_full_and_goes_on) {
  intake_.set_room(0);
  start("");
  send("one");
  ASSERT_TRUE(intake_.wait_refused());
  send("two");
  intake_.set_room(SIZE_MAX);
  input_->resume();
  EXPECT_EQ(intake_.wait_for(2), (Lines{"one", "two"}));
}

TEST_F(UdpTest, says_which_port_is_taken) {
  start("");
  const auto port = std::to_string(static_cast<ListeningInput&>(*input_).port());
  const Settings settings = test::settings_of(PluginKind::input, udp_input().info,
                                              R"(host => "127.0.0.1" port => )" + port);
  auto second = udp_input().make(settings, test::test_context());
  ASSERT_TRUE(second.ok());
  const Status started = second.value()->start(intake_, 0);
  ASSERT_FALSE(started.ok());
  EXPECT_NE(started.error().message.find(port), std::string::npos);
}

}  // namespace
}  // namespace penstock
