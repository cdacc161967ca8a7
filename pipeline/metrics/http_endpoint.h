// HttpEndpoint: a small HTTP/1.1 server for the API. GET and HEAD, and POST without a body to the
// paths that are named; one request per connection,
// then it closes. Bounded: the head's size, the connections at once, and the time each may take;
// what is over the bound is refused, and nothing a client sends reaches the pipeline.
//
// start() and stop() on one thread; the handler runs on the endpoint's own.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/base/event_loop.h"
#include "pipeline/base/result.h"
#include "pipeline/metrics/http_request.h"

namespace penstock {

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
};

class HttpEndpoint {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    uint16_t port_first = 9600;  // 0: any
    uint16_t port_last = 9700;
    size_t connections_max = 64;
    std::vector<std::string> posts;            // paths that take POST too
    std::chrono::milliseconds time_max{5000};  // from accept to the last byte of the answer
  };
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  HttpEndpoint(Options options, Handler handler);
  ~HttpEndpoint();
  HttpEndpoint(const HttpEndpoint&) = delete;
  HttpEndpoint& operator=(const HttpEndpoint&) = delete;

  // Listens on the first free port of the range.
  Status start();
  void stop();
  uint16_t port() const { return port_; }  // after start()

 private:
  struct Connection;
  Status listen();
  int try_port(const struct sockaddr* address);
  void accept(uv_stream_t* listener);
  void received(Connection& connection, size_t bytes);
  void answer(Connection& connection, const HttpResponse& response, bool head_only);
  void close(Connection& connection);

  Options options_;
  Handler handler_;
  uint16_t port_ = 0;
  std::unique_ptr<EventLoop> loop_;
  std::vector<std::unique_ptr<uv_tcp_t>> listeners_;  // one listens; the ports that were taken
  std::list<std::unique_ptr<Connection>> connections_;
};

}  // namespace penstock
