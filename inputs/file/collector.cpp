// Reading and settling; finding files is in collector_find.cpp.
#include "inputs/file/collector.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "pipeline/base/log.h"
#include "pipeline/base/text.h"

namespace penstock::file {
namespace {

// Chunks between two looks at the loop's other work.
constexpr int kChunksPerPump = 8;
// In tail mode a fast-growing file must let the others have their turn.
constexpr uint64_t kTailChunksPerTurn = 16;
// A chunk gives at most this many parcels, so so many positions must be free before it is read.
constexpr uint64_t kParcelsPerChunkMax = Slab::kBytes / limits::kParcelRecordsMax + 2;
// What is left of a file below this size gets a slab of its own size.
constexpr uint64_t kSmallReadBytes = 32 << 10;

uint64_t size_of(const struct stat& info) { return static_cast<uint64_t>(info.st_size); }

}  // namespace

Collector::Collector(FileOptions options, const Context& context, MakeFramer make_framer)
    : options_(std::move(options)), context_(context), make_framer_(std::move(make_framer)) {
  if (options_.mode == Mode::tail)
    options_.chunks_per_turn = std::min(options_.chunks_per_turn, kTailChunksPerTurn);
}

Collector::~Collector() = default;

Status Collector::open(Intake& intake, Input& input, uint32_t index) {
  intake_ = &intake;
  input_ = &input;
  index_ = index;
  return registry_.open(options_.registry_path, context_.clock->now().seconds,
                        options_.clean_after_seconds);
}

void Collector::settle(Position position, Verdict verdict) noexcept {
  std::lock_guard lock(mutex_);
  const auto found = streams_.find(position.stream);
  CHECK(found != streams_.end(), "a stream outlives its open positions");
  found->second->window->settle(position.sequence, verdict);
}

std::optional<uint64_t> Collector::bytes_total() const {
  if (options_.mode == Mode::tail) return std::nullopt;
  return bytes_total_.load(std::memory_order_relaxed);
}

void Collector::enqueue(Stream& stream) {
  if (stream.queued) return;
  stream.queued = true;
  stream.chunks_this_turn = 0;
  queue_.push_back(&stream);
}

void Collector::fail(Stream& stream, const std::string& why) {
  metrics_.failures.add();
  if (complained_.insert(stream.path).second) log::error("file", "{}: {}", stream.path, why);
}

// The file can't be opened: the next discover() tries again.
void Collector::refuse(Stream& stream, int error) {
  if (error == ENOENT) return note_gone(stream);
  fail(stream, "cannot be read: " + errno_text(error) +
                   (error == EACCES ? "; the user that runs penstock needs read permission" : ""));
  stream.gone = true;
  by_path_.erase(stream.path);
}

// Opens the stream's file and finds where to go on. False: it can't be read now.
bool Collector::open_stream(Stream& stream) {
  if (stream.source) return true;
  if (static_cast<size_t>(metrics_.open_files.value()) >= options_.open_files_max) return false;
  const bool gzip = options_.mode == Mode::read && is_gzip_name(stream.path);
  if (gzip && options_.check_archives) {
    if (const Status good = check_gzip(stream.path); !good.ok()) {
      fail(stream, "is skipped: " + good.error().message);
      stream.ended = stream.failed = true;
      return false;
    }
  }
  const int descriptor = ::open(stream.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info {};
  if (descriptor < 0 || fstat(descriptor, &info) != 0) {
    refuse(stream, errno);
    if (descriptor >= 0) ::close(descriptor);
    return false;
  }
  if (id_of(info) != stream.id) {  // replaced since it was found: the next discover() sees it
    ::close(descriptor);
    note_gone(stream);
    return false;
  }
  stream.source = gzip ? gzip_source(descriptor) : plain_source(descriptor);
  stream.size = size_of(info);
  metrics_.open_files.add(1);
  complained_.erase(stream.path);
  if (!stream.window) {
    bool done = false;
    const uint64_t start = start_of(stream, done);
    stream.prefix = Prefix::read(descriptor);
    stream.window.emplace(start);
    stream.read_offset = stream.marked = start;
    stream.committed_done = stream.ended = done;
    stream.completed = done && !options_.delete_completed;
  }
  if (const Status found = stream.source->seek(stream.read_offset); !found.ok()) {
    fail(stream, found.error().message);
    stream.ended = stream.failed = true;
    close_stream(stream);
    return false;
  }
  count_progress(stream);
  return true;
}

// The registry's position when the file is the one it speaks of.
uint64_t Collector::start_of(Stream& stream, bool& done) {
  const Progress* known = registry_.find(stream.id);
  const bool same = known && known->prefix.holds(stream.source->descriptor());
  if (same && (stream.source->is_gzip() || known->offset <= stream.size)) {
    done = known->done && (stream.source->is_gzip() || known->offset == stream.size);
    stream.committed = known->offset;
    return known->offset;
  }
  return stream.start_at_end && !known ? std::min(stream.first_size, stream.size) : 0;
}

void Collector::close_stream(Stream& stream) {
  if (!stream.source) return;
  stream.source.reset();
  metrics_.open_files.add(-1);
}

bool Collector::exhausted() const {
  if (!options_.exit_after_read || !discovered_ || !queue_.empty() || !blocked_.empty())
    return false;
  return std::all_of(streams_.begin(), streams_.end(),
                     [](const auto& entry) { return entry.second->ended || entry.second->gone; });
}

bool Collector::flush_blocked() {
  while (!blocked_.empty()) {
    if (!intake_->offer(*input_, blocked_.front())) return false;
    blocked_.pop_front();
  }
  return true;
}

bool Collector::pump() {
  if (!flush_blocked()) return false;
  for (int chunk = 0; chunk < kChunksPerPump && !queue_.empty() && blocked_.empty(); ++chunk) {
    Stream& stream = *queue_.front();
    const Turn turn = read_turn(stream);
    if (turn == Turn::full) return false;
    if (turn == Turn::more && ++stream.chunks_this_turn < options_.chunks_per_turn) continue;
    set_carry_aside(stream);
    queue_.pop_front();
    stream.queued = false;
    if (turn == Turn::more) enqueue(stream);
  }
  return !queue_.empty() && blocked_.empty();
}

Collector::Turn Collector::read_turn(Stream& stream) {
  if (stream.ended || stream.abandoned) return Turn::over;
  if (!open_stream(stream)) return Turn::over;
  if (stream.ended) return reach_end(stream);
  if (stream.window->pending() + kParcelsPerChunkMax > limits::kAckOpenMax) return Turn::full;
  const bool look = (options_.mode == Mode::tail || stream.grown) && stream.chunks_this_turn == 0;
  if (look &&
      (stream.size < stream.read_offset || !stream.prefix.holds(stream.source->descriptor())))
    restart(stream);
  if (stream.abandoned) return Turn::over;
  return read_chunk(stream);
}

Collector::Turn Collector::read_chunk(Stream& stream) {
  const size_t carried = stream.carry.view.size();
  const uint64_t left = stream.size > stream.read_offset ? stream.size - stream.read_offset : 0;
  const bool small = !stream.source->is_gzip() && left + carried < kSmallReadBytes;
  SlabRef slab = small ? Slab::make_small(left + carried + 1) : Slab::make();
  if (carried) std::memcpy(slab->data(), stream.carry.view.data(), carried);
  const size_t room = slab->capacity() - carried;
  const Result<size_t> read = stream.source->read(slab->data() + carried, room);
  if (!read.ok()) {
    fail(stream, "reading stops: " + read.error().message);
    stream.ended = stream.failed = true;
    close_stream(stream);
    return Turn::over;
  }
  if (read.value() == 0) return reach_end(stream);
  stream.read_offset += read.value();
  // The file may have grown since the last look at it; what was read is no sign of a cut.
  if (options_.mode == Mode::tail) stream.size = std::max(stream.size, stream.read_offset);
  stream.touched = context_.clock->steady();
  metrics_.bytes_read.add(read.value());
  count_progress(stream);

  const std::string_view text(slab->data(), carried + read.value());
  const auto* last =
      static_cast<const char*>(memrchr(text.data(), options_.delimiter.back(), text.size()));
  const size_t whole = last ? static_cast<size_t>(last + 1 - text.data()) : 0;
  // Only a full slab is followed by another one at once; a long record is the framer's to keep.
  const bool carry = read.value() == room && text.size() - whole <= slab->capacity() / 2;
  Records records;
  stream.carry = {};
  stream.framer->feed({slab, carry ? text.substr(0, whole) : text}, records);
  if (carry && whole < text.size()) stream.carry = {slab, text.substr(whole)};
  offer(stream, records);
  return Turn::more;
}

// Whoever leaves the queue gives the carried bytes to the framer, so that no slab is held.
void Collector::set_carry_aside(Stream& stream) {
  if (stream.carry.view.empty()) return;
  Records records;
  const Bytes carry = std::move(stream.carry);
  stream.carry = {};
  stream.framer->feed(carry, records);
  offer(stream, records);
}

Collector::Turn Collector::reach_end(Stream& stream) {
  set_carry_aside(stream);
  if (options_.mode == Mode::tail) return Turn::idle;
  Records records;
  stream.framer->finish(records);
  offer(stream, records);
  // What was read decides whether the file grows afterwards, not what the last look at it said.
  if (!stream.source->is_gzip()) stream.size = stream.read_offset;
  stream.ended = true;
  count_progress(stream);
  close_stream(stream);
  return Turn::over;
}

// A framer may hold a record that waits for more lines.
void Collector::tick(Stream& stream) {
  if (!stream.framer || !stream.framer->wants_tick() || !stream.window || stream.ended ||
      stream.queued || !blocked_.empty() || stream.window->pending() >= limits::kAckOpenMax)
    return;
  Records records;
  stream.framer->tick(context_.clock->steady(), records);
  offer(stream, records);
}

void Collector::offer(Stream& stream, Records& records) {
  if (records.empty()) return;
  const uint64_t position = stream.position();
  std::vector<Records> runs = cut_into_parcels(records);
  for (size_t i = 0; i < runs.size(); ++i) {
    // Within a chunk only its end is a position that reading can go on from.
    const uint64_t mark = i + 1 == runs.size() ? position : stream.marked;
    const auto sequence = stream.window->open(mark);
    CHECK(sequence.has_value(), "read_turn() leaves room for a chunk's parcels");
    auto parcel = std::make_unique<Parcel>(
        Parcel{std::move(runs[i]), stream.origin, AckToken(*input_, {stream.number, *sequence})});
    if (blocked_.empty() && intake_->offer(*input_, parcel)) continue;
    blocked_.push_back(std::move(parcel));
  }
  stream.marked = position;
}

void Collector::count_progress(Stream& stream) {
  uint64_t done = stream.ended ? stream.size : stream.counted_bytes;
  if (stream.source) done = std::max(done, stream.source->file_bytes_done());
  if (done > stream.counted_bytes) {
    bytes_done_.fetch_add(done - stream.counted_bytes, std::memory_order_relaxed);
    stream.counted_bytes = done;
  }
}

void Collector::commit(bool durably) {
  const int64_t now = context_.clock->now().seconds;
  for (const auto& [number, stream] : streams_) {
    if (!stream->window || stream->abandoned) continue;
    const uint64_t offset = stream->window->low_water();
    const bool done = stream->ended && !stream->failed && stream->window->all_done();
    if (offset == stream->committed && done == stream->committed_done) continue;
    registry_.put({stream->id, stream->prefix, offset, done, now, stream->path});
    stream->committed = offset;
    stream->committed_done = done;
  }
  const Status written = durably ? registry_.sync() : registry_.write();
  if (!written.ok() && !registry_failing_)
    log::error("file", "positions are not kept: {}; trying again", written.error().message);
  registry_failing_ = !written.ok();
  if (written.ok()) finish_completed();
}

// A file is complete when it was read to its end and every event of it is settled.
void Collector::finish_completed() {
  if (options_.mode == Mode::tail) return;
  for (const auto& [number, stream] : streams_) {
    if (stream->completed || stream->failed || !stream->ended) continue;
    if (!stream->window || !stream->window->all_done()) continue;
    stream->completed = complete(*stream);
  }
}

bool Collector::complete(Stream& stream) {
  if (options_.log_completed) {
    const int log = ::open(options_.completed_log_path.c_str(),
                           O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    const std::string line = stream.path + "\n";
    const bool written =
        log >= 0 && ::write(log, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    if (!written) fail(stream, "cannot be logged as completed: " + errno_text(errno));
    if (log >= 0) ::close(log);
    if (!written) return false;
  }
  if (!options_.delete_completed) return true;
  struct stat info {};
  // Only the file that was read, and only if nothing was added to it since.
  if (stat(stream.path.c_str(), &info) != 0 || id_of(info) != stream.id) return true;
  if (size_of(info) != stream.size) return false;
  if (unlink(stream.path.c_str()) != 0) {
    fail(stream, "cannot be deleted: " + errno_text(errno));
    return true;
  }
  registry_.erase(stream.id);
  return true;
}

void Collector::stop() {
  blocked_.clear();
  queue_.clear();
  for (const auto& [number, stream] : streams_) stream->queued = false;
}

}  // namespace penstock::file
