#include "inputs/stdin.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "inputs/offering.h"
#include "pipeline/base/log.h"
#include "pipeline/plugin/registry.h"

namespace penstock {
namespace {

// How much is framed before the next parcel may leave: keeps parcels near their limits even when
// lines are short.
constexpr size_t kPieceBytes = 64 << 10;

// How often a framer is asked whether it lets something go.
constexpr int kTickMs = 1000;

// A slab is used on until less than this is left: reads from a pipe give 64 KiB at most.
constexpr size_t kReadBytesMin = 64 << 10;

// A thread of its own with blocking reads: standard input may be a regular file, which no poller of
// libuv can wait for. poll() waits for it and for stop().
class Stdin : public Input {
 public:
  Stdin(std::unique_ptr<Framer> framer, const Context& context)
      : framer_(std::move(framer)), context_(context), stop_fd_(eventfd(0, EFD_CLOEXEC)) {}
  ~Stdin() override {
    stop();
    close(stop_fd_);
  }

  Status start(Intake& intake, uint32_t index) override {
    if (stop_fd_ < 0) return io_error("stdin: eventfd: " + errno_text(errno));
    auto origin = std::make_shared<Origin>();
    origin->input = index;
    origin->stream = "stdin";
    origin->ledger = &context_.ledger->source(context_.plugin_id, "");
    // logstash-input-stdin: `host`, under ECS [host][hostname]
    const char* field = context_.ecs == Ecs::disabled ? "host" : "[host][hostname]";
    origin->fields.push_back({FieldRef::of(field), context_.host_name});
    offering_.emplace(intake, *this, std::move(origin));
    thread_ = std::thread([this, &intake] {
      pthread_setname_np(pthread_self(), "in-stdin");
      read_all();
      intake.finished(*this);
    });
    return ok_status();
  }

  void resume() override { offering_->resume(); }

  void stop() override {
    if (!thread_.joinable()) return;
    offering_->stop();
    const uint64_t one = 1;
    (void)!write(stop_fd_, &one, sizeof one);
    thread_.join();
  }

  // Standard input can't be read again, so a position means nothing to it.
  void settle(Position, Verdict) noexcept override {}

 private:
  void read_all() {
    SlabRef slab = Slab::make();
    size_t used = 0;
    while (wait_readable()) {
      if (slab->capacity() - used < kReadBytesMin) {
        slab = Slab::make();
        used = 0;
      }
      const ssize_t got = read(STDIN_FILENO, slab->data() + used, slab->capacity() - used);
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (got < 0) log::error("stdin", "cannot read standard input: {}", errno_text(errno));
      if (got <= 0) break;
      if (!feed({slab, {slab->data() + used, static_cast<size_t>(got)}})) return;
      used += static_cast<size_t>(got);
    }
    framer_->finish(records_);
    offer();
  }

  // False: stop() was called.
  bool wait_readable() {
    pollfd fds[] = {{STDIN_FILENO, POLLIN, 0}, {stop_fd_, POLLIN, 0}};
    while (true) {
      const int ready = poll(fds, 2, framer_->wants_tick() ? kTickMs : -1);
      if (ready > 0) return fds[1].revents == 0;
      if (ready < 0 && errno != EINTR) return false;
      framer_->tick(context_.clock->steady(), records_);
      if (!records_.empty() && !offer()) return false;
    }
  }

  bool feed(const Bytes& bytes) {
    for (size_t at = 0; at < bytes.view.size(); at += kPieceBytes) {
      framer_->feed({bytes.slab, bytes.view.substr(at, kPieceBytes)}, records_);
      const bool full = records_.views.size() >= limits::kParcelRecordsMax ||
                        records_.bytes >= limits::kParcelBytesMax / 2;
      if (full && !offer()) return false;
    }
    return offer();
  }

  bool offer() { return offering_->offer(records_); }

  std::unique_ptr<Framer> framer_;
  Context context_;
  int stop_fd_;
  std::optional<Offering> offering_;
  Records records_;
  std::thread thread_;
};

Result<std::unique_ptr<Input>> make(const Settings& settings, const Context& context) {
  TRY(auto framer, make_line_framer(settings, "line", context));
  return std::unique_ptr<Input>(std::make_unique<Stdin>(std::move(framer), context));
}

}  // namespace

InputPlugin stdin_input() {
  return {{"stdin", "Reads standard input to its end, then lets the pipeline finish.", {}},
          "line",
          make};
}

}  // namespace penstock
