// MessagePack bytes to Values. https://github.com/msgpack/msgpack/blob/master/spec.md
//
// Texts view the bytes; nothing is allocated by a length that the bytes claim: a container's items
// are counted against the bytes that are left. Depth and number of values are limited, so a
// document takes a bounded multiple of its size.
#pragma once

#include <string_view>
#include <vector>

#include "pipeline/event/value.h"

namespace penstock::msgpack {

// Values in one document, containers and keys included.
inline constexpr uint32_t kValuesMax = 1'000'000;

enum class Outcome : uint8_t {
  ok,
  cut_off,      // the bytes end too early
  malformed,    // the byte that is never used, or a key that is a container
  too_deep,     // limits::kDepthMax
  too_large,    // kValuesMax
  unknown_type  // an extension type that the caller doesn't take
};

// One per thread.
class Reader {
 public:
  // Takes extension type 0 as Fluentd's EventTime and -1 as a timestamp; otherwise all extension
  // types are unknown.
  explicit Reader(bool times = false) : times_(times) {}

  // Reads one value from the front of `bytes`, which must outlive `out`, and takes it off.
  Outcome read(std::string_view& bytes, Arena& arena, Value& out);

  // Just the head of an array, or a text (or binary) as it is, from the front of `bytes`. False,
  // and nothing is taken, when there is none.
  static bool take_array(std::string_view& bytes, uint32_t& size);
  static bool take_bytes(std::string_view& bytes, std::string_view& out);

 private:
  Outcome value(Value& out, uint32_t depth);
  Outcome number(uint8_t type, Value& out);
  Outcome sized(uint8_t type, Value& out, uint32_t depth);
  Outcome text(uint64_t size, Value& out);
  Outcome array(uint64_t size, Value& out, uint32_t depth);
  Outcome object(uint64_t size, Value& out, uint32_t depth);
  Outcome extension(uint64_t size, Value& out);
  Outcome key(Member& out, uint32_t depth);
  bool take(size_t size, uint64_t& number);

  bool times_;
  std::string_view rest_;
  Arena* arena_ = nullptr;
  uint32_t left_ = 0;            // values that may still come
  std::vector<Member> members_;  // of the objects being read, a stack
  std::vector<Value> items_;     // of the arrays being read, a stack
};

}  // namespace penstock::msgpack
