// Finding files and noticing what happens to them.
#include <sys/stat.h>

#include <algorithm>

#include "inputs/file/collector.h"
#include "inputs/file/glob.h"
#include "pipeline/base/log.h"
#include "pipeline/base/text.h"

namespace penstock::file {
namespace {

uint64_t size_of(const struct stat& info) { return static_cast<uint64_t>(info.st_size); }

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string folder_of(const std::string& path) {
  return path.substr(0, std::max<size_t>(path.rfind('/'), 1));
}

bool earlier(const timespec& a, const timespec& b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

}  // namespace

struct Collector::Found {
  std::string path;
  FileId id;
  uint64_t size;
  timespec modified;
};

std::vector<Collector::Found> Collector::find_files() {
  std::vector<Found> out;
  std::set<FileId> seen;  // hard links and symbolic links lead to a file once
  for (const std::string& pattern : options_.patterns) {
    folders_.insert(fixed_folder(pattern));
    for (const std::string& path : expand(pattern)) {
      if (matches_any(options_.exclude, name_of(path))) continue;
      struct stat info {};
      if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
      if (!seen.insert(id_of(info)).second) continue;
      folders_.insert(folder_of(path));
      out.push_back({path, id_of(info), size_of(info), info.st_mtim});
    }
  }
  std::stable_sort(out.begin(), out.end(), [&](const Found& a, const Found& b) {
    const Found& x = options_.descending ? b : a;
    const Found& y = options_.descending ? a : b;
    if (options_.sort_by == SortBy::path) return x.path < y.path;
    return earlier(x.modified, y.modified);
  });
  return out;
}

void Collector::discover() {
  for (const Found& found : find_files()) take_up(found);
  if (!discovered_ && by_path_.empty())
    log::warn("file", "no file matches `{}`{}", options_.patterns.front(),
              options_.exit_after_read ? "" : " yet");
  discovered_ = true;
}

void Collector::take_up(const Found& found) {
  if (const auto known = by_path_.find(found.path); known != by_path_.end()) {
    if (known->second->id == found.id) return;
    note_gone(*known->second);
  }
  if (const auto known = by_id_.find(found.id); known != by_id_.end()) {
    Stream& renamed = *known->second;
    if (!renamed.gone) by_path_.erase(renamed.path);
    renamed.path = found.path;
    renamed.gone = false;
    by_path_[found.path] = &renamed;
    return;
  }
  bool at_end = options_.start_at_end && !discovered_;
  const int64_t age_ms =
      (context_.clock->now().seconds - static_cast<int64_t>(found.modified.tv_sec)) * 1000;
  const bool old = options_.ignore_older.count() > 0 && age_ms > options_.ignore_older.count();
  if (old) {
    ignored_[found.path] = found.size;
    return;
  }
  Found adjusted = found;
  if (const auto ignored = ignored_.find(found.path); ignored != ignored_.end()) {
    // It was left out for its age and has changed since: what is new is wanted.
    at_end = options_.mode == Mode::tail;
    adjusted.size = ignored->second;
    ignored_.erase(ignored);
  }
  enqueue(add_stream(adjusted, at_end));
}

Stream& Collector::add_stream(const Found& found, bool start_at_end) {
  auto stream = std::make_unique<Stream>();
  stream->number = next_number_++;
  stream->path = found.path;
  stream->id = found.id;
  stream->origin = origin_of(found.path);
  stream->framer = make_framer_();
  stream->first_size = stream->size = found.size;
  stream->start_at_end = start_at_end;
  stream->modified = found.modified;
  stream->touched = context_.clock->steady();
  bytes_total_.fetch_add(found.size, std::memory_order_relaxed);
  Stream& added = *stream;
  by_path_[found.path] = &added;
  by_id_[found.id] = &added;
  std::lock_guard lock(mutex_);
  streams_.emplace(added.number, std::move(stream));
  return added;
}

// What the events of the file are given (LOGSTASH.md calls these the file input's ECS fields).
std::shared_ptr<const Origin> Collector::origin_of(const std::string& path) const {
  auto origin = std::make_shared<Origin>();
  origin->input = index_;
  origin->stream = path;
  const bool ecs = context_.ecs != Ecs::disabled;
  const std::string text = escape_invalid_utf8(path);
  origin->fields = {
      {FieldRef::of(ecs ? "[host][name]" : "host"), context_.host_name},
      {FieldRef::of(ecs ? "[log][file][path]" : "path"), text},
      {FieldRef::of("[@metadata][path]"), text},
  };
  if (context_.ledger) origin->ledger = &context_.ledger->source(context_.plugin_id, path);
  return origin;
}

// The path leads elsewhere or nowhere. What is open is still read to its end.
void Collector::note_gone(Stream& stream) {
  if (stream.gone) return;
  stream.gone = true;
  stream.touched = context_.clock->steady();
  const auto known = by_path_.find(stream.path);
  if (known != by_path_.end() && known->second == &stream) by_path_.erase(known);
  if (stream.source) {
    metrics_.rotations.add();
    if (!stream.ended) enqueue(stream);
    return;
  }
  if (!stream.ended && stream.size > stream.read_offset) {
    metrics_.bytes_unread.add(stream.size - stream.read_offset);
    log::warn("file", "{} is gone with {} bytes unread", stream.path,
              stream.size - stream.read_offset);
  }
}

void Collector::check() {
  std::vector<Stream*> all;
  for (const auto& [number, stream] : streams_) all.push_back(stream.get());
  for (Stream* stream : all) {
    if (stream->abandoned) continue;
    look_at(*stream);
    age(*stream);
  }
  retire_streams();
}

Collector::Known Collector::check(const std::string& path) {
  const auto known = by_path_.find(path);
  if (known == by_path_.end()) return Known::no;
  const FileId before = known->second->id;
  look_at(*known->second);
  const auto after = by_path_.find(path);
  return after != by_path_.end() && after->second->id == before ? Known::yes : Known::no;
}

void Collector::look_at(Stream& stream) {
  struct stat info {};
  if (!stream.gone) {
    if (stat(stream.path.c_str(), &info) != 0 || id_of(info) != stream.id) {
      note_gone(stream);
    } else if (stream.ended) {
      read_on(stream, size_of(info));
    } else if (!stream.source) {
      stream.size = size_of(info);
      if (stream.size != stream.read_offset) enqueue(stream);
    }
  }
  tick(stream);
  if (!stream.source || fstat(stream.source->descriptor(), &info) != 0) return;
  stream.size = size_of(info);
  if (options_.mode == Mode::read) return enqueue(stream);
  Stream& now = stream.size < stream.read_offset ? restart(stream) : stream;
  // A file written anew may be as long as before: its time tells.
  const bool touched = earlier(now.modified, info.st_mtim);
  now.modified = info.st_mtim;
  if (now.size > now.read_offset || touched) enqueue(now);
  if (now.prefix.bytes < Prefix::kBytesMax && now.size > now.prefix.bytes &&
      now.prefix.holds(now.source->descriptor()))
    now.prefix = Prefix::read(now.source->descriptor());
}

// The file was cut or written anew: from its start, as a stream of its own. What the old one still
// holds is a record, since its end will never come.
Stream& Collector::restart(Stream& stream) {
  metrics_.cuts.add();
  log::info("file", "{} was cut or written anew; reading it from its start", stream.path);
  set_carry_aside(stream);
  Records records;
  stream.framer->finish(records);
  offer(stream, records);
  stream.abandoned = true;
  Stream& fresh = add_stream({stream.path, stream.id, 0, stream.modified}, false);
  fresh.source = std::move(stream.source);
  (void)fresh.source->seek(0);
  fresh.size = stream.size;
  fresh.gone = stream.gone;
  fresh.prefix = Prefix::read(fresh.source->descriptor());
  fresh.window.emplace(0);
  enqueue(fresh);
  return fresh;
}

// Read mode, after the end of the file was reached. A gzip file is never added to.
void Collector::read_on(Stream& stream, uint64_t size) {
  if (options_.mode == Mode::tail || options_.exit_after_read || stream.failed) return;
  if (size == stream.size || is_gzip_name(stream.path)) return;
  if (size < stream.size) {
    metrics_.cuts.add();
    log::info("file", "{} was cut or written anew; reading it from its start", stream.path);
    stream.abandoned = true;
    enqueue(add_stream({stream.path, stream.id, size, stream.modified}, false));
    return;
  }
  bytes_total_.fetch_add(size - stream.size, std::memory_order_relaxed);
  stream.size = size;
  stream.ended = stream.completed = false;
  stream.grown = true;
  enqueue(stream);
}

void Collector::age(Stream& stream) {
  if (!stream.source || stream.queued || options_.mode == Mode::read) return;
  const auto idle = context_.clock->steady() - stream.touched;
  if (stream.gone && idle >= kRotatedGrace) {
    // The end of a line that never came: the file is finished, so it is a record.
    Records records;
    stream.framer->finish(records);
    offer(stream, records);
    stream.ended = true;
    close_stream(stream);
  } else if (options_.close_older.count() > 0 && idle >= options_.close_older) {
    close_stream(stream);
  }
}

// Forgets streams that nothing points at: their file is gone or was cut, and all is settled.
void Collector::retire_streams() {
  std::vector<std::unique_ptr<Stream>> retired;  // destroyed after the lock
  std::lock_guard lock(mutex_);
  for (auto at = streams_.begin(); at != streams_.end();) {
    Stream& stream = *at->second;
    const bool settled = !stream.window || stream.window->all_done();
    const bool written =
        stream.abandoned || !stream.window || stream.committed == stream.window->low_water();
    const bool over = stream.abandoned || (stream.gone && !stream.source);
    if (!over || !settled || !written || stream.queued) {
      ++at;
      continue;
    }
    const auto by_id = by_id_.find(stream.id);
    if (by_id != by_id_.end() && by_id->second == &stream) by_id_.erase(by_id);
    retired.push_back(std::move(at->second));
    at = streams_.erase(at);
  }
}

}  // namespace penstock::file
