#include "pipeline/metrics/http_endpoint.h"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

namespace penstock {
namespace {

constexpr int kBacklog = 64;

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
  }
  return "Internal Server Error";
}

uint16_t bound_port(const uv_tcp_t& listener) {
  sockaddr_storage address{};
  int size = sizeof address;
  uv_tcp_getsockname(&listener, reinterpret_cast<sockaddr*>(&address), &size);
  // sin_port and sin6_port lie at the same place.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

}  // namespace

// Loop thread. Gone when both of its handles have closed.
struct HttpEndpoint::Connection {
  HttpEndpoint& endpoint;
  uv_tcp_t socket{};
  uv_timer_t timer{};
  uv_write_t writing{};
  std::string head;
  std::string reply;
  std::array<char, 2048> buffer;
  unsigned open_handles = 2;
  bool closing = false;

  explicit Connection(HttpEndpoint& e) : endpoint(e) {}
};

HttpEndpoint::HttpEndpoint(Options options, Handler handler)
    : options_(std::move(options)), handler_(std::move(handler)) {}

HttpEndpoint::~HttpEndpoint() { stop(); }

Status HttpEndpoint::start() {
  loop_ = std::make_unique<EventLoop>("api");
  Status status = ok_status();
  loop_->run([&] { status = listen(); });
  if (!status.ok()) stop();
  return status;
}

void HttpEndpoint::stop() {
  if (!loop_) return;
  loop_->run([this] {
    for (auto& connection : connections_) close(*connection);
  });
  loop_->stop();
  connections_.clear();
  loop_.reset();
  listeners_.clear();
}

Status HttpEndpoint::listen() {
  for (uint32_t port = options_.port_first; port <= options_.port_last; ++port) {
    sockaddr_storage address{};
    const int number = static_cast<int>(port);
    if (uv_ip4_addr(options_.host.c_str(), number, reinterpret_cast<sockaddr_in*>(&address)) != 0 &&
        uv_ip6_addr(options_.host.c_str(), number, reinterpret_cast<sockaddr_in6*>(&address)) != 0)
      return Error{Errc::bad_config, "api.http.host: `" + options_.host + "` is no IP address"};
    const int failure = try_port(reinterpret_cast<const sockaddr*>(&address));
    if (failure == 0) return ok_status();
    if (failure != UV_EADDRINUSE)
      return io_error(fmt::format("api: cannot listen on {}:{}: {}", options_.host, port,
                                  uv_strerror(failure)));
  }
  return io_error(fmt::format("api: no free port between {} and {} on {}", options_.port_first,
                              options_.port_last, options_.host));
}

// A listener that fails is closed, but its memory stays until stop(): closing ends later.
int HttpEndpoint::try_port(const sockaddr* address) {
  uv_tcp_t& listener = *listeners_.emplace_back(std::make_unique<uv_tcp_t>());
  uv_tcp_init(loop_->uv(), &listener);
  listener.data = this;
  int failure = uv_tcp_bind(&listener, address, 0);
  if (failure == 0)
    failure = uv_listen(reinterpret_cast<uv_stream_t*>(&listener), kBacklog,
                        [](uv_stream_t* stream, int status) {
                          if (status == 0) static_cast<HttpEndpoint*>(stream->data)->accept(stream);
                        });
  if (failure == 0)
    port_ = bound_port(listener);
  else
    uv_close(reinterpret_cast<uv_handle_t*>(&listener), nullptr);
  return failure;
}

void HttpEndpoint::accept(uv_stream_t* listener) {
  auto made = std::make_unique<Connection>(*this);
  Connection& connection = *made;
  connection.socket.data = connection.timer.data = &connection;
  uv_tcp_init(loop_->uv(), &connection.socket);
  uv_timer_init(loop_->uv(), &connection.timer);
  connections_.push_back(std::move(made));
  auto* stream = reinterpret_cast<uv_stream_t*>(&connection.socket);
  if (uv_accept(listener, stream) != 0 || connections_.size() > options_.connections_max)
    return close(connection);
  uv_timer_start(
      &connection.timer,
      [](uv_timer_t* timer) {
        auto& late = *static_cast<Connection*>(timer->data);
        late.endpoint.close(late);
      },
      static_cast<uint64_t>(options_.time_max.count()), 0);
  uv_read_start(
      stream,
      [](uv_handle_t* handle, size_t, uv_buf_t* buffer) {
        auto& c = *static_cast<Connection*>(handle->data);
        *buffer = uv_buf_init(c.buffer.data(), static_cast<unsigned>(c.buffer.size()));
      },
      [](uv_stream_t* from, ssize_t got, const uv_buf_t*) {
        auto& c = *static_cast<Connection*>(from->data);
        if (got < 0) return c.endpoint.close(c);
        c.endpoint.received(c, static_cast<size_t>(got));
      });
}

void HttpEndpoint::received(Connection& connection, size_t bytes) {
  connection.head.append(connection.buffer.data(), bytes);
  HttpRequest request;
  const HttpParse parsed = parse_http_request(connection.head, request);
  if (parsed == HttpParse::incomplete) return;
  uv_read_stop(reinterpret_cast<uv_stream_t*>(&connection.socket));
  if (parsed == HttpParse::too_large)
    return answer(connection, {431, "text/plain", "the request is too large\n"}, false);
  if (parsed == HttpParse::bad)
    return answer(connection, {400, "text/plain", "this is no HTTP/1.1 request\n"}, false);
  const bool head_only = request.method == "HEAD";
  const auto& posts = options_.posts;
  const bool post = request.method == "POST" &&
                    std::find(posts.begin(), posts.end(), request.path) != posts.end();
  if (request.method != "GET" && !head_only && !post)
    return answer(connection, {405, "text/plain", "only GET and HEAD\n"}, false);
  answer(connection, handler_(request), head_only);
}

void HttpEndpoint::answer(Connection& connection, const HttpResponse& response, bool head_only) {
  connection.reply = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n"
      "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n",
      response.status, reason_of(response.status), response.content_type, response.body.size());
  if (!head_only) connection.reply += response.body;
  connection.writing.data = &connection;
  const uv_buf_t buffer =
      uv_buf_init(connection.reply.data(), static_cast<unsigned>(connection.reply.size()));
  const int failure =
      uv_write(&connection.writing, reinterpret_cast<uv_stream_t*>(&connection.socket), &buffer, 1,
               [](uv_write_t* write, int) {
                 auto& c = *static_cast<Connection*>(write->data);
                 c.endpoint.close(c);
               });
  if (failure != 0) close(connection);
}

void HttpEndpoint::close(Connection& connection) {
  if (std::exchange(connection.closing, true)) return;
  const auto closed = [](uv_handle_t* handle) {
    auto& c = *static_cast<Connection*>(handle->data);
    if (--c.open_handles == 0)
      c.endpoint.connections_.remove_if([&](const auto& held) { return held.get() == &c; });
  };
  uv_close(reinterpret_cast<uv_handle_t*>(&connection.socket), closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&connection.timer), closed);
}

}  // namespace penstock
