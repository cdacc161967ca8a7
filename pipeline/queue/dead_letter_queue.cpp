#include "pipeline/queue/dead_letter_queue.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "pipeline/base/log.h"
#include "pipeline/base/text.h"

namespace penstock {
namespace {

constexpr std::string_view kSource = "dead_letter_queue";
constexpr std::string_view kEnding = ".dlq";

std::string segment_path(const std::string& folder, uint64_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, digits.size() < 10 ? 10 - digits.size() : 0, '0');
  return folder + "/" + digits + std::string(kEnding);
}

Error failed(const std::string& path) { return io_error(path + ": " + errno_text(errno)); }

}  // namespace

std::string dead_letter_folder(const std::string& path_data, const std::string& pipeline_id) {
  // The id comes from the settings and may hold anything.
  std::string name = pipeline_id;
  for (char& c : name)
    if (c == '/' || c == '\0') c = '_';
  if (name == "." || name == ".." || name.empty()) name = "_" + name;
  return path_data + "/dead_letter_queue/" + name;
}

std::vector<uint64_t> dead_letter_segments(const std::string& folder) {
  std::vector<uint64_t> numbers;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() != kEnding) continue;
    const auto number = parse_integer(at->path().stem().string());
    if (number && *number >= 0) numbers.push_back(static_cast<uint64_t>(*number));
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::string DeadLetterQueue::path_of(uint64_t number) const {
  return segment_path(options_.folder, number);
}

Result<std::unique_ptr<DeadLetterQueue>> DeadLetterQueue::open(Options options) {
  options.segment_bytes_max =
      std::max<uint64_t>(1, std::min(options.segment_bytes_max, options.bytes_max / 16));
  std::unique_ptr<DeadLetterQueue> queue(new DeadLetterQueue(std::move(options)));
  std::error_code error;
  std::filesystem::create_directories(queue->options_.folder, error);
  if (error) return io_error(queue->options_.folder + ": " + error.message());
  TRY_STATUS(queue->lock_folder());
  TRY_STATUS(queue->scan());
  return queue;
}

DeadLetterQueue::~DeadLetterQueue() {
  if (current_ >= 0) {
    if (dirty_) fdatasync(current_);
    close(current_);
  }
  if (lock_ >= 0) close(lock_);
}

Status DeadLetterQueue::lock_folder() {
  const std::string path = options_.folder + "/.lock";
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (lock_ < 0) return failed(path);
  if (flock(lock_, LOCK_EX | LOCK_NB) == 0) return ok_status();
  return io_error(options_.folder +
                  ": another process writes to this dead-letter queue (same path.data and "
                  "pipeline.id?)");
}

Status DeadLetterQueue::scan() {
  for (const uint64_t number : dead_letter_segments(options_.folder)) {
    std::error_code error;
    const uint64_t bytes = std::filesystem::file_size(path_of(number), error);
    if (error) return io_error(path_of(number) + ": " + error.message());
    segments_.push_back({number, bytes});
    bytes_ += bytes;
  }
  return ok_status();
}

Status DeadLetterQueue::begin_segment() {
  if (current_ >= 0) {
    if (dirty_ && fdatasync(current_) != 0) return failed(path_of(segments_.back().number));
    close(current_);
    current_ = -1;
    dirty_ = false;
  }
  const uint64_t number = segments_.empty() ? 1 : segments_.back().number + 1;
  const std::string path = path_of(number);
  current_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);
  if (current_ < 0) return failed(path);
  segments_.push_back({number, 0});
  // The file's name must survive a crash too.
  if (const int folder = ::open(options_.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      folder >= 0) {
    fsync(folder);
    close(folder);
  }
  return ok_status();
}

Status DeadLetterQueue::make_room(uint64_t bytes, bool& fits) {
  fits = bytes_ + bytes <= options_.bytes_max;
  while (!fits && options_.policy == StoragePolicy::drop_older && !segments_.empty() &&
         bytes <= options_.bytes_max) {
    const Segment oldest = segments_.front();
    uint64_t letters = 0;
    DeadLetterReader reader(options_.folder);
    for (StoredLetter letter; reader.next(letter) && reader.segment() == oldest.number;) ++letters;
    if (unlink(path_of(oldest.number).c_str()) != 0 && errno != ENOENT)
      return failed(path_of(oldest.number));
    if (segments_.size() == 1 && current_ >= 0) {
      close(current_);
      current_ = -1;
      dirty_ = false;
    }
    segments_.pop_front();
    bytes_ -= oldest.bytes;
    dropped_.add(letters);
    fits = bytes_ + bytes <= options_.bytes_max;
  }
  return ok_status();
}

Status DeadLetterQueue::append(std::string_view record) {
  Segment& segment = segments_.back();
  size_t done = 0;
  while (done < record.size()) {
    const ssize_t wrote = ::write(current_, record.data() + done, record.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) {
      const Error error = failed(path_of(segment.number));
      // Half a record would be passed over, but it need not stay.
      if (ftruncate(current_, static_cast<off_t>(segment.bytes)) != 0) {
        close(current_);
        current_ = -1;  // the next letter begins a new segment
        segment.bytes += done;
        bytes_ += done;
      }
      return error;
    }
    done += static_cast<size_t>(wrote);
  }
  dirty_ = true;
  segment.bytes += record.size();
  bytes_ += record.size();
  return ok_status();
}

Status DeadLetterQueue::put(const DeadLetter& letter) {
  const std::string reason =
      options_.scrub ? options_.scrub(letter.reason) : std::string(letter.reason);
  const std::string record =
      encode_letter(letter, options_.pipeline_id, reason, options_.clock->now());
  std::lock_guard lock(mutex_);
  bool fits = false;
  TRY_STATUS(make_room(record.size(), fits));
  if (!fits) {
    dropped_.add();
    if (!std::exchange(said_full_, true))
      log::error(kSource, "{}: full ({} bytes): letters are dropped and counted from now on",
                 options_.folder, options_.bytes_max);
    return ok_status();
  }
  said_full_ = false;
  if (current_ < 0 || segments_.back().bytes >= options_.segment_bytes_max)
    TRY_STATUS(begin_segment());
  TRY_STATUS(append(record));
  letters_.add();
  count(reason);
  return ok_status();
}

// A reason's kind is what stands before its first colon: the engine's error type. The rest names
// fields and values.
void DeadLetterQueue::count(std::string_view reason) {
  std::string_view kind = reason.substr(0, reason.find(':'));
  auto known = by_reason_.find(kind);
  if (known == by_reason_.end()) {
    if (by_reason_.size() >= kReasonsMax) kind = "(others)";
    known = by_reason_.try_emplace(std::string(kind)).first;
    if (metrics_)
      metrics_->counter("letters_by_reason", "Dead letters written, by kind of reason.",
                        {{"reason", known->first}}, known->second);
  }
  known->second.add();
}

Status DeadLetterQueue::sync() {
  std::lock_guard lock(mutex_);
  if (!dirty_) return ok_status();
  if (fdatasync(current_) != 0) return failed(path_of(segments_.back().number));
  dirty_ = false;
  return ok_status();
}

uint64_t DeadLetterQueue::bytes() const { return bytes_; }

void DeadLetterQueue::register_in(MetricScope& scope) {
  metrics_ = &scope;
  scope.counter("letters", "Dead letters written.", {}, letters_);
  scope.counter("dropped", "Dead letters lost because the queue was full.", {}, dropped_);
  scope.gauge("bytes", "Size of the dead-letter queue.", {},
              [this] { return static_cast<double>(bytes()); });
}

DeadLetterReader::DeadLetterReader(std::string folder) : folder_(std::move(folder)) {
  const auto numbers = dead_letter_segments(folder_);
  numbers_.assign(numbers.begin(), numbers.end());
}

bool DeadLetterReader::load_next() {
  if (numbers_.empty()) return false;
  number_ = numbers_.front();
  numbers_.pop_front();
  text_.clear();
  at_ = 0;
  const std::string path = segment_path(folder_, number_);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    if (errno == ENOENT) return true;  // dropped meanwhile
    status_ = failed(path);
    return false;
  }
  struct stat about {};
  if (fstat(file, &about) == 0) text_.resize(static_cast<size_t>(about.st_size));
  size_t got = 0;
  while (got < text_.size()) {
    const ssize_t n = read(file, text_.data() + got, text_.size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    got += static_cast<size_t>(n);
  }
  close(file);
  text_.resize(got);
  return true;
}

bool DeadLetterReader::next(StoredLetter& letter) {
  while (status_.ok()) {
    if (at_ < text_.size() && decode_letter(text_, at_, letter, damaged_)) return true;
    if (!load_next()) return false;
  }
  return false;
}

}  // namespace penstock
