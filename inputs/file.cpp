#include "inputs/file.h"

#include <sys/inotify.h>
#include <unistd.h>

#include "inputs/file/collector.h"
#include "pipeline/base/event_loop.h"
#include "pipeline/base/log.h"
#include "pipeline/plugin/line_framer.h"
#include "pipeline/plugin/registry.h"

namespace penstock {
namespace {

using file::Collector;
using file::FileOptions;

constexpr size_t kWatchesMax = 8192;
constexpr uint32_t kWatched =
    IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_ONLYDIR;
// After the system tells of new files, wait this long for more before looking for them.
constexpr uint64_t kDiscoverDelayMs = 20;

// The Collector on a loop of its own: timers, inotify, and reading while there is something to
// read. An idle input costs a timer a second.
class FileInput : public Input {
 public:
  FileInput(FileOptions options, const Context& context, Collector::MakeFramer make_framer)
      : collector_(std::move(options), context, std::move(make_framer)) {
    register_metrics(context);
  }
  ~FileInput() override { stop(); }

  Status start(Intake& intake, uint32_t index) override {
    intake_ = &intake;
    TRY_STATUS(collector_.open(intake, *this, index));
    loop_ = std::make_unique<EventLoop>("input-file");
    loop_->post([this] { begin(); });
    return ok_status();
  }
  void resume() override {
    if (loop_) loop_->post([this] { pump(); });
  }
  void stop() override {
    if (!loop_ || stopped_) return;
    stopped_ = true;
    loop_->stop();  // closes the handles and joins: from here on this thread owns the collector
    collector_.stop();
    if (inotify_ >= 0) close(inotify_);
  }
  void settle(Position position, Verdict verdict) noexcept override {
    collector_.settle(position, verdict);
  }
  void checkpoint() override { collector_.commit(true); }
  bool keeps_position() const override { return true; }
  uint64_t bytes_done() const override { return collector_.bytes_done(); }
  std::optional<uint64_t> bytes_total() const override { return collector_.bytes_total(); }

 private:
  static FileInput& of(const void* handle) {
    return *static_cast<FileInput*>(static_cast<const uv_handle_t*>(handle)->data);
  }

  void begin() {
    idle_.data = stat_timer_.data = discover_timer_.data = commit_timer_.data = poll_.data = this;
    uv_idle_init(loop_->uv(), &idle_);
    uv_timer_init(loop_->uv(), &stat_timer_);
    uv_timer_init(loop_->uv(), &discover_timer_);
    uv_timer_init(loop_->uv(), &commit_timer_);
    watch();
    discover();
    const FileOptions& options = collector_.options();
    const auto stat_ms = static_cast<uint64_t>(options.stat_interval.count());
    const auto write_ms = static_cast<uint64_t>(options.write_interval.count());
    uv_timer_start(
        &stat_timer_, [](uv_timer_t* t) { of(t).look(); }, stat_ms, stat_ms);
    uv_timer_start(
        &commit_timer_, [](uv_timer_t* t) { of(t).collector_.commit(true); }, write_ms, write_ms);
  }

  void watch() {
    inotify_ = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (inotify_ < 0) return;  // looking every stat_interval is enough to be right
    uv_poll_init(loop_->uv(), &poll_, inotify_);
    uv_poll_start(&poll_, UV_READABLE, [](uv_poll_t* poll, int, int) { of(poll).read_events(); });
  }

  void watch_folders() {
    if (inotify_ < 0) return;
    for (const std::string& folder : collector_.folders()) {
      if (watched_.size() >= kWatchesMax || watched_by_name_.count(folder)) continue;
      const int watch = inotify_add_watch(inotify_, folder.c_str(), kWatched);
      if (watch < 0) continue;
      watched_[watch] = folder;
      watched_by_name_.insert(folder);
    }
  }

  void read_events() {
    alignas(inotify_event) char buffer[16 << 10];
    ssize_t got = 0;
    while ((got = ::read(inotify_, buffer, sizeof buffer)) > 0) {
      for (char* at = buffer; at < buffer + got;) {
        const auto* event = reinterpret_cast<const inotify_event*>(at);
        at += sizeof(inotify_event) + event->len;
        take(*event, event->len ? std::string_view(event->name) : std::string_view());
      }
    }
    pump();
  }

  void take(const inotify_event& event, std::string_view name) {
    const auto folder = watched_.find(event.wd);
    if (event.mask & IN_IGNORED && folder != watched_.end()) {
      watched_by_name_.erase(folder->second);
      watched_.erase(folder);
    } else if (event.mask & IN_Q_OVERFLOW) {
      look();
    } else if (folder != watched_.end() && !name.empty()) {
      const std::string path = folder->second + "/" + std::string(name);
      const bool appears = event.mask & (IN_CREATE | IN_MOVED_TO | IN_MODIFY);
      if (collector_.check(path) == Collector::Known::no && appears &&
          !uv_is_active(reinterpret_cast<uv_handle_t*>(&discover_timer_)))
        uv_timer_start(
            &discover_timer_, [](uv_timer_t* t) { of(t).discover(); }, kDiscoverDelayMs, 0);
    }
  }

  void discover() {
    discovered_at_ = uv_now(loop_->uv());
    collector_.discover();
    watch_folders();
    pump();
  }

  void look() {
    collector_.check();
    const auto interval = static_cast<uint64_t>(collector_.options().discover_interval.count());
    if (uv_now(loop_->uv()) - discovered_at_ >= interval) return discover();
    pump();
  }

  // Reads, and keeps the loop awake for as long as there is more to read.
  void pump() {
    if (collector_.pump())
      uv_idle_start(&idle_, [](uv_idle_t* idle) { of(idle).pump(); });
    else
      uv_idle_stop(&idle_);
    if (finished_ || !collector_.exhausted()) return;
    finished_ = true;
    intake_->finished(*this);
  }

  void register_metrics(const Context& context) {
    if (!context.metrics) return;
    const Collector::Metrics& m = collector_.metrics();
    MetricScope& scope = *context.metrics;
    scope.gauge("files_open", "Files open now.", {},
                [&m] { return static_cast<double>(m.open_files.value()); });
    scope.counter("bytes_read", "Bytes read from files, uncompressed.", {}, m.bytes_read);
    scope.counter("bytes_unread", "Bytes of files that vanished before they were read.", {},
                  m.bytes_unread);
    scope.counter("files_cut", "Files cut or written anew while they were followed.", {}, m.cuts);
    scope.counter("files_rotated", "Files whose path came to lead elsewhere.", {}, m.rotations);
    scope.counter("file_failures", "Files that could not be opened, read or completed.", {},
                  m.failures);
  }

  Collector collector_;
  Intake* intake_ = nullptr;
  std::unique_ptr<EventLoop> loop_;
  uv_idle_t idle_{};
  uv_timer_t stat_timer_{}, discover_timer_{}, commit_timer_{};
  uv_poll_t poll_{};
  int inotify_ = -1;
  std::map<int, std::string> watched_;
  std::set<std::string> watched_by_name_;
  uint64_t discovered_at_ = 0;
  bool finished_ = false;
  bool stopped_ = false;
};

// Codecs that take a record as it is: the input's own `delimiter` cuts the file for them.
bool takes_lines(std::string_view codec) {
  return codec == "line" || codec == "java_line" || codec == "json_lines" || codec == "edn_lines";
}

Result<Collector::MakeFramer> framer_maker(const Settings& settings, const Context& context,
                                           const std::string& delimiter) {
  const auto lines = [delimiter] { return std::make_unique<LineFramer>(delimiter); };
  if (!context.registry) return Collector::MakeFramer(lines);
  TRY(const CodecChoice codec, choose_codec(settings, "codec", "plain", *context.registry));
  if (takes_lines(codec.plugin->info.name) || !codec.plugin->make_framer)
    return Collector::MakeFramer(lines);
  TRY(const auto trial, codec.plugin->make_framer(codec.settings, codec.context(context)));
  if (!trial) return Collector::MakeFramer(lines);
  return Collector::MakeFramer([codec, context] {
    auto made = codec.plugin->make_framer(codec.settings, codec.context(context));
    return std::move(made).value();  // it was made once before
  });
}

Result<std::unique_ptr<Input>> make_file(const Settings& settings, const Context& context) {
  TRY(FileOptions options, file::read_file_options(settings, context));
  TRY(auto maker, framer_maker(settings, context, options.delimiter));
  return std::unique_ptr<Input>(
      std::make_unique<FileInput>(std::move(options), context, std::move(maker)));
}

}  // namespace

InputPlugin file_input() {
  return {{"file", "Follows files as they grow, or reads them once.", file::file_option_list()},
          "plain",
          make_file};
}

}  // namespace penstock
