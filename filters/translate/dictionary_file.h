// DictionaryFile: a dictionary that follows its file. Shared by the workers; thread-safe.
//
// A worker's tick calls refresh_if_due(); when the interval is over and the file has changed, a
// thread of its own reads it and puts the new dictionary in place. What can't be read leaves the
// old one.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "filters/translate/dictionary.h"
#include "filters/translate/dictionary_text.h"
#include "pipeline/metrics/counter.h"

namespace penstock::translate {

class DictionaryFile {
 public:
  struct Options {
    std::string path;
    Format format = Format::yaml;
    Dictionary::Mode mode = Dictionary::Mode::exact;
    bool merge = true;                   // a reload keeps keys that the file lost
    int64_t characters_max = 0;          // 0: no limit
    std::chrono::seconds interval{300};  // 0: never
  };
  using SteadyTime = std::chrono::steady_clock::time_point;

  // Reads the file.
  static Result<std::shared_ptr<DictionaryFile>> open(Options options, SteadyTime now);
  ~DictionaryFile();

  std::shared_ptr<const Dictionary> current() const;
  void refresh_if_due(SteadyTime now);
  // Reads the file now if it has changed.
  Status refresh();
  // Waits for a refresh under way.
  void wait();

  const Counter& reloads() const { return reloads_; }
  const Counter& failures() const { return failures_; }

 private:
  struct Stamp {
    int64_t seconds = 0, nanoseconds = 0;
    off_t size = 0;
    ino_t inode = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  explicit DictionaryFile(Options options, SteadyTime now);
  Result<Stamp> stamp() const;
  Result<std::string> read() const;
  Status load(const Dictionary* before);

  const Options options_;
  mutable std::mutex mutex_;  // current_
  std::shared_ptr<const Dictionary> current_;
  std::mutex refreshing_;  // due_, thread_
  SteadyTime due_;
  std::thread thread_;
  std::atomic<bool> busy_{false};  // released by thread_, acquired by who starts the next
  Stamp loaded_;                   // of whoever loads
  Counter reloads_, failures_;
};

}  // namespace penstock::translate
