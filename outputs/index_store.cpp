#include "outputs/index_store.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "outputs/outputs.h"
#include "pipeline/base/check.h"

namespace penstock {
namespace {

using elastic::Share;
using std::chrono::steady_clock;

constexpr size_t kIndexBytesMax = 248;  // with ".ndjson" a file name of 255
constexpr size_t kPartsMax = 1024;      // indices in one job

// Works on files only: what lies after the last newline was never settled, so it goes.
Status cut_torn_tail(int descriptor, const std::string& path) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return io_error(path + ": " + errno_text(errno));
  off_t end = status.st_size;
  char buffer[4096];
  while (end > 0) {
    const size_t size = std::min<size_t>(sizeof buffer, static_cast<size_t>(end));
    const ssize_t got = pread(descriptor, buffer, size, end - static_cast<off_t>(size));
    if (got != static_cast<ssize_t>(size)) return io_error(path + ": " + errno_text(errno));
    const auto newline = std::string_view(buffer, size).rfind('\n');
    if (newline != std::string_view::npos) {
      end -= static_cast<off_t>(size - newline - 1);
      break;
    }
    end -= static_cast<off_t>(size);
  }
  if (end == status.st_size) return ok_status();
  log::warn("index_store", "{}: cutting off an unfinished line of {} bytes", path,
            status.st_size - end);
  if (ftruncate(descriptor, end) != 0) return io_error(path + ": " + errno_text(errno));
  return ok_status();
}

// A file that another output holds open (of a pipeline's earlier configuration, or another
// pipeline's) has no torn end, though a write under way may look like one. Each holds a shared
// lock.
Status mend_tail(int descriptor, const std::string& path) {
  Status cut = ok_status();
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) cut = cut_torn_tail(descriptor, path);
  while (flock(descriptor, LOCK_SH) != 0)
    if (errno != EINTR) return io_error(path + ": cannot lock: " + errno_text(errno));
  return cut;
}

class StoreLane : public Lane {
 public:
  StoreLane(IndexStore& store, elastic::DocumentEncoder encoder)
      : store_(store), encoder_(std::move(encoder)) {}

  void write(const Batch& batch, Rows rows, Delivery delivery) override {
    if (rows.empty()) return delivery.done();
    const auto share =
        std::make_shared<Share>(std::move(delivery), static_cast<uint32_t>(rows.size()));
    uint32_t stored = 0;
    for (const Row row : rows) {
      if (!job_) begin();
      stored += add(batch[row], row, share);
      if (job_->bytes < store_.config().flush_bytes && job_->parts_used < kPartsMax) continue;
      job_->stored.emplace_back(share, std::exchange(stored, 0));
      flush(true);
    }
    if (job_ && stored) job_->stored.emplace_back(share, stored);
  }
  bool pending() const override { return job_ && !job_->empty(); }
  void tick(steady_clock::time_point now) override {
    if (pending() && now - job_->born >= store_.config().flush_interval) flush(true);
  }
  void finish() override {
    if (pending()) flush(false);
  }

 private:
  void begin() {
    job_ = store_.take_empty();
    job_->born = steady_clock::now();
  }

  uint32_t add(const Event& event, Row row, const std::shared_ptr<Share>& share) {
    std::string_view index;
    const bool whole = encoder_.index_of(event, index);
    if (!whole || (index != checked_ && !index_name_fault(index).empty())) [[unlikely]] {
      job_->letters.own(share);
      auto refusal = encoder_.append(event, row, job_->letters);
      if (!refusal)
        refusal = elastic::Refusal{0, "the index name " + std::string(index_name_fault(index))};
      job_->letters.refusals.push_back(std::move(*refusal));
      return 0;
    }
    if (index != checked_) checked_ = index;
    ByteBuffer& text = job_->text_of(index);
    const size_t before = text.size();
    encoder_.append_document(event, text);
    encoder_.count_document();
    job_->bytes += text.size() - before;
    return 1;
  }

  void flush(bool may_wait) {
    store_.submit(std::move(job_), may_wait);
    encoder_.publish_counts();
  }

  IndexStore& store_;
  elastic::DocumentEncoder encoder_;
  std::unique_ptr<StoreJob> job_;
  std::string checked_;  // the last index name that was good
};

}  // namespace

std::string_view index_name_fault(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name.size() > kIndexBytesMax) return "is longer than 248 bytes";
  if (name == "." || name == "..") return "is . or ..";
  if (name[0] == '-' || name[0] == '_' || name[0] == '+') return "begins with one of - _ +";
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20) return "holds a control character";
    if (c >= 'A' && c <= 'Z') return "holds an upper case letter";
    if (std::string_view("\\/*?\"<>| ,#:").find(c) != std::string_view::npos)
      return "holds one of \\ / * ? \" < > | , # : or a blank";
  }
  return {};
}

ByteBuffer& StoreJob::text_of(std::string_view index) {
  for (size_t i = 0; i < parts_used; ++i)
    if (parts[i].index == index) {
      if (i) std::swap(parts[i], parts[0]);  // the next one is likely the same
      return parts[0].text;
    }
  if (parts_used == parts.size()) parts.emplace_back();
  Part& part = parts[parts_used++];
  part.index = index;
  return part.text;
}

void StoreJob::clear() {
  constexpr size_t kPartsKept = 16;
  constexpr size_t kPartBytesKept = size_t{2} << 20;
  if (parts.size() > kPartsKept) parts.resize(kPartsKept);
  for (Part& part : parts) {
    part.text.clear();
    if (part.text.capacity() > kPartBytesKept) part.text = ByteBuffer();
  }
  parts_used = 0;
  bytes = 0;
  stored.clear();
  letters.clear(kPartBytesKept);
}

IndexFiles::~IndexFiles() {
  for (auto& [index, file] : files_) close(file.descriptor);
}

Status IndexFiles::close_oldest() {
  const auto oldest =
      std::min_element(files_.begin(), files_.end(),
                       [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
  if (oldest->second.dirty && fdatasync(oldest->second.descriptor) != 0)
    return io_error(oldest->first + ": " + errno_text(errno));
  close(oldest->second.descriptor);
  files_.erase(oldest);
  return ok_status();
}

Result<IndexFiles::File*> IndexFiles::open(const std::string& index) {
  if (const auto found = files_.find(index); found != files_.end()) return &found->second;
  if (files_.size() >= open_max_) TRY_STATUS(close_oldest());
  const std::string path = folder_ + "/" + index + ".ndjson";
  const int descriptor =
      ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (descriptor < 0) return io_error(path + ": " + errno_text(errno));
  if (auto cut = mend_tail(descriptor, path); !cut.ok()) {
    close(descriptor);
    return cut.error();
  }
  return &files_.emplace(index, File{descriptor, false, 0}).first->second;
}

Status IndexFiles::append(const std::string& index, std::string_view text, size_t& done) {
  TRY(File * file, open(index));
  file->used = ++time_;
  while (done < text.size()) {
    const ssize_t wrote = ::write(file->descriptor, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return io_error(index + ".ndjson: " + errno_text(errno));
    done += static_cast<size_t>(wrote);
    file->dirty = true;
  }
  return ok_status();
}

Status IndexFiles::sync() {
  for (auto& [index, file] : files_) {
    if (!file.dirty) continue;
    if (fdatasync(file.descriptor) != 0) return io_error(index + ".ndjson: " + errno_text(errno));
    file.dirty = false;
  }
  return ok_status();
}

IndexStore::IndexStore(IndexStoreConfig config, const Context& context)
    : config_(std::move(config)),
      counters_(context.metrics),
      dead_letters_(context.dead_letters),
      files_(config_.path, config_.open_files_max) {
  if (!context.metrics) return;
  context.metrics->counter("documents_successes", "Documents written.", {}, documents_);
  context.metrics->counter("bytes_written", "Bytes written.", {}, bytes_);
  context.metrics->counter("documents_dlq_routed", "Documents put into the dead-letter queue.", {},
                           dead_lettered_);
}

IndexStore::~IndexStore() { stop(std::chrono::milliseconds(0)); }

Status IndexStore::start() {
  std::error_code error;
  std::filesystem::create_directories(config_.path, error);
  if (error) return io_error("index_store: " + config_.path + ": " + error.message());
  if (access(config_.path.c_str(), W_OK | X_OK) != 0)
    return io_error("index_store: " + config_.path + ": " + errno_text(errno));
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "index_store");
    run();
  });
  return ok_status();
}

Result<std::unique_ptr<Lane>> IndexStore::open_lane(const Context&) {
  TRY(auto encoder, elastic::DocumentEncoder::make(config_.item, &counters_));
  return std::unique_ptr<Lane>(std::make_unique<StoreLane>(*this, std::move(encoder)));
}

void IndexStore::submit(std::unique_ptr<StoreJob> job, bool may_wait) {
  std::unique_lock lock(mutex_);
  if (may_wait)
    changed_.wait(lock, [this] {
      return stopped_ || queue_.empty() || queued_bytes_ < config_.queue_bytes_max;
    });
  if (stopped_) return;
  queued_bytes_ += job->bytes + job->letters.body.size();
  queue_.push_back(std::move(job));
  changed_.notify_all();
}

std::unique_ptr<StoreJob> IndexStore::take_empty() {
  std::lock_guard lock(mutex_);
  if (spare_.empty()) return std::make_unique<StoreJob>();
  auto job = std::move(spare_.back());
  spare_.pop_back();
  return job;
}

void IndexStore::stop(std::chrono::milliseconds grace) {
  {
    std::lock_guard lock(mutex_);
    draining_ = true;
    give_up_at_ = steady_clock::now() + grace;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  std::lock_guard lock(mutex_);
  stopped_ = true;
  queue_.clear();
  changed_.notify_all();
}

bool IndexStore::wait_for_job(std::unique_ptr<StoreJob>& job) {
  std::unique_lock lock(mutex_);
  // Woken now and then to sync what was written before the stream paused.
  changed_.wait_for(lock, config_.sync_interval, [this] { return !queue_.empty() || draining_; });
  if (queue_.empty()) return !draining_;
  job = std::move(queue_.front());
  queue_.pop_front();
  return true;
}

void IndexStore::run() {
  constexpr size_t kSpareMax = 8;
  std::unique_ptr<StoreJob> job;
  while (wait_for_job(job)) {
    if (job) {
      if (!finish(*job)) break;
      std::lock_guard lock(mutex_);
      queued_bytes_ -= job->bytes + job->letters.body.size();
      job->clear();
      if (spare_.size() < kSpareMax) spare_.push_back(std::move(job));
      job.reset();
      changed_.notify_all();
    }
    const auto now = steady_clock::now();
    if (config_.sync == StoreSync::interval && now - synced_ >= config_.sync_interval) {
      if (!until_done("sync", [this] { return files_.sync(); })) break;
      synced_ = now;
    }
  }
  if (config_.sync != StoreSync::never) (void)files_.sync().ok();
  std::lock_guard lock(mutex_);
  if (!queue_.empty() || job)
    log::warn("index_store", "stopped with documents unwritten; their events are replayed");
  stopped_ = true;
  changed_.notify_all();
}

// True when it is time for another attempt, false when the store is to let go.
bool IndexStore::pause() {
  std::unique_lock lock(mutex_);
  const auto again_at = steady_clock::now() + config_.retry_interval;
  while (true) {
    const auto until = draining_ ? std::min(again_at, give_up_at_) : again_at;
    const auto now = steady_clock::now();
    if (draining_ && now >= give_up_at_) return false;
    if (now >= again_at) return true;
    changed_.wait_until(lock, until);
  }
}

template <class Attempt>
bool IndexStore::until_done(const char* what, Attempt attempt) {
  while (true) {
    const Status status = attempt();
    if (status.ok()) return true;
    complaints_.write(log::Level::error, what,
                      status.error().text() + "; holding the events and trying again",
                      steady_clock::now());
    if (!pause()) return false;
  }
}

bool IndexStore::write_parts(StoreJob& job) {
  for (size_t i = 0; i < job.parts_used; ++i) {
    const StoreJob::Part& part = job.parts[i];
    size_t done = 0;
    if (!until_done("write", [&] { return files_.append(part.index, part.text.view(), done); }))
      return false;
    bytes_.add(part.text.size());
  }
  return config_.sync != StoreSync::always || until_done("sync", [this] { return files_.sync(); });
}

bool IndexStore::write_letters(elastic::Bulk& letters) {
  if (letters.empty()) return true;
  const bool written = until_done("dead letters", [&]() -> Status {
    TRY_STATUS(elastic::put_letters(letters, dead_letters_, "index_store", config_.plugin_id));
    return ok_status();
  });
  if (!written) return false;
  for (uint32_t i = 0; i < letters.size(); ++i)
    letters.share_of(i).settle_dead(letters.documents[i].row);
  dead_lettered_.add(letters.size());
  return true;
}

bool IndexStore::finish(StoreJob& job) {
  if (!write_parts(job)) return false;
  for (const auto& [share, rows] : job.stored) {
    share->settle(rows);
    documents_.add(rows);
  }
  return write_letters(job.letters);
}

namespace {

using enum OptionType;

constexpr std::string_view kSyncs[] = {"never", "interval", "always"};
constexpr Option kOptions[] = {
    {"path", path, "data/indices", "The folder of the index files; made when it isn't there."},
    {"index", string, "",
     "The index, with %{...}: `logs-%{+yyyy.MM.dd}`. Default: `ecs-logstash-%{+yyyy.MM.dd}`, or "
     "`logstash-%{+yyyy.MM.dd}` without ECS."},
    {"fsync", choice, "interval",
     "When files are forced to the disk: `always` before events are acknowledged, every second "
     "(`interval`), or `never`.",
     false, kSyncs},
    {"flush_interval", duration, "200ms", "Documents are written when the first waited this long."},
    {"flush_bytes", bytes, "1mib", "Documents are written when they are this many bytes."},
    {"max_open_files", integer, "64", "The most files open at a time."},
};

Result<std::unique_ptr<Output>> make_store(const Settings& settings, const Context& context) {
  IndexStoreConfig config;
  config.path = settings.string("path");
  config.plugin_id = context.plugin_id;
  config.item.index = settings.is_given("index")     ? settings.string("index")
                      : context.ecs == Ecs::disabled ? "logstash-%{+yyyy.MM.dd}"
                                                     : "ecs-logstash-%{+yyyy.MM.dd}";
  const std::string sync = settings.string("fsync");
  config.sync = sync == "always"  ? StoreSync::always
                : sync == "never" ? StoreSync::never
                                  : StoreSync::interval;
  config.flush_interval = std::chrono::milliseconds(settings.milliseconds("flush_interval"));
  const int64_t flush_bytes = settings.bytes("flush_bytes"),
                files = settings.integer("max_open_files");
  if (flush_bytes < 1 || flush_bytes > (int64_t{64} << 20))
    return settings.error("flush_bytes", "must be 1 byte to 64 MiB");
  if (files < 1 || files > 10'000) return settings.error("max_open_files", "must be 1 to 10000");
  config.flush_bytes = static_cast<size_t>(flush_bytes);
  config.queue_bytes_max = config.flush_bytes * 8;
  config.open_files_max = static_cast<uint32_t>(files);
  auto encoder = elastic::DocumentEncoder::make(config.item, nullptr);
  if (!encoder.ok()) return settings.error("index", encoder.error().message);
  return std::unique_ptr<Output>(std::make_unique<IndexStore>(std::move(config), context));
}

}  // namespace

OutputPlugin index_store_output() {
  return {{"index_store",
           "Stores documents in files by index, the same ones that a bulk request would carry.",
           kOptions, "", true},
          make_store};
}

}  // namespace penstock
