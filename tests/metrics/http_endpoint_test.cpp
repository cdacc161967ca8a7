#include "pipeline/metrics/http_endpoint.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace penstock {
namespace {

HttpEndpoint::Options any_port() {
  HttpEndpoint::Options options;
  options.port_first = options.port_last = 0;
  return options;
}

HttpResponse echo(const HttpRequest& request) { return {200, "text/plain", request.path}; }

int connect_to(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return fd;
}

// Everything until the server closes.
std::string read_all(int fd) {
  std::string out;
  char buffer[4096];
  for (ssize_t got; (got = read(fd, buffer, sizeof buffer)) > 0;)
    out.append(buffer, static_cast<size_t>(got));
  close(fd);
  return out;
}

std::string ask(uint16_t port, std::string_view request) {
  const int fd = connect_to(port);
  EXPECT_EQ(send(fd, request.data(), request.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(request.size()));
  return read_all(fd);
}

TEST(HttpEndpoint, answers_get_and_head) {
  HttpEndpoint endpoint(any_port(), echo);
  ASSERT_TRUE(endpoint.start().ok());
  const std::string get = ask(endpoint.port(), "GET /hello HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(get.starts_with("HTTP/1.1 200 OK\r\n")) << get;
  EXPECT_TRUE(get.ends_with("\r\n\r\n/hello")) << get;
  const std::string head = ask(endpoint.port(), "HEAD /hello HTTP/1.1\r\n\r\n");
  EXPECT_NE(head.find("Content-Length: 6\r\n"), std::string::npos);
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
}

TEST(HttpEndpoint, refuses_other_methods_and_nonsense) {
  HttpEndpoint endpoint(any_port(), echo);
  ASSERT_TRUE(endpoint.start().ok());
  EXPECT_TRUE(ask(endpoint.port(), "POST / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
  EXPECT_TRUE(ask(endpoint.port(), "nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
}

TEST(HttpEndpoint, closes_a_connection_that_takes_too_long) {
  HttpEndpoint::Options options = any_port();
  options.time_max = std::chrono::milliseconds(20);
  HttpEndpoint endpoint(options, echo);
  ASSERT_TRUE(endpoint.start().ok());
  EXPECT_EQ(read_all(connect_to(endpoint.port())), "");
}

TEST(HttpEndpoint, takes_the_next_port_when_one_is_taken) {
  HttpEndpoint first(any_port(), echo);
  ASSERT_TRUE(first.start().ok());
  HttpEndpoint::Options options;
  options.port_first = first.port();
  options.port_last = static_cast<uint16_t>(first.port() + 20);
  HttpEndpoint second(options, echo);
  ASSERT_TRUE(second.start().ok());
  EXPECT_NE(second.port(), first.port());
}

TEST(HttpEndpoint, stops_with_a_connection_open) {
  HttpEndpoint endpoint(any_port(), echo);
  ASSERT_TRUE(endpoint.start().ok());
  const int fd = connect_to(endpoint.port());
  endpoint.stop();
  read_all(fd);
}

}  // namespace
}  // namespace penstock
