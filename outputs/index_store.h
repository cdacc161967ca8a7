// The embedded store: each index is a file <path>/<index>.ndjson that holds, one per line, the
// same documents that a bulk request would carry. No server needed.
//
// Lanes (workers) collect documents by index; one writer thread appends them. A document is
// settled when its bytes are in the file (and on the disk, with fsync => "always").
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "outputs/elasticsearch/bulk.h"
#include "outputs/elasticsearch/complaints.h"
#include "outputs/elasticsearch/document_encoder.h"
#include "pipeline/plugin/dead_letters.h"
#include "pipeline/plugin/output.h"

namespace penstock {

// Why a text can't name an index (Elasticsearch's rules, so that it can't leave the folder
// either); "" when it can.
std::string_view index_name_fault(std::string_view name);

enum class StoreSync : uint8_t { never, interval, always };

struct IndexStoreConfig {
  elastic::ItemConfig item;
  std::string path;
  StoreSync sync = StoreSync::interval;
  std::chrono::milliseconds sync_interval{1'000};
  std::chrono::milliseconds flush_interval{200};
  std::chrono::milliseconds retry_interval{1'000};
  size_t flush_bytes = size_t{1} << 20;
  size_t queue_bytes_max = size_t{8} << 20;
  uint32_t open_files_max = 64;
  std::string plugin_id;
};

// What a lane hands over: text by index, and whose it is.
struct StoreJob {
  struct Part {
    std::string index;
    ByteBuffer text;
  };
  std::vector<Part> parts;
  size_t parts_used = 0;
  size_t bytes = 0;
  std::vector<std::pair<std::shared_ptr<elastic::Share>, uint32_t>> stored;  // rows in the parts
  elastic::Bulk letters;  // documents without a usable index, with their refusals
  std::chrono::steady_clock::time_point born{};

  bool empty() const { return stored.empty() && letters.empty(); }
  ByteBuffer& text_of(std::string_view index);
  void clear();
};

// The writer thread's files: few open, appended to, each ending with a whole line.
class IndexFiles {
 public:
  IndexFiles(std::string folder, uint32_t open_max)
      : folder_(std::move(folder)), open_max_(open_max) {}
  ~IndexFiles();

  // Appends `text` from `done` on, which counts what was written; may fail half way and be called
  // again.
  Status append(const std::string& index, std::string_view text, size_t& done);
  Status sync();  // every file written to since the last time

 private:
  struct File {
    int descriptor = -1;
    bool dirty = false;
    uint64_t used = 0;  // when, for closing the one not used for longest
  };
  Result<File*> open(const std::string& index);
  Status close_oldest();

  std::string folder_;
  uint32_t open_max_;
  uint64_t time_ = 0;
  std::map<std::string, File> files_;
};

class IndexStore : public Output {
 public:
  IndexStore(IndexStoreConfig config, const Context& context);
  ~IndexStore() override;

  Status start() override;
  Result<std::unique_ptr<Lane>> open_lane(const Context& worker_context) override;
  void stop(std::chrono::milliseconds grace) override;

  // Lanes: waits while the queue is full when `may_wait`. A stopped store drops the job: replay.
  void submit(std::unique_ptr<StoreJob> job, bool may_wait);
  std::unique_ptr<StoreJob> take_empty();
  const IndexStoreConfig& config() const { return config_; }

 private:
  void run();
  bool wait_for_job(std::unique_ptr<StoreJob>& job);
  bool finish(StoreJob& job);
  bool write_parts(StoreJob& job);
  bool write_letters(elastic::Bulk& letters);
  template <class Attempt>
  bool until_done(const char* what, Attempt attempt);
  bool pause();

  const IndexStoreConfig config_;
  elastic::IndexCounters counters_;
  DeadLetters* dead_letters_;
  IndexFiles files_;
  elastic::Complaints complaints_{"index_store"};
  Counter documents_, bytes_, dead_lettered_;
  std::chrono::steady_clock::time_point synced_{};

  std::mutex mutex_;  // what follows
  std::condition_variable changed_;
  std::deque<std::unique_ptr<StoreJob>> queue_;
  std::vector<std::unique_ptr<StoreJob>> spare_;
  size_t queued_bytes_ = 0;
  bool draining_ = false;
  bool stopped_ = false;
  std::chrono::steady_clock::time_point give_up_at_{};
  std::thread thread_;
};

}  // namespace penstock
