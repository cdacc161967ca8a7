// The dead-letter queue of a pipeline: events that a store refused for good, kept on disk as they
// were until somebody mends and replays them (`penstock dlq`). Folder <path.data>/
// dead_letter_queue/<pipeline>/, append-only segments, limited in size.
//
//   TRY(auto queue, DeadLetterQueue::open(options));
//   queue->put(letter); queue->sync();
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pipeline/base/clock.h"
#include "pipeline/metrics/scope.h"
#include "pipeline/plugin/dead_letters.h"
#include "pipeline/queue/dead_letter_format.h"

namespace penstock {

// What happens when the queue is full (dead_letter_queue.storage_policy). Either way the letters
// lost are counted and said so in the log.
enum class StoragePolicy : uint8_t { drop_newer, drop_older };

// Where a pipeline's letters lie.
std::string dead_letter_folder(const std::string& path_data, const std::string& pipeline_id);

class DeadLetterQueue : public DeadLetters {
 public:
  struct Options {
    std::string folder;
    std::string pipeline_id = "main";
    uint64_t bytes_max = uint64_t{1} << 30;           // dead_letter_queue.max_bytes
    uint64_t segment_bytes_max = uint64_t{16} << 20;  // at most a sixteenth of bytes_max
    StoragePolicy policy = StoragePolicy::drop_newer;
    std::string (*scrub)(std::string_view) = nullptr;  // for reasons, which quote field values
    const Clock* clock = &Clock::system();
  };

  // Fails when the folder can't be made or another process writes to it. What is there is kept; a
  // torn end is left alone, new letters begin a new segment.
  static Result<std::unique_ptr<DeadLetterQueue>> open(Options options);
  ~DeadLetterQueue() override;

  // Any thread. A full disk is an error; the letter is then not in the queue.
  Status put(const DeadLetter& letter) override;
  Status sync() override;

  uint64_t bytes() const;
  const Counter& letters() const { return letters_; }
  const Counter& dropped() const { return dropped_; }
  // Before letters come: the counters by reason are registered as reasons turn up.
  void register_in(MetricScope& scope);

 private:
  // Kinds of reasons that are told apart in the metrics; later ones are counted together.
  static constexpr size_t kReasonsMax = 32;
  struct Segment {
    uint64_t number;
    uint64_t bytes;
  };

  explicit DeadLetterQueue(Options options) : options_(std::move(options)) {}
  Status lock_folder();
  Status scan();
  Status begin_segment();
  Status make_room(uint64_t bytes, bool& fits);
  Status append(std::string_view record);
  void count(std::string_view reason);
  std::string path_of(uint64_t number) const;

  Options options_;
  Counter letters_, dropped_;
  std::atomic<uint64_t> bytes_{0};  // read without the lock: a metric
  mutable std::mutex mutex_;  // what follows
  std::deque<Segment> segments_;
  int lock_ = -1;
  int current_ = -1;  // the last segment, once something was written
  bool dirty_ = false;
  bool said_full_ = false;
  std::map<std::string, Counter, std::less<>> by_reason_;
  MetricScope* metrics_ = nullptr;
};

// Reads a queue's letters, oldest first, while a pipeline may be writing to it. One thread.
class DeadLetterReader {
 public:
  explicit DeadLetterReader(std::string folder);

  // False: no more, or an error().
  bool next(StoredLetter& letter);
  const Status& status() const { return status_; }
  uint64_t damaged_bytes() const { return damaged_; }
  // Of the letter that next() gave last.
  uint64_t segment() const { return number_; }

 private:
  bool load_next();

  std::string folder_;
  std::deque<uint64_t> numbers_;  // segments not read yet
  uint64_t number_ = 0;
  std::string text_;
  size_t at_ = 0;
  uint64_t damaged_ = 0;
  Status status_ = ok_status();
};

// The numbers of a queue's segments, ascending; empty when there is no queue.
std::vector<uint64_t> dead_letter_segments(const std::string& folder);

}  // namespace penstock
