#include "filters/translate/dictionary_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "filters/support/characters.h"
#include "pipeline/base/log.h"

namespace penstock::translate {
namespace {

constexpr size_t kFileBytesMax = size_t{2} << 30;

}  // namespace

DictionaryFile::DictionaryFile(Options options, SteadyTime now)
    : options_(std::move(options)), due_(now + options_.interval) {}

DictionaryFile::~DictionaryFile() { wait(); }

Result<std::shared_ptr<DictionaryFile>> DictionaryFile::open(Options options, SteadyTime now) {
  std::shared_ptr<DictionaryFile> out(new DictionaryFile(std::move(options), now));
  TRY(out->loaded_, out->stamp());
  TRY_STATUS(out->load(nullptr));
  return out;
}

std::shared_ptr<const Dictionary> DictionaryFile::current() const {
  std::lock_guard lock(mutex_);
  return current_;
}

void DictionaryFile::refresh_if_due(SteadyTime now) {
  if (options_.interval.count() <= 0) return;
  std::unique_lock lock(refreshing_, std::try_to_lock);
  if (!lock || now < due_ || busy_.load(std::memory_order_acquire)) return;
  due_ = now + options_.interval;
  if (thread_.joinable()) thread_.join();  // it has ended: busy_ says so
  busy_.store(true, std::memory_order_relaxed);
  thread_ = std::thread([this] {
    if (const Status done = refresh(); !done.ok())
      log::warn("translate", "{}: {}; the dictionary stays as it is", options_.path,
                done.error().message);
    busy_.store(false, std::memory_order_release);
  });
}

void DictionaryFile::wait() {
  std::lock_guard lock(refreshing_);
  if (thread_.joinable()) thread_.join();
}

Status DictionaryFile::refresh() {
  const auto now = stamp();
  Status done = now.ok() ? ok_status() : Status(now.error());
  if (done.ok() && now.value() == loaded_) return done;
  if (done.ok()) done = load(options_.merge ? current().get() : nullptr);
  if (done.ok()) loaded_ = now.value();
  (done.ok() ? reloads_ : failures_).add();
  return done;
}

Status DictionaryFile::load(const Dictionary* before) {
  TRY(const std::string text, read());
  if (options_.characters_max &&
      static_cast<int64_t>(count_characters(text)) > options_.characters_max)
    return Error{Errc::bad_data, "has more characters than yaml_dictionary_code_point_limit", {}};
  Entries entries;
  if (before) entries.add_copies(before->entries());
  size_t keys_left_out = 0;
  TRY_STATUS(read_dictionary(text, options_.format, entries, keys_left_out));
  if (keys_left_out)
    log::warn("translate",
              "{}: {} keys are numbers or booleans to YAML and will never match; "
              "quote them",
              options_.path, keys_left_out);
  TRY(auto made, Dictionary::build(std::move(entries), options_.mode));
  std::lock_guard lock(mutex_);
  current_ = std::move(made);
  return ok_status();
}

Result<DictionaryFile::Stamp> DictionaryFile::stamp() const {
  struct stat status {};
  if (stat(options_.path.c_str(), &status) != 0) return io_error(errno_text(errno));
  return Stamp{status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size, status.st_ino};
}

Result<std::string> DictionaryFile::read() const {
  const int file = ::open(options_.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return io_error(errno_text(errno));
  std::string text;
  char block[64 << 10];
  ssize_t got = 0;
  while (text.size() <= kFileBytesMax && (got = ::read(file, block, sizeof block)) != 0) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    text.append(block, static_cast<size_t>(got));
  }
  const int error = errno;
  close(file);
  if (got < 0) return io_error(errno_text(error));
  if (text.size() > kFileBytesMax) return io_error("is larger than 2 GB");
  return text;
}

}  // namespace penstock::translate
