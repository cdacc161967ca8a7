#include "outputs/file/open_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>

#include "pipeline/base/byte_buffer.h"
#include "pipeline/base/log.h"

namespace penstock::file_output_parts {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kDelayMin{100}, kDelayMax{5000};

// The path itself is wrong, so that waiting won't help: the failure file takes the event.
bool is_bad_path(int error) {
  return error == ENAMETOOLONG || error == EISDIR || error == ENOTDIR || error == EINVAL ||
         error == ELOOP;
}

// mkdir -p. Whether the folder is there now.
bool make_folders(const std::string& folder, mode_t mode) {
  for (size_t slash = folder.find('/', 1);; slash = folder.find('/', slash + 1)) {
    if (mkdir(folder.substr(0, slash).c_str(), mode) != 0 && errno != EEXIST) return false;
    if (slash == folder.npos) return true;
  }
}

}  // namespace

struct OpenFiles::File {
  std::string path;
  int descriptor = -1;
  ByteBuffer block;  // not yet written
  std::vector<std::shared_ptr<SharedDelivery>> deliveries;
  std::chrono::steady_clock::time_point oldest{};  // when the block was begun
  std::chrono::steady_clock::time_point used{};
};

OpenFiles::OpenFiles(FileSettings settings) : settings_(std::move(settings)) {}

OpenFiles::~OpenFiles() {
  for (File& file : files_) close(file);
}

OpenFiles::File& OpenFiles::file_at(const std::string& path) {
  if (const auto found = by_path_.find(path); found != by_path_.end()) {
    files_.splice(files_.begin(), files_, found->second);
    return files_.front();
  }
  if (files_.size() >= kOpenMax) {
    File& last = files_.back();
    flush(last);
    close(last);
    by_path_.erase(last.path);
    files_.pop_back();
  }
  files_.emplace_front().path = path;
  by_path_[path] = files_.begin();
  return files_.front();
}

void OpenFiles::write(const std::string& path, std::string_view bytes,
                      std::shared_ptr<SharedDelivery> delivery) {
  std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  File& file = file_at(path);
  if (file.block.empty()) file.oldest = now;
  file.used = now;
  if (settings_.overwrite) file.block.clear();
  file.block.append(bytes);
  file.deliveries.push_back(std::move(delivery));
  if (!settings_.gzip || file.block.size() >= kGzipBlockBytes) flush(file);
}

bool OpenFiles::is_deleted(const File& file) const {
  struct stat path {
  }, held{};
  if (stat(file.path.c_str(), &path) != 0) return true;
  return file.descriptor >= 0 && fstat(file.descriptor, &held) == 0 &&
         (path.st_ino != held.st_ino || path.st_dev != held.st_dev);
}

// Whether the descriptor is good; errno says why not.
bool OpenFiles::open(File& file) {
  if (file.descriptor >= 0 && !is_deleted(file)) return true;
  close(file);
  const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC;
  const mode_t mode = settings_.file_mode < 0 ? 0666 : static_cast<mode_t>(settings_.file_mode);
  file.descriptor = ::open(file.path.c_str(), flags, mode);
  if (file.descriptor < 0 && errno == ENOENT) {
    const mode_t folder_mode =
        settings_.folder_mode < 0 ? 0777 : static_cast<mode_t>(settings_.folder_mode);
    if (!make_folders(file.path.substr(0, file.path.rfind('/')), folder_mode)) return false;
    file.descriptor = ::open(file.path.c_str(), flags, mode);
  }
  if (file.descriptor < 0) return false;
  if (settings_.file_mode >= 0) fchmod(file.descriptor, mode);
  metrics_.open.add(1);
  return true;
}

void OpenFiles::close(File& file) {
  if (file.descriptor < 0) return;
  ::close(file.descriptor);
  file.descriptor = -1;
  metrics_.open.add(-1);
}

void OpenFiles::flush(File& file) {
  if (file.block.empty()) return;
  const std::string packed = settings_.gzip ? compressed(file.block.view()) : std::string();
  const bool written = write_out(file, settings_.gzip ? packed : file.block.view());
  if (!written)
    for (const auto& delivery : file.deliveries) delivery->lose();
  file.deliveries.clear();
  file.block.clear();
  if (file.block.capacity() > 4 * kGzipBlockBytes) file.block = ByteBuffer();
}

// False only when stop() ended the waiting.
bool OpenFiles::write_out(File& file, std::string_view bytes) {
  File failure;  // the file instead, when this one's path can't be used
  File* target = &file;
  if (!settings_.create_if_deleted && is_deleted(file)) {
    failure.path = settings_.failure_path;
    target = &failure;
  }
  bool begun = false;
  off_t written = 0;
  while (!bytes.empty()) {
    if (!begun && !open(*target)) {
      if (is_bad_path(errno) && target == &file) {
        failure.path = settings_.failure_path;
        target = &failure;
      } else if (!wait_after(target->path, errno)) {
        return false;
      }
      continue;
    }
    if (!begun && settings_.overwrite && ftruncate(target->descriptor, 0) != 0)
      metrics_.errors.add();
    begun = true;
    const ssize_t wrote = ::write(target->descriptor, bytes.data(), bytes.size());
    if (wrote >= 0) {
      bytes.remove_prefix(static_cast<size_t>(wrote));
      written += wrote;
      metrics_.bytes.add(static_cast<uint64_t>(wrote));
    } else if (errno != EINTR && !wait_after(target->path, errno)) {
      take_back(*target, written);
      return false;
    }
  }
  if (delay_.count() > 0) log::info("file", "{}: writing goes on", target->path);
  delay_ = milliseconds(0);
  metrics_.waiting.set(0);
  if (target == &failure) {
    metrics_.misdirected.add();
    close(failure);
  }
  return true;
}

// The events will come again, so half of them must not stay: the next line would be glued to it.
void OpenFiles::take_back(const File& file, off_t written) {
  struct stat about {};
  if (written == 0 || fstat(file.descriptor, &about) != 0 || !S_ISREG(about.st_mode)) return;
  if (about.st_size < written || ftruncate(file.descriptor, about.st_size - written) != 0)
    log::warn("file", "{}: ends with a part of what could not be written", file.path);
}

// The disk is full, or the like: wait for somebody to make room. False: stop() was called.
bool OpenFiles::wait_after(const std::string& path, int error) {
  metrics_.errors.add();
  metrics_.waiting.set(1);
  if (delay_.count() == 0)
    log::error("file", "{}: cannot write: {}; holding the events and trying again", path,
               errno_text(error));
  delay_ = std::clamp(delay_ * 2, kDelayMin, kDelayMax);
  std::unique_lock lock(stop_mutex_);
  return !stopping_.wait_for(lock, delay_, [&] { return stopped_; });
}

// Each block is a gzip member of its own: a file stays readable to its last whole block, whatever
// happens to the process.
std::string OpenFiles::compressed(std::string_view bytes) const {
  z_stream stream{};
  CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) ==
            Z_OK,
        "no memory for zlib");
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int outcome = deflate(&stream, Z_FINISH);
  deflateEnd(&stream);
  CHECK(outcome == Z_STREAM_END, "deflateBound() leaves room for all");
  out.resize(stream.total_out);
  return out;
}

void OpenFiles::tick(std::chrono::steady_clock::time_point now) {
  std::lock_guard lock(mutex_);
  for (File& file : files_)
    if (!file.block.empty() && now - file.oldest >= settings_.flush_interval) flush(file);
  if (now - swept_ < kStaleAfter) return;
  swept_ = now;
  while (!files_.empty() && now - files_.back().used >= kStaleAfter &&
         files_.back().block.empty()) {
    close(files_.back());
    by_path_.erase(files_.back().path);
    files_.pop_back();
  }
}

void OpenFiles::flush_all() {
  std::lock_guard lock(mutex_);
  for (File& file : files_) flush(file);
}

bool OpenFiles::pending() const {
  std::lock_guard lock(mutex_);
  return std::any_of(files_.begin(), files_.end(),
                     [](const File& file) { return !file.block.empty(); });
}

void OpenFiles::stop() {
  std::lock_guard lock(stop_mutex_);
  stopped_ = true;
  stopping_.notify_all();
}

}  // namespace penstock::file_output_parts
