// Context: what the engine gives a plugin when it makes it. References live as long as the
// pipeline.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "pipeline/base/clock.h"
#include "pipeline/metrics/ledger.h"
#include "pipeline/metrics/scope.h"

namespace penstock {

class DeadLetters;
struct Registry;

// ecs_compatibility; v1 and v8 hardly differ.
enum class Ecs : uint8_t { disabled, v1, v8 };

// Large read-only things that workers share (databases, rule sets, compiled patterns), made once
// per key. Thread-safe; start-up only.
class SharedResources {
 public:
  // `make` returns Result<std::shared_ptr<const T>>. A failure is not kept.
  template <class T, class Make>
  Result<std::shared_ptr<const T>> get(const std::string& key, Make make) {
    std::lock_guard lock(mutex_);
    if (const auto found = held_.find(key); found != held_.end())
      return std::static_pointer_cast<const T>(found->second);
    Result<std::shared_ptr<const T>> made = make();
    if (made.ok()) held_[key] = made.value();
    return made;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const void>> held_;
};

struct Context {
  std::string pipeline_id = "main";
  std::string plugin_id;    // the `id` option, or made from place and name
  std::string plugin_name;  // "grok"
  Ecs ecs = Ecs::v8;        // the plugin's own option already applied
  uint32_t worker = 0;      // which instance this is (filters, codecs)
  uint32_t workers = 1;
  std::string path_data = "data";
  std::string host_name;  // of this machine, for [host]
  const Clock* clock = &Clock::system();
  const Registry* registry = nullptr;  // to make codecs
  SharedResources* resources = nullptr;
  MetricScope* metrics = nullptr;
  Ledger* ledger = nullptr;
  DeadLetters* dead_letters = nullptr;  // never null in a pipeline
};

}  // namespace penstock
