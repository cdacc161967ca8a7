#include "outputs/stdout.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <mutex>

#include "pipeline/base/log.h"
#include "pipeline/plugin/registry.h"

namespace penstock {
namespace {

// The descriptor, shared by the lanes: whole batches, so that lines of two workers don't mix.
class StandardOutput {
 public:
  StandardOutput() : stop_fd_(eventfd(0, EFD_CLOEXEC)) {
    struct stat about {};
    if (fstat(STDOUT_FILENO, &about) != 0) return;
    if (S_ISREG(about.st_mode)) piece_ = SIZE_MAX;
    if (!S_ISFIFO(about.st_mode)) return;
    // The flag belongs to the open file, which the shell may share with others; hence our own.
    const int own = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (own < 0) return;
    fd_ = own;
    piece_ = SIZE_MAX;
  }
  ~StandardOutput() {
    close(stop_fd_);
    if (fd_ != STDOUT_FILENO) close(fd_);
  }
  StandardOutput(const StandardOutput&) = delete;
  StandardOutput& operator=(const StandardOutput&) = delete;

  // False when the reader is gone or stop() came first: the bytes may have left in part.
  bool write_all(std::string_view bytes) {
    std::lock_guard lock(mutex_);
    while (!bytes.empty()) {
      if (gone_ || !wait_writable()) return false;
      const ssize_t wrote =
          ::write(fd_, bytes.data(), std::min(bytes.size(), piece_));
      if (wrote >= 0)
        bytes.remove_prefix(static_cast<size_t>(wrote));
      else if (errno != EINTR && errno != EAGAIN)
        give_up(errno);
    }
    return true;
  }

  void stop() {
    const uint64_t one = 1;
    (void)!::write(stop_fd_, &one, sizeof one);
  }

 private:
  // What poll() calls writable takes at least this much without blocking; a larger write to a
  // stalled reader could not be interrupted by stop().
  static constexpr size_t kPieceBytes = 4096;

  bool wait_writable() {
    pollfd fds[] = {{fd_, POLLOUT, 0}, {stop_fd_, POLLIN, 0}};
    while (poll(fds, 2, -1) < 0)
      if (errno != EINTR) return false;
    return fds[0].revents != 0 || fds[1].revents == 0;
  }

  // Nobody reads any more (`penstock ... | head`): it can't come back, so the process ends as it
  // would on Ctrl-C, with what was not written unsettled.
  void give_up(int error) {
    gone_ = true;
    if (error != EPIPE) log::error("stdout", "cannot write: {}", errno_text(error));
    kill(getpid(), SIGTERM);
  }

  std::mutex mutex_;
  bool gone_ = false;
  int stop_fd_;
  int fd_ = STDOUT_FILENO;
  size_t piece_ = kPieceBytes;  // no bound where a write can't block for long
};

class StdoutLane : public Lane {
 public:
  StdoutLane(StandardOutput& out, std::unique_ptr<Encoder> encoder)
      : out_(out), encoder_(std::move(encoder)) {}

  void write(const Batch& batch, Rows rows, Delivery delivery) override {
    buffer_.clear();
    for (const Row row : rows) encoder_->encode(batch[row], buffer_);
    if (out_.write_all(buffer_.view())) delivery.done();
  }
  bool pending() const override { return false; }
  void tick(std::chrono::steady_clock::time_point) override {}
  void finish() override {}

 private:
  StandardOutput& out_;
  std::unique_ptr<Encoder> encoder_;
  ByteBuffer buffer_;
};

class Stdout : public Output {
 public:
  explicit Stdout(CodecChoice codec) : codec_(std::move(codec)) {}

  Status start() override { return ok_status(); }
  Result<std::unique_ptr<Lane>> open_lane(const Context& context) override {
    TRY(auto encoder, codec_.plugin->make_encoder(codec_.settings, codec_.context(context)));
    return std::unique_ptr<Lane>(std::make_unique<StdoutLane>(out_, std::move(encoder)));
  }
  void stop(std::chrono::milliseconds) override { out_.stop(); }

 private:
  CodecChoice codec_;
  StandardOutput out_;
};

Result<std::unique_ptr<Output>> make(const Settings& settings, const Context& context) {
  TRY(CodecChoice codec, choose_codec(settings, "codec", "rubydebug", *context.registry));
  if (!codec.plugin->make_encoder)
    return settings.error("codec",
                          "the codec `" + std::string(codec.plugin->info.name) + "` can't write");
  return std::unique_ptr<Output>(std::make_unique<Stdout>(std::move(codec)));
}

}  // namespace

OutputPlugin stdout_output() {
  return {{"stdout", "Writes events to standard output, for people and for pipes.", {}}, make};
}

}  // namespace penstock
