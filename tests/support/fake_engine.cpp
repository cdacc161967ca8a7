#include "tests/support/fake_engine.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <chrono>
#include <list>

#include "pipeline/base/check.h"
#include "pipeline/base/text.h"
#include "pipeline/event/json_reader.h"

namespace penstock::test {
namespace {

constexpr size_t kRequestBytesMax = size_t{256} << 20;

std::string gunzip(std::string_view in) {
  z_stream stream{};
  CHECK(inflateInit2(&stream, 15 + 32) == Z_OK, "zlib starts");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  stream.avail_in = static_cast<uInt>(in.size());
  std::string out;
  std::vector<char> piece(64 << 10);
  int code = Z_OK;
  while (code == Z_OK && out.size() < kRequestBytesMax) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    code = inflate(&stream, Z_NO_FLUSH);
    out.append(piece.data(), piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  CHECK(code == Z_STREAM_END, "a request's gzip is whole");
  return out;
}

std::string text_of(const Value& object, std::string_view name) {
  const Value* found = object_find(object, Name(name));
  return found ? to_text(*found) : "";
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

// A whole request at the start of `in`, removed from it.
bool take_request(std::string& in, EngineRequest& out) {
  const size_t head_end = in.find("\r\n\r\n");
  if (head_end == std::string::npos) return false;
  const std::string head = in.substr(0, head_end + 2);
  const size_t line_end = head.find("\r\n"), blank = head.find(' ');
  out = {};
  out.method = head.substr(0, blank);
  out.path = head.substr(blank + 1, head.find(' ', blank + 1) - blank - 1);
  for (size_t at = line_end + 2; at < head.size();) {
    const size_t end = head.find("\r\n", at), colon = head.find(':', at);
    if (colon < end)
      out.headers[to_lower_ascii(head.substr(at, colon - at))] =
          std::string(trim(std::string_view(head).substr(colon + 1, end - colon - 1)));
    at = end + 2;
  }
  const size_t length = static_cast<size_t>(
      parse_integer(out.headers.count("content-length") ? out.headers["content-length"] : "0")
          .value_or(0));
  if (in.size() < head_end + 4 + length) return false;
  out.body = in.substr(head_end + 4, length);
  in.erase(0, head_end + 4 + length);
  if (out.headers["content-encoding"] == "gzip") out.body = gunzip(out.body);
  return true;
}

}  // namespace

struct FakeEngine::Connection {
  int fd;
  std::string in;
  std::string held;  // an answer that waits for release()
};

FakeEngine::FakeEngine(uint16_t port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int one = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  CHECK(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "a free port");
  CHECK(listen(listener_, 64) == 0, "listening");
  socklen_t size = sizeof address;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  CHECK(pipe2(wake_, O_CLOEXEC | O_NONBLOCK) == 0, "a pipe");
  thread_ = std::thread([this] { run(); });
}

FakeEngine::~FakeEngine() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  (void)!write(wake_[1], "x", 1);
  thread_.join();
  close(listener_);
  close(wake_[0]);
  close(wake_[1]);
}

void FakeEngine::script(Step step) {
  std::lock_guard lock(mutex_);
  script_.push_back(std::move(step));
}

void FakeEngine::on_other(Step step) {
  std::lock_guard lock(mutex_);
  other_ = std::move(step);
}

void FakeEngine::release() {
  {
    std::lock_guard lock(mutex_);
    released_ = true;
  }
  (void)!write(wake_[1], "x", 1);
}

FakeEngine::Step FakeEngine::status(int status, std::string body) {
  return [=](FakeEngine&, const EngineRequest&) { return EngineAnswer{status, body}; };
}
FakeEngine::Step FakeEngine::items(std::vector<int> statuses) {
  return [=](FakeEngine& engine, const EngineRequest& request) {
    return EngineAnswer{200, engine.store(request, statuses)};
  };
}
FakeEngine::Step FakeEngine::cut_before() {
  return [](FakeEngine&, const EngineRequest&) {
    return EngineAnswer{200, "", EngineAnswer::Cut::before};
  };
}
FakeEngine::Step FakeEngine::cut_after_storing() {
  return [](FakeEngine& engine, const EngineRequest& request) {
    return EngineAnswer{200, engine.store(request), EngineAnswer::Cut::before};
  };
}
FakeEngine::Step FakeEngine::cut_in_answer() {
  return [](FakeEngine& engine, const EngineRequest& request) {
    return EngineAnswer{200, engine.store(request), EngineAnswer::Cut::middle};
  };
}
FakeEngine::Step FakeEngine::answer(std::string body) {
  return [=](FakeEngine&, const EngineRequest&) { return EngineAnswer{200, body}; };
}
FakeEngine::Step FakeEngine::hold() {
  return [](FakeEngine& engine, const EngineRequest& request) {
    EngineAnswer answer{200, engine.store(request)};
    answer.hold = true;
    return answer;
  };
}

std::string FakeEngine::store(const EngineRequest& request, const std::vector<int>& statuses) {
  Arena arena;
  JsonReader reader;
  std::string items;
  bool errors = false;
  size_t position = 0;
  for (size_t at = 0; at < request.body.size(); ++position) {
    const auto line = [&] {
      const size_t end = request.body.find('\n', at);
      CHECK(end != std::string::npos, "every line of a bulk ends");
      const std::string_view out = std::string_view(request.body).substr(at, end - at);
      at = end + 1;
      return out;
    };
    Value action;
    CHECK(reader.read(line(), arena, action) == JsonReader::Outcome::ok && action.is_object() &&
              action.size == 1,
          "an action line is an object of one member");
    const Member& operation = action.members[0];
    StoredDocument document{std::string(operation.name()), text_of(operation.value, "_index"),
                            text_of(operation.value, "_id"), ""};
    if (document.action != "delete") document.document = line();
    const int status = position < statuses.size() ? statuses[position] : 201;
    errors |= status > 299;
    items += (items.empty() ? "" : ",") + ("{\"" + document.action) +
             "\":{\"status\":" + std::to_string(status) +
             (status > 299 ? R"(,"error":{"type":"type_)" + std::to_string(status) +
                                 R"(","reason":"refused by script"})"
                           : "") +
             "}}";
    std::lock_guard lock(mutex_);
    if (status <= 299) stored_.push_back(std::move(document));
  }
  return std::string(R"({"errors":)") + (errors ? "true" : "false") + R"(,"items":[)" + items +
         "]}";
}

EngineAnswer FakeEngine::handle(const EngineRequest& request) {
  const bool bulk = request.path.find("/_bulk") != std::string::npos;
  Step step;
  {
    std::lock_guard lock(mutex_);
    if (bulk && !script_.empty()) {
      step = std::move(script_.front());
      script_.pop_front();
    }
    if (!bulk) step = other_;
  }
  EngineAnswer answer;
  if (step)
    answer = step(*this, request);
  else if (bulk)
    answer.body = store(request);
  else if (request.method == "GET")
    answer.body = R"({"version":{"number":"8.11.4"}})";
  else if (request.method == "HEAD" && request.path != "/")
    answer.status = 404;
  else
    answer.body = R"({"acknowledged":true})";
  {
    std::lock_guard lock(mutex_);
    (bulk ? bulks_ : others_).push_back(request);
  }
  changed_.notify_all();
  return answer;
}

// False: close it.
bool FakeEngine::serve(Connection& connection) {
  char buffer[64 << 10];
  const ssize_t got = recv(connection.fd, buffer, sizeof buffer, 0);
  if (got <= 0) return false;
  connection.in.append(buffer, static_cast<size_t>(got));
  EngineRequest request;
  while (take_request(connection.in, request)) {
    const EngineAnswer answer = handle(request);
    if (answer.cut == EngineAnswer::Cut::before) return false;
    std::string text = "HTTP/1.1 " + std::to_string(answer.status) +
                       " x\r\nContent-Type: application/json\r\nContent-Length: " +
                       std::to_string(answer.body.size()) + "\r\n\r\n";
    if (request.method != "HEAD") text += answer.body;
    if (answer.cut == EngineAnswer::Cut::middle) {
      send_all(connection.fd,
               std::string_view(text).substr(0, text.size() - answer.body.size() / 2));
      return false;
    }
    if (answer.hold)
      connection.held = text;
    else
      send_all(connection.fd, text);
  }
  return true;
}

void FakeEngine::run() {
  std::list<Connection> connections;
  while (true) {
    {
      std::lock_guard lock(mutex_);
      if (stopping_) break;
      for (Connection& connection : connections)
        if (released_ && !connection.held.empty())
          send_all(connection.fd, std::exchange(connection.held, ""));
    }
    std::vector<pollfd> waits{{listener_, POLLIN, 0}, {wake_[0], POLLIN, 0}};
    for (const Connection& connection : connections) waits.push_back({connection.fd, POLLIN, 0});
    if (poll(waits.data(), waits.size(), -1) < 0) continue;
    char drained[64];
    while (read(wake_[0], drained, sizeof drained) > 0) continue;
    size_t i = 2;
    for (auto at = connections.begin(); at != connections.end() && i < waits.size(); ++i) {
      if (waits[i].revents && !serve(*at)) {
        close(at->fd);
        at = connections.erase(at);
      } else {
        ++at;
      }
    }
    if (waits[0].revents)
      if (const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); fd >= 0)
        connections.push_back({fd, "", ""});
  }
  for (const Connection& connection : connections) close(connection.fd);
}

std::vector<StoredDocument> FakeEngine::stored() const {
  std::lock_guard lock(mutex_);
  return stored_;
}
std::vector<EngineRequest> FakeEngine::bulks() const {
  std::lock_guard lock(mutex_);
  return bulks_;
}
std::vector<EngineRequest> FakeEngine::others() const {
  std::lock_guard lock(mutex_);
  return others_;
}

bool FakeEngine::wait_for(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  std::unique_lock lock(mutex_);
  while (true) {
    lock.unlock();
    if (done()) return true;
    lock.lock();
    if (std::chrono::steady_clock::now() >= deadline) return false;
    changed_.wait_for(lock, std::chrono::milliseconds(2));
  }
}
bool FakeEngine::wait_for_bulks(size_t count) {
  return wait_for([&] { return bulks().size() >= count; });
}
bool FakeEngine::wait_for_stored(size_t count) {
  return wait_for([&] { return stored().size() >= count; });
}

}  // namespace penstock::test
