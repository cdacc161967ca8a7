#include "inputs/tcp.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <unordered_map>

#include "inputs/listener.h"
#include "pipeline/base/event_loop.h"
#include "pipeline/base/log.h"
#include "pipeline/base/text.h"
#include "pipeline/config/declare.h"
#include "pipeline/plugin/line_framer.h"
#include "pipeline/plugin/registry.h"

namespace penstock {
namespace {

constexpr size_t kConnectionsMax = 16'384;  // more are closed at once, and counted
constexpr int kBacklog = 1024;
// A slab is shared by the connections until less than this is left of it.
constexpr size_t kReadBytesMin = 16 << 10;
constexpr size_t kReadBytesMax = 64 << 10;
constexpr size_t kProxyHeadBytesMax = 107;  // of the PROXY protocol, version 1
constexpr unsigned kKeepAliveSeconds = 60;
constexpr uint64_t kTickMs = 1000;       // framers are asked whether they let something go
constexpr uint64_t kReconnectMs = 1000;  // client mode, doubled up to the limit
constexpr uint64_t kReconnectMsMax = 30'000;
constexpr std::chrono::seconds kDrainMax{5};

constexpr std::string_view kModes[] = {"server", "client"};
constexpr std::string_view kClientAuthentication[] = {"none", "optional", "required"};
constexpr std::string_view kVerification[] = {"full", "none"};

constexpr Option kOptions[] = {
    differing({"dns_reverse_lookup_enabled", OptionType::boolean, "true",
               "Recognized for Logstash's sake: addresses are never looked up here."},
              "![true] addresses are never looked up: where Logstash puts the name of the sender, "
              "its address is"),
    {"host", OptionType::string, "0.0.0.0",
     "The address to listen on, or in client mode to connect to."},
    {"mode", OptionType::choice, "server", "Accept connections, or connect and read.", false,
     kModes},
    {"port", OptionType::integer, "", "The port to listen on, or to connect to.", true},
    {"proxy_protocol", OptionType::boolean, "false",
     "Each connection begins with a line of the PROXY protocol, version 1, that names the client."},
    {"ssl_certificate", OptionType::path, "", "TLS is not there yet."},
    {"ssl_certificate_authorities", OptionType::strings, "", "TLS is not there yet."},
    {"ssl_cipher_suites", OptionType::strings, "", "TLS is not there yet."},
    {"ssl_client_authentication", OptionType::choice, "required", "TLS is not there yet.", false,
     kClientAuthentication},
    {"ssl_enabled", OptionType::boolean, "false",
     "TLS is not there yet: true is refused at start."},
    {"ssl_extra_chain_certs", OptionType::strings, "", "TLS is not there yet."},
    {"ssl_key", OptionType::path, "", "TLS is not there yet."},
    {"ssl_key_passphrase", OptionType::password, "", "TLS is not there yet."},
    {"ssl_supported_protocols", OptionType::strings, "", "TLS is not there yet."},
    {"ssl_verification_mode", OptionType::choice, "full", "TLS is not there yet.", false,
     kVerification},
    {"tcp_keep_alive", OptionType::boolean, "false",
     "Asks silent peers whether they are still there."},
    refused("ssl_enable", "TLS isn't there yet; let a proxy (stunnel, HAProxy) take it off"),
    refused("ssl_cert", "TLS isn't there yet; let a proxy (stunnel, HAProxy) take it off"),
    refused("ssl_cacert", "TLS isn't there yet; let a proxy (stunnel, HAProxy) take it off"),
    refused("ssl_verify", "TLS isn't there yet; let a proxy (stunnel, HAProxy) take it off"),
    refused("data_timeout",
            "nothing needs it: silent peers may stay; `tcp_keep_alive` finds dead ones"),
};

struct TcpOptions {
  std::string host;
  uint16_t port = 0;
  bool server = true;
  bool keep_alive = false;
  bool proxy_protocol = false;
  bool ecs = true;
};

// How connections are cut into records.
struct Framing {
  std::function<std::unique_ptr<Framer>()> make;
  bool ticks = false;  // wants_tick() of the framers
};

// Who sends, and through whom.
struct Peer {
  std::string ip, port;
  std::string proxy_ip, proxy_port;
};

// "PROXY TCP4 198.51.100.1 203.0.113.1 56324 443": the client's address, the proxy's, their ports.
bool parse_proxy_head(std::string_view head, Peer& peer) {
  std::vector<std::string> words;
  while (!head.empty()) {
    const size_t blank = std::min(head.find(' '), head.size());
    if (blank > 0) words.emplace_back(head.substr(0, blank));
    head.remove_prefix(std::min(blank + 1, head.size()));
  }
  if (words.empty() || words[0] != "PROXY") return false;
  if (words.size() >= 2 && words[1] == "UNKNOWN") return true;
  if (words.size() != 6 || !parse_integer(words[4]) || !parse_integer(words[5])) return false;
  for (const std::string& word : words)
    if (!is_utf8(word)) return false;
  peer = {words[2], words[4], words[3], words[5]};
  return true;
}

class Tcp;

// One peer. Lives until its handle is closed.
struct Connection {
  Tcp* input = nullptr;
  uv_tcp_t handle{};
  Peer peer;
  std::unique_ptr<Framer> framer;
  std::shared_ptr<const Origin> origin;  // null until the PROXY line is there
  std::string head;                      // of the PROXY protocol, unfinished
  bool reading = false;
};

class Tcp : public ListeningInput {
 public:
  Tcp(TcpOptions options, const Context& context, Framing framing)
      : options_(std::move(options)), context_(context), framing_(std::move(framing)) {
    register_metrics();
  }
  ~Tcp() override { stop(); }

  Status start(Intake& intake, uint32_t index) override {
    index_ = index;
    queue_.open(intake, *this);
    loop_ = std::make_unique<EventLoop>("input-tcp");
    Status started = ok_status();
    loop_->run([&] {
      uv_timer_init(loop_->uv(), &retry_);
      uv_timer_init(loop_->uv(), &tick_);
      retry_.data = tick_.data = this;
      if (framing_.ticks)
        uv_timer_start(
            &tick_, [](uv_timer_t* timer) { of(timer).tick(); }, kTickMs, kTickMs);
      if (options_.server)
        started = listen();
      else
        connect();
    });
    if (!started.ok()) stop();
    return started;
  }

  void resume() override {
    queue_.notify_room();
    if (loop_) loop_->post([this] { read_on(); });
  }

  // What was received is handed over, unfinished records too: there is nobody to send it again.
  void stop() override {
    if (!loop_ || stopped_) return;
    stopped_ = true;
    loop_->run([this] {
      for (auto& [key, connection] : connections_) end_stream(*connection);
    });
    loop_->stop();
    queue_.drain(kDrainMax);
    connections_.clear();
  }

  void settle(Position, Verdict) noexcept override {}
  uint16_t port() const override { return port_; }

 private:
  static Tcp& of(const void* handle) {
    return *static_cast<Tcp*>(static_cast<const uv_handle_t*>(handle)->data);
  }
  std::string place() const { return fmt::format("{}:{}", options_.host, options_.port); }

  Status listen() {
    TRY(const SocketAddress address, resolve(options_.host, options_.port, false));
    uv_tcp_init(loop_->uv(), &server_);
    server_.data = this;
    int error = uv_tcp_bind(&server_, address.get(), 0);
    if (!error)
      error = uv_listen(reinterpret_cast<uv_stream_t*>(&server_), kBacklog,
                        [](uv_stream_t* server, int status) { of(server).accept(status); });
    if (error)
      return io_error(fmt::format("tcp: cannot listen on {}: {}", place(), uv_strerror(error)));
    SocketAddress bound;
    int size = sizeof bound.storage;
    uv_tcp_getsockname(&server_, bound.get(), &size);
    port_ = bound.port();
    log::info("tcp", "listening on {}:{}", options_.host, port_);
    return ok_status();
  }

  Connection& add_connection() {
    auto made = std::make_unique<Connection>();
    Connection& connection = *made;
    connection.input = this;
    uv_tcp_init(loop_->uv(), &connection.handle);
    connection.handle.data = &connection;
    connections_.emplace(&connection, std::move(made));
    return connection;
  }

  void accept(int status) {
    if (status < 0) return;
    Connection& connection = add_connection();
    auto* stream = reinterpret_cast<uv_stream_t*>(&connection.handle);
    if (uv_accept(reinterpret_cast<uv_stream_t*>(&server_), stream) != 0) return close(connection);
    if (connections_.size() > kConnectionsMax) {
      refused_.add();
      return close(connection);
    }
    begin(connection);
  }

  // Client mode: a connection that fails or ends is made again, ever more slowly.
  void connect() {
    const auto address = resolve(options_.host, options_.port, false);
    if (!address.ok()) return connect_later(address.error().message);
    Connection& connection = add_connection();
    request_.data = &connection;
    const int error = uv_tcp_connect(&request_, &connection.handle, address.value().get(),
                                     [](uv_connect_t* request, int status) {
                                       auto& made = *static_cast<Connection*>(request->data);
                                       if (status == UV_ECANCELED) return;
                                       if (status < 0)
                                         return made.input->lose(made, uv_strerror(status));
                                       made.input->delay_ms_ = kReconnectMs;
                                       made.input->begin(made);
                                     });
    if (error) lose(connection, uv_strerror(error));
  }

  void connect_later(const std::string& why) {
    if (stopped_ || options_.server) return;
    log::warn("tcp", "{}: {}; connecting again in {} ms", place(), why, delay_ms_);
    uv_timer_start(
        &retry_, [](uv_timer_t* timer) { of(timer).connect(); }, delay_ms_, 0);
    delay_ms_ = std::min(delay_ms_ * 2, kReconnectMsMax);
  }

  void begin(Connection& connection) {
    SocketAddress address;
    int size = sizeof address.storage;
    uv_tcp_getpeername(&connection.handle, address.get(), &size);
    connection.peer = {address.ip(), std::to_string(address.port()), "", ""};
    connection.framer = framing_.make();
    if (options_.keep_alive) uv_tcp_keepalive(&connection.handle, 1, kKeepAliveSeconds);
    if (!options_.proxy_protocol) connection.origin = origin_of(connection.peer);
    accepted_.add();
    open_.add(1);
    if (queue_.empty()) read_from(connection);
  }

  void read_from(Connection& connection) {
    if (connection.reading || uv_is_closing(reinterpret_cast<uv_handle_t*>(&connection.handle)))
      return;
    connection.reading = true;
    uv_read_start(
        reinterpret_cast<uv_stream_t*>(&connection.handle),
        [](uv_handle_t* handle, size_t, uv_buf_t* out) {
          *out = static_cast<Connection*>(handle->data)->input->room();
        },
        [](uv_stream_t* stream, ssize_t got, const uv_buf_t* buffer) {
          auto& reader = *static_cast<Connection*>(stream->data);
          reader.input->receive(reader, got, *buffer);
        });
  }

  // Every connection reads into the same slab, one after the other.
  uv_buf_t room() {
    if (!slab_ || slab_->capacity() - used_ < kReadBytesMin) {
      slab_ = Slab::make();
      used_ = 0;
    }
    const size_t free = std::min(slab_->capacity() - used_, kReadBytesMax);
    return uv_buf_init(slab_->data() + used_, static_cast<unsigned>(free));
  }

  void receive(Connection& connection, ssize_t got, const uv_buf_t& buffer) {
    if (got == 0) return;
    if (got < 0) {
      end_stream(connection);
      return lose(connection, got == UV_EOF ? "the peer closed the connection"
                                            : uv_strerror(static_cast<int>(got)));
    }
    std::string_view text(buffer.base, static_cast<size_t>(got));
    used_ += text.size();
    bytes_.add(text.size());
    if (!connection.origin && !read_proxy_head(connection, text)) return;
    Records records;
    connection.framer->feed({slab_, text}, records);
    hand_over(records, connection);
  }

  // Takes the PROXY line off `text`. False: it isn't complete yet, or the connection is closed.
  bool read_proxy_head(Connection& connection, std::string_view& text) {
    const size_t had = connection.head.size();
    connection.head.append(text.substr(0, kProxyHeadBytesMax + 2 - had));
    const size_t end = connection.head.find("\r\n");
    if (end == std::string::npos && connection.head.size() < kProxyHeadBytesMax + 2) return false;
    if (end == std::string::npos ||
        !parse_proxy_head(std::string_view(connection.head).substr(0, end), connection.peer)) {
      bad_heads_.add();
      log::warn("tcp", "{}: the connection does not begin with a PROXY line; closed",
                connection.peer.ip);
      close(connection);
      return false;
    }
    text.remove_prefix(end + 2 - had);
    connection.head.clear();
    connection.origin = origin_of(connection.peer);
    return !text.empty();
  }

  void hand_over(Records& records, Connection& connection) {
    if (!records.empty() && !queue_.offer(records, connection.origin)) pause();
  }

  // Records that waited long enough for more lines.
  void tick() {
    const auto now = context_.clock->steady();
    for (auto& [key, connection] : connections_) {
      if (!connection->framer || !connection->origin || !connection->reading) continue;
      Records records;
      connection->framer->tick(now, records);
      hand_over(records, *connection);
    }
  }

  // The stream ends: what is left of it is a record.
  void end_stream(Connection& connection) {
    if (!connection.framer || !connection.origin) return;
    Records records;
    connection.framer->finish(records);
    hand_over(records, connection);
  }

  void pause() {
    for (auto& [key, connection] : connections_) {
      if (connection->reading) uv_read_stop(reinterpret_cast<uv_stream_t*>(&connection->handle));
      connection->reading = false;
    }
  }

  void read_on() {
    if (!queue_.flush()) return;
    for (auto& [key, connection] : connections_)
      if (connection->framer) read_from(*connection);
  }

  void lose(Connection& connection, const std::string& why) {
    close(connection);
    connect_later(why);
  }

  void close(Connection& connection) {
    auto* handle = reinterpret_cast<uv_handle_t*>(&connection.handle);
    if (uv_is_closing(handle)) return;
    if (connection.framer) open_.add(-1);
    connection.reading = false;
    uv_close(handle, [](uv_handle_t* closed) {
      auto* gone = static_cast<Connection*>(closed->data);
      gone->input->connections_.erase(gone);
    });
  }

  std::shared_ptr<const Origin> origin_of(const Peer& peer) const {
    auto origin = std::make_shared<Origin>();
    origin->input = index_;
    origin->stream = peer.ip;
    const bool ecs = options_.ecs;
    const auto add = [&](std::string_view older, std::string_view newer, const std::string& text,
                         bool integer) {
      if (!text.empty())
        origin->fields.push_back({FieldRef::of(ecs ? newer : older), text, integer});
    };
    add("host", "[@metadata][input][tcp][source][name]", peer.ip, false);
    add("[@metadata][ip_address]", "[@metadata][input][tcp][source][ip]", peer.ip, false);
    add("port", "[@metadata][input][tcp][source][port]", peer.port, true);
    add("proxy_host", "[@metadata][input][tcp][proxy][ip]", peer.proxy_ip, false);
    add("proxy_port", "[@metadata][input][tcp][proxy][port]", peer.proxy_port, true);
    if (context_.ledger) origin->ledger = &context_.ledger->source(context_.plugin_id, peer.ip);
    return origin;
  }

  void register_metrics() {
    if (!context_.metrics) return;
    MetricScope& scope = *context_.metrics;
    scope.gauge("connections", "Connections open now.", {},
                [this] { return static_cast<double>(open_.value()); });
    scope.counter("connections_accepted", "Connections made.", {}, accepted_);
    scope.counter("connections_refused", "Connections beyond the limit, closed at once.", {},
                  refused_);
    scope.counter("bytes_read", "Bytes received.", {}, bytes_);
    scope.counter("proxy_head_errors", "Connections without a good PROXY line.", {}, bad_heads_);
  }

  TcpOptions options_;
  Context context_;
  Framing framing_;
  OfferQueue queue_;
  uint32_t index_ = 0;
  uint16_t port_ = 0;
  std::unique_ptr<EventLoop> loop_;
  uv_tcp_t server_{};
  uv_timer_t retry_{}, tick_{};
  uv_connect_t request_{};
  uint64_t delay_ms_ = kReconnectMs;
  std::atomic<bool> stopped_{false};  // also read by the loop when a connection ends
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
  SlabRef slab_;
  size_t used_ = 0;
  Gauge open_;
  Counter accepted_, refused_, bytes_, bad_heads_;
};

// Logstash turns plain into line and json into json_lines on a stream: both cut at line ends.
Result<Framing> framing_of(const Settings& settings, const Context& context) {
  const Framing lines{[] { return std::make_unique<LineFramer>(); }, false};
  if (!context.registry) return lines;
  TRY(const CodecChoice codec, choose_codec(settings, "codec", "line", *context.registry));
  if (!codec.plugin->make_framer) return lines;
  TRY(const auto trial, codec.plugin->make_framer(codec.settings, codec.context(context)));
  if (!trial) return lines;
  const auto make = [codec, context] {
    auto made = codec.plugin->make_framer(codec.settings, codec.context(context));
    return std::move(made).value();  // it was made once before
  };
  return Framing{make, trial->wants_tick()};
}

Result<std::unique_ptr<Input>> make_tcp(const Settings& settings, const Context& context) {
  TcpOptions options;
  options.host = settings.string("host");
  options.server = settings.string("mode") == "server";
  const int64_t port = settings.integer("port");
  if (port < (options.server ? 0 : 1) || port > 65'535)
    return settings.error("port", "must be 1 to 65535, got " + std::to_string(port));
  options.port = static_cast<uint16_t>(port);
  options.keep_alive = settings.boolean("tcp_keep_alive");
  options.proxy_protocol = settings.boolean("proxy_protocol");
  options.ecs = context.ecs != Ecs::disabled;
  if (settings.boolean("ssl_enabled")) {
    Error no_tls =
        settings.error("ssl_enabled",
                       "TLS is not supported by this input yet; let a proxy (stunnel, HAProxy "
                       "with `proxy_protocol`) end it in front");
    no_tls.code = Errc::refused;
    return no_tls;
  }
  TRY(auto framing, framing_of(settings, context));
  return std::unique_ptr<Input>(
      std::make_unique<Tcp>(std::move(options), context, std::move(framing)));
}

}  // namespace

InputPlugin tcp_input() {
  return {{"tcp", "Reads records from TCP connections.", kOptions,
           "Addresses are never looked up: where Logstash puts the name of the sender, its address "
           "is."},
          "line",
          make_tcp};
}

}  // namespace penstock
