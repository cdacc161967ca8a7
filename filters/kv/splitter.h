// Finds the pairs in a text as Logstash's kv filter does, whose definition is one regular
// expression (logstash-filter-kv, register):
//
//   key      ((?:\\.|[^VF])+)       V: value_split, F: field_split, as bracket classes
//   split    ' *'[V]' *'            'strict': [V]
//   value    "((?:\\.|[^"])+)?" or the same between '', (), [], <>, or ((?:\\.|[^F])+), or nothing
//   end      [F] or $
//
// One per worker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "pipeline/base/result.h"

namespace penstock::kv {

struct Pair {
  std::string_view key;
  std::string_view value;
};

enum class Outcome : uint8_t { pair, end, limit };  // limit: too much effort

struct SplitOptions {
  std::string field_split = " ";
  std::string value_split = "=";
  std::string field_split_pattern;  // expressions; "" when not given
  std::string value_split_pattern;
  bool include_brackets = true;
  bool lenient = true;
};

class Splitter {
 public:
  virtual ~Splitter() = default;
  // Called once per field: how many bytes it has sets the effort that it may cost.
  virtual void renew(size_t bytes) { (void)bytes; }
  // Whether the text may have pairs at all.
  virtual bool has_split(std::string_view text) = 0;
  // The next pair at or after `at`, which moves on. The views are of the text.
  virtual Outcome next(std::string_view text, size_t& at, Pair& pair) = 0;

  // Error: an expression that is wrong; its `option` is named in the text.
  static Result<std::unique_ptr<Splitter>> make(const SplitOptions& options);
};

// The two kinds, for tests that hold them against each other.
// By hand; nullptr when the options ask for more than simple classes.
std::unique_ptr<Splitter> make_class_splitter(const SplitOptions& options);
// By the expression itself.
Result<std::unique_ptr<Splitter>> make_pattern_splitter(const SplitOptions& options);

}  // namespace penstock::kv
