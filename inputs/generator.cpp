#include "inputs/generator.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include "inputs/offering.h"
#include "pipeline/base/log.h"
#include "pipeline/base/text.h"
#include "pipeline/config/declare.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    differing({"message", OptionType::string, "Hello world!",
               "The text of each event, unless `lines` is given; `stdin` reads it from standard "
               "input, one "
               "line."},
              "[stdin] all threads send the one line; there each reads its own"),
    {"lines", OptionType::strings, "",
     "Texts to send one after the other, again and again; `count` counts rounds."},
    {"count", OptionType::integer, "0",
     "How many events (rounds of `lines`); 0 or less never ends."},
    {"threads", OptionType::integer, "1", "How many threads; each sends `count`."},
};

constexpr int64_t kThreadsMax = 64;
constexpr size_t kLineBytesMax = 64 << 10;  // of the line that `message => "stdin"` reads

class Generator : public Input {
 public:
  struct Options {
    std::vector<std::string> lines;
    bool from_stdin = false;  // instead of `lines`
    uint64_t rounds = 0;
    uint32_t threads = 1;
  };

  Generator(Options options, const Context& context)
      : options_(std::move(options)),
        context_(context),
        sequence_(FieldRef::of(context.ecs == Ecs::disabled ? "sequence" : "[event][sequence]")),
        stop_fd_(eventfd(0, EFD_CLOEXEC)) {
    if (!options_.from_stdin) take(options_.lines);
  }
  ~Generator() override {
    stop();
    if (stop_fd_ >= 0) close(stop_fd_);
  }

  Status start(Intake& intake, uint32_t index) override {
    if (stop_fd_ < 0) return io_error("generator: eventfd: " + errno_text(errno));
    auto origin = std::make_shared<Origin>();
    origin->input = index;
    origin->stream = "generator";
    origin->ledger = &context_.ledger->source(context_.plugin_id, "");
    const char* field = context_.ecs == Ecs::disabled ? "host" : "[host][name]";
    origin->fields.push_back({FieldRef::of(field), context_.host_name});
    running_ = options_.threads;
    for (uint32_t i = 0; i < options_.threads; ++i) offerings_.emplace_back(intake, *this, origin);
    for (Offering& offering : offerings_)
      threads_.emplace_back([this, &intake, &offering] {
        pthread_setname_np(pthread_self(), "in-generator");
        generate(offering);
        // acq_rel: the last one out speaks for all
        if (running_.fetch_sub(1, std::memory_order_acq_rel) == 1) intake.finished(*this);
      });
    return ok_status();
  }

  void resume() override {
    for (Offering& offering : offerings_) offering.resume();
  }

  void stop() override {
    for (Offering& offering : offerings_) offering.stop();
    const uint64_t one = 1;
    (void)!write(stop_fd_, &one, sizeof one);
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  void settle(Position, Verdict) noexcept override {}  // nothing to send again

 private:
  // All texts lie in one slab, once; each parcel only views it.
  void take(const std::vector<std::string>& lines) {
    size_t bytes = 0;
    for (const std::string& line : lines) bytes += line.size();
    slab_ = Slab::make(std::max<size_t>(bytes, 1));
    char* to = slab_->data();
    for (const std::string& line : lines) {
      std::memcpy(to, line.data(), line.size());
      views_.emplace_back(to, line.size());
      to += line.size();
    }
  }

  void generate(Offering& offering) {
    if (options_.from_stdin) std::call_once(read_once_, [this] { read_line(); });
    if (views_.empty()) return;
    Records records;
    Numbering numbering{&sequence_, 0, views_.size()};
    uint64_t made = 0;
    for (uint64_t round = 0; options_.rounds == 0 || round < options_.rounds; ++round)
      for (const std::string_view view : views_) {
        records.add(slab_, view);
        ++made;
        const bool full = records.views.size() >= limits::kParcelRecordsMax ||
                          records.bytes >= limits::kParcelBytesMax;
        if (!full) continue;
        if (!offering.offer(records, {}, numbering)) return;
        numbering.first = made;
      }
    offering.offer(records, {}, numbering);
  }

  // Byte by byte, so that nothing behind the line is taken. As in Logstash, the newline stays.
  void read_line() {
    std::string line;
    char byte = 0;
    while (line.size() < kLineBytesMax && byte != '\n') {
      pollfd fds[] = {{STDIN_FILENO, POLLIN, 0}, {stop_fd_, POLLIN, 0}};
      if (poll(fds, 2, -1) < 0 && errno == EINTR) continue;
      if (fds[1].revents != 0) return;
      const ssize_t got = read(STDIN_FILENO, &byte, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      line += byte;
    }
    if (line.empty())
      log::error("generator", "standard input has no line to take as the message");
    else
      take({line});
  }

  Options options_;
  Context context_;
  FieldRef sequence_;
  int stop_fd_;
  std::once_flag read_once_;
  SlabRef slab_;
  std::vector<std::string_view> views_;
  std::deque<Offering> offerings_;  // by thread
  std::atomic<uint32_t> running_{0};
  std::vector<std::thread> threads_;
};

Result<std::unique_ptr<Input>> make(const Settings& settings, const Context& context) {
  const int64_t threads = settings.integer("threads");
  if (threads < 1 || threads > kThreadsMax) return settings.error("threads", "must be 1 to 64");
  Generator::Options options;
  options.lines = settings.strings("lines");
  options.from_stdin = options.lines.empty() && settings.string("message") == "stdin";
  if (options.lines.empty()) options.lines.push_back(settings.string("message"));
  options.rounds = static_cast<uint64_t>(std::max<int64_t>(settings.integer("count"), 0));
  options.threads = static_cast<uint32_t>(threads);
  return std::unique_ptr<Input>(std::make_unique<Generator>(std::move(options), context));
}

}  // namespace

InputPlugin generator_input() {
  return {
      {"generator", "Makes up events, for trying a pipeline out and for measuring it.", kOptions},
      "plain",
      make};
}

}  // namespace penstock
