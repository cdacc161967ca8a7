#include "inputs/udp.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "inputs/listener.h"
#include "pipeline/base/event_loop.h"
#include "pipeline/base/log.h"
#include "pipeline/config/declare.h"
#include "pipeline/plugin/registry.h"

namespace penstock {
namespace {

constexpr unsigned kBatch = 64;      // datagrams per system call
constexpr int kBatchesPerWake = 16;  // before the loop looks at other work
constexpr size_t kPeersMax = 4096;   // origins kept; beyond, they are made anew
constexpr size_t kDatagramBytesMax = 65'536;
constexpr std::chrono::seconds kDrainMax{5};

constexpr Option kOptions[] = {
    {"buffer_size", OptionType::integer, "65536",
     "The largest datagram, bytes; a longer one is cut there and counted."},
    {"host", OptionType::string, "0.0.0.0", "The address to listen on."},
    {"port", OptionType::integer, "", "The port to listen on.", true},
    differing({"queue_size", OptionType::integer, "2000",
               "Recognized for Logstash's sake: the pipeline's own queue is bounded, and what does "
               "not fit "
               "waits in the kernel's buffer."},
              "it has no effect: the pipeline's own queue is bounded"),
    {"receive_buffer_bytes", OptionType::integer, "",
     "Size of the kernel's receive buffer. Unset: the system's default."},
    {"source_ip_fieldname", OptionType::string, "",
     "Field for the sender's address. Unset: `host`, under ECS `[host][ip]`."},
    differing({"workers", OptionType::integer, "2",
               "Recognized for Logstash's sake: decoding is spread over the pipeline's workers."},
              "it has no effect: the pipeline's workers decode"),
};

struct UdpOptions {
  std::string host;
  uint16_t port = 0;
  size_t buffer_bytes = kDatagramBytesMax;
  int receive_buffer_bytes = 0;
  FieldRef source_field;
};

using MakeFramer = std::function<std::unique_ptr<Framer>()>;

// Receives on its loop: many datagrams per system call into a scratch area, then copied side by
// side into slabs, since a slab's share of 64 KiB for each would hold four small datagrams.
class Udp : public ListeningInput {
 public:
  Udp(UdpOptions options, const Context& context, std::unique_ptr<DatagramFramer> framer)
      : options_(std::move(options)),
        context_(context),
        framer_(std::move(framer)),
        scratch_(options_.buffer_bytes * kBatch) {
    register_metrics();
  }
  ~Udp() override { stop(); }

  Status start(Intake& intake, uint32_t index) override {
    index_ = index;
    queue_.open(intake, *this);
    TRY_STATUS(open_socket());
    prepare_messages();
    loop_ = std::make_unique<EventLoop>("input-udp");
    loop_->post([this] {
      poll_.data = this;
      uv_poll_init(loop_->uv(), &poll_, socket_);
      listen(true);
    });
    log::info("udp", "listening on {}:{}", options_.host, port_);
    return ok_status();
  }
  void resume() override {
    queue_.notify_room();
    if (loop_) loop_->post([this] { listen(queue_.flush()); });
  }
  void stop() override {
    if (!loop_ || stopped_) return;
    stopped_ = true;
    loop_->stop();
    queue_.drain(kDrainMax);
    close(socket_);
  }
  void settle(Position, Verdict) noexcept override {}
  uint16_t port() const override { return port_; }

 private:
  struct Ip {
    sa_family_t family;
    std::array<unsigned char, 16> bytes;
    friend auto operator<=>(const Ip&, const Ip&) = default;
  };
  struct Peer {
    std::shared_ptr<const Origin> origin;
    Records records;  // of this wake
    bool awake = false;
  };

  Status open_socket() {
    TRY(const SocketAddress address, resolve(options_.host, options_.port, true));
    socket_ = socket(address.storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0) return io_error("udp: " + errno_text(errno));
    const int on = 1;
    setsockopt(socket_, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
    if (options_.receive_buffer_bytes > 0) set_receive_buffer();
    if (bind(socket_, address.get(), address.size) != 0) {
      const std::string why = errno_text(errno);
      close(socket_);
      return io_error(
          fmt::format("udp: cannot listen on {}:{}: {}", options_.host, options_.port, why));
    }
    SocketAddress bound;
    getsockname(socket_, bound.get(), &bound.size);
    port_ = bound.port();
    return ok_status();
  }

  void set_receive_buffer() {
    const int wanted = options_.receive_buffer_bytes;
    // With the privilege to, past the system's limit.
    if (setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0)
      setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
    int got = 0;
    socklen_t size = sizeof got;
    getsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &got, &size);
    got /= 2;  // the kernel counts its own overhead too
    if (got < wanted)
      log::warn("udp", "receive_buffer_bytes: asked for {}, got {}; raise net.core.rmem_max",
                wanted, got);
  }

  void prepare_messages() {
    for (unsigned i = 0; i < kBatch; ++i) {
      pieces_[i] = {scratch_.data() + i * options_.buffer_bytes, options_.buffer_bytes};
      msghdr& header = messages_[i].msg_hdr;
      header.msg_name = &addresses_[i].storage;
      header.msg_iov = &pieces_[i];
      header.msg_iovlen = 1;
      header.msg_control = control_[i].data();
    }
  }

  void listen(bool on) {
    if (on && !uv_is_closing(reinterpret_cast<uv_handle_t*>(&poll_)))
      uv_poll_start(&poll_, UV_READABLE,
                    [](uv_poll_t* poll, int, int) { static_cast<Udp*>(poll->data)->receive(); });
    else
      uv_poll_stop(&poll_);
  }

  void receive() {
    for (int round = 0; round < kBatchesPerWake; ++round) {
      for (unsigned i = 0; i < kBatch; ++i) {
        messages_[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
        messages_[i].msg_hdr.msg_controllen = control_[i].size();
      }
      const int got = recvmmsg(socket_, messages_, kBatch, MSG_DONTWAIT, nullptr);
      if (got <= 0) break;
      for (int i = 0; i < got; ++i) take(static_cast<unsigned>(i));
      if (got < static_cast<int>(kBatch)) break;
    }
    bool room = true;
    for (Peer* peer : awake_) {
      peer->awake = false;
      if (!peer->records.empty()) room = queue_.offer(peer->records, peer->origin);
    }
    awake_.clear();
    if (peers_.size() >= kPeersMax) peers_.clear();
    if (!room) listen(false);
  }

  void take(unsigned i) {
    const mmsghdr& message = messages_[i];
    datagrams_.add();
    bytes_.add(message.msg_len);
    if (message.msg_hdr.msg_flags & MSG_TRUNC) cut_.add();
    note_drops(message.msg_hdr);
    if (message.msg_len == 0) return;
    Peer& peer = peer_of(addresses_[i]);
    if (!std::exchange(peer.awake, true)) awake_.push_back(&peer);
    const std::string_view text(scratch_.data() + i * options_.buffer_bytes, message.msg_len);
    const Bytes copy = copied(text);
    if (!framer_) return peer.records.add(copy.slab, copy.view);
    framer_->take(copy, peer.origin->stream, context_.clock->steady(), peer.records);
  }

  Bytes copied(std::string_view text) {
    if (!slab_ || slab_->capacity() - used_ < text.size()) {
      slab_ = Slab::make();
      used_ = 0;
    }
    char* to = slab_->data() + used_;
    std::memcpy(to, text.data(), text.size());
    used_ += text.size();
    return {slab_, {to, text.size()}};
  }

  // The kernel tells how many datagrams it dropped since the socket was opened.
  void note_drops(const msghdr& header) {
    for (const cmsghdr* c = CMSG_FIRSTHDR(&header); c;
         c = CMSG_NXTHDR(const_cast<msghdr*>(&header), const_cast<cmsghdr*>(c))) {
      if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL) continue;
      uint32_t total = 0;
      std::memcpy(&total, CMSG_DATA(c), sizeof total);
      drops_.add(total - drops_seen_);  // modulo 2^32, as the kernel counts
      drops_seen_ = total;
    }
  }

  Peer& peer_of(const SocketAddress& address) {
    Ip ip{address.storage.ss_family, {}};
    if (ip.family == AF_INET)
      std::memcpy(ip.bytes.data(),
                  &reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_addr, 4);
    else
      std::memcpy(ip.bytes.data(),
                  &reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_addr, 16);
    Peer& peer = peers_[ip];
    if (!peer.origin) peer.origin = origin_of(address.ip());
    return peer;
  }

  std::shared_ptr<const Origin> origin_of(const std::string& ip) const {
    auto origin = std::make_shared<Origin>();
    origin->input = index_;
    origin->stream = ip;
    origin->fields = {{options_.source_field, ip}};
    if (context_.ledger) origin->ledger = &context_.ledger->source(context_.plugin_id, ip);
    return origin;
  }

  void register_metrics() {
    if (!context_.metrics) return;
    MetricScope& scope = *context_.metrics;
    scope.counter("datagrams", "Datagrams received.", {}, datagrams_);
    scope.counter("bytes_read", "Bytes received.", {}, bytes_);
    scope.counter("datagrams_cut", "Datagrams longer than buffer_size.", {}, cut_);
    scope.counter("kernel_drops", "Datagrams that the kernel dropped, its buffer being full.", {},
                  drops_);
  }

  UdpOptions options_;
  Context context_;
  std::unique_ptr<DatagramFramer> framer_;  // null: a datagram is a record
  OfferQueue queue_;
  uint32_t index_ = 0;
  int socket_ = -1;
  uint16_t port_ = 0;
  std::unique_ptr<EventLoop> loop_;
  uv_poll_t poll_{};
  bool stopped_ = false;

  std::vector<char> scratch_;
  mmsghdr messages_[kBatch]{};
  iovec pieces_[kBatch]{};
  SocketAddress addresses_[kBatch];
  alignas(64) std::array<std::array<char, 64>, kBatch> control_{};
  SlabRef slab_;
  size_t used_ = 0;
  std::map<Ip, Peer> peers_;
  std::vector<Peer*> awake_;  // peers with records
  uint32_t drops_seen_ = 0;
  Counter datagrams_, bytes_, cut_, drops_;
};

// A codec that cuts a stream (line, json_lines) cuts each datagram too.
class CutDatagrams : public DatagramFramer {
 public:
  explicit CutDatagrams(std::unique_ptr<Framer> framer) : framer_(std::move(framer)) {}
  void take(const Bytes& datagram, std::string_view, std::chrono::steady_clock::time_point,
            Records& out) override {
    framer_->feed(datagram, out);
    framer_->finish(out);
  }

 private:
  std::unique_ptr<Framer> framer_;
};

// Null for codecs without framing (plain, json): a datagram is one record, line ends and all.
Result<std::unique_ptr<DatagramFramer>> datagram_framer(const Settings& settings,
                                                        const Context& context) {
  using Made = std::unique_ptr<DatagramFramer>;
  if (!context.registry) return Made();
  TRY(const CodecChoice codec, choose_codec(settings, "codec", "plain", *context.registry));
  if (codec.plugin->make_datagram_framer)
    return codec.plugin->make_datagram_framer(codec.settings, codec.context(context));
  if (!codec.plugin->make_framer) return Made();
  TRY(auto framer, codec.plugin->make_framer(codec.settings, codec.context(context)));
  return framer ? Made(std::make_unique<CutDatagrams>(std::move(framer))) : Made();
}

Result<std::unique_ptr<Input>> make_udp(const Settings& settings, const Context& context) {
  UdpOptions options;
  options.host = settings.string("host");
  const int64_t port = settings.integer("port");
  if (port < 0 || port > 65'535)
    return settings.error("port", "must be 0 to 65535, got " + std::to_string(port));
  options.port = static_cast<uint16_t>(port);
  options.buffer_bytes = static_cast<size_t>(
      std::clamp<int64_t>(settings.integer("buffer_size"), 1, int64_t{kDatagramBytesMax}));
  options.receive_buffer_bytes =
      static_cast<int>(std::clamp<int64_t>(settings.integer("receive_buffer_bytes"), 0, 1 << 30));
  const bool ecs = context.ecs != Ecs::disabled;
  const std::string field = settings.has("source_ip_fieldname")
                                ? settings.string("source_ip_fieldname")
                                : (ecs ? "[host][ip]" : "host");
  auto parsed = FieldRef::parse(field);
  if (!parsed.ok()) return settings.error("source_ip_fieldname", parsed.error().message);
  options.source_field = std::move(parsed).value();
  TRY(auto framer, datagram_framer(settings, context));
  return std::unique_ptr<Input>(
      std::make_unique<Udp>(std::move(options), context, std::move(framer)));
}

}  // namespace

InputPlugin udp_input() { return {{"udp", "Receives datagrams.", kOptions}, "plain", make_udp}; }

}  // namespace penstock
