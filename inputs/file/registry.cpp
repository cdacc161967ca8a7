#include "inputs/file/registry.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "pipeline/base/log.h"
#include "pipeline/base/text.h"

namespace penstock::file {
namespace {

constexpr std::string_view kHead = "PENSTOCK-REGISTRY 1\n";

uint32_t checksum(std::string_view text) {
  return static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

// Line ends inside a path would tear the line.
std::string escaped(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c == '\n' || c == '%')
      out += fmt::format("%{:02x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(&text[i + 1], &text[i + 3], code, 16).ec == std::errc()) {
      out += static_cast<char>(code);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// A whole number and the blank after it.
template <class T>
bool number(std::string_view& text, T& out, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  if (!text.empty() && text[0] != ' ') return false;
  if (!text.empty()) text.remove_prefix(1);
  return true;
}

std::optional<Progress> parse_own(std::string_view line) {
  uint32_t sum = 0;
  Progress p;
  int done = 0;
  if (!number(line, sum, 16) || sum != checksum(line)) return std::nullopt;
  if (!number(line, p.id.device) || !number(line, p.id.inode) || !number(line, p.prefix.bytes) ||
      !number(line, p.prefix.hash, 16) || !number(line, p.offset) || !number(line, done) ||
      !number(line, p.seconds))
    return std::nullopt;
  p.done = done != 0;
  p.path = unescaped(line);
  return p;
}

std::optional<Progress> parse_sincedb(std::string_view line) {
  Progress p;
  uint32_t device_major = 0, device_minor = 0;
  if (!number(line, p.id.inode) || !number(line, device_major) || !number(line, device_minor) ||
      !number(line, p.offset))
    return std::nullopt;
  p.id.device = makedev(device_major, device_minor);
  const size_t blank = std::min(line.find(' '), line.size());
  p.seconds = static_cast<int64_t>(parse_real(line.substr(0, blank)).value_or(0));
  p.path = line.substr(std::min(blank + 1, line.size()));
  return p;
}

std::string line_of(const Progress& p) {
  const std::string text =
      fmt::format("{} {} {} {:016x} {} {} {} {}", p.id.device, p.id.inode, p.prefix.bytes,
                  p.prefix.hash, p.offset, p.done ? 1 : 0, p.seconds, escaped(p.path));
  return fmt::format("{:08x} {}\n", checksum(text), text);
}

Status write_all(int descriptor, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_error(path + ": cannot write: " + errno_text(errno));
    text.remove_prefix(static_cast<size_t>(written));
  }
  return ok_status();
}

}  // namespace

Registry::~Registry() {
  if (descriptor_ >= 0) close(descriptor_);
}

Status Registry::open(const std::string& path, int64_t now, int64_t clean_after) {
  if (path.empty() || path == "/dev/null") return ok_status();
  path_ = path;
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  if (std::filesystem::is_directory(path, ignored))
    return io_error(path + " is a folder; the registry must be a file");
  descriptor_ = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) return io_error(path + ": cannot open: " + errno_text(errno));
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0)
    return io_error(path + " is in use by another file input; give one of them a `sincedb_path`");
  TRY_STATUS(load(clean_after > 0 ? now - clean_after : 0));
  return rewrite();
}

Status Registry::load(int64_t oldest) {
  std::ifstream in(path_, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  std::string_view rest = text;
  const bool own = rest.starts_with(kHead);
  if (own) rest.remove_prefix(kHead.size());
  size_t bad = 0;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
    const auto progress = own ? parse_own(line) : parse_sincedb(line);
    if (!progress)
      bad += !line.empty();
    else if (progress->seconds >= oldest)
      entries_[progress->id] = *progress;
  }
  if (bad) log::warn("file", "{}: {} damaged lines were skipped", path_, bad);
  if (bad && !own && entries_.empty())
    return io_error(path_ + " is neither a registry nor a sincedb; it is left as it is");
  return ok_status();
}

// Beside itself and renamed, so that a crash leaves the one or the other.
Status Registry::rewrite() {
  std::string text(kHead);
  for (const auto& [id, progress] : entries_) text += line_of(progress);
  const std::string temporary = path_ + ".new";
  const int fresh =
      ::open(temporary.c_str(), O_RDWR | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fresh < 0) return io_error(temporary + ": cannot open: " + errno_text(errno));
  Status written = write_all(fresh, text, temporary);
  if (written.ok() && fdatasync(fresh) != 0)
    written = io_error(temporary + ": cannot sync: " + errno_text(errno));
  if (written.ok() && rename(temporary.c_str(), path_.c_str()) != 0)
    written = io_error(path_ + ": cannot replace: " + errno_text(errno));
  if (!written.ok()) {
    close(fresh);
    return written;
  }
  flock(fresh, LOCK_EX | LOCK_NB);
  close(descriptor_);
  descriptor_ = fresh;
  bytes_ = text.size();
  rewrite_at_ = std::max(kBytesMax, bytes_ * 2);
  unwritten_.clear();
  dirty_ = torn_ = false;
  return ok_status();
}

const Progress* Registry::find(FileId id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

void Registry::put(const Progress& progress) {
  entries_[progress.id] = progress;
  if (descriptor_ >= 0) unwritten_ += line_of(progress);
}

void Registry::erase(FileId id) { entries_.erase(id); }

Status Registry::write() {
  if (unwritten_.empty()) return ok_status();
  if (bytes_ + unwritten_.size() > rewrite_at_) return rewrite();
  // After a failed write the file may end in half a line: a line end sets the next one apart.
  if (torn_) unwritten_.insert(0, "\n");
  torn_ = true;
  TRY_STATUS(write_all(descriptor_, unwritten_, path_));
  torn_ = false;
  bytes_ += unwritten_.size();
  unwritten_.clear();
  dirty_ = true;
  return ok_status();
}

Status Registry::sync() {
  TRY_STATUS(write());
  if (!dirty_) return ok_status();
  if (fdatasync(descriptor_) != 0) return io_error(path_ + ": cannot sync: " + errno_text(errno));
  dirty_ = false;
  return ok_status();
}

}  // namespace penstock::file
