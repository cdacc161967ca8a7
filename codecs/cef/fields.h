// The extension keys of CEF: their short and full names, and where Logstash puts them, with and
// without ECS. Immutable; made once per decoder or encoder.
//   https://www.elastic.co/docs/reference/logstash/plugins/plugins-codecs-cef
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/event/field_ref.h"

namespace penstock::cef {

// What the option `device` says that device fields describe.
enum class Device : uint8_t { observer, host };

// Where the value of a key goes.
struct Target {
  std::string text;
  Name name{""};                  // views `text`; for a plain top-level name
  std::optional<FieldRef> field;  // otherwise
  bool is_time = false;           // normalized to a timestamp
};

class DecodeMap {
 public:
  DecodeMap(bool ecs, Device device);
  DecodeMap(DecodeMap&&) = delete;

  // nullptr for keys that nobody knows: they are field names themselves.
  const Target* find(std::string_view key) const;

 private:
  struct Slot {
    std::string_view key;
    uint32_t hash = 0;
    const Target* target = nullptr;
  };
  void add(std::string_view key, const Target& target);
  void insert(std::string_view key, const Target& target);

  std::deque<std::string> keys_;
  std::deque<Target> targets_;
  std::vector<Slot> slots_;  // open addressing, a power of two
};

// The key under which a field of the event is written; a field that is none is its own.
class EncodeMap {
 public:
  // `short_keys`: the option reverse_mapping.
  EncodeMap(bool ecs, Device device, bool short_keys);
  std::string_view find(const std::string& field) const;

 private:
  std::map<std::string, std::string, std::less<>> keys_;
};

}  // namespace penstock::cef
