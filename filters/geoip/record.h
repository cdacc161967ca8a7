// RecordPaths: which values of a MaxMind DB record are wanted, and their reading in one pass over
// the record. The library's own look-up walks the record anew for each value; with a dozen values
// and names in eight languages that is most of the price of an address seen for the first time.
// Format: https://maxmind.github.io/MaxMind-DB/ ("Output Data Section"). Immutable after add().
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

struct RecordValue {
  enum class Kind : uint8_t { none, text, integer, real, flag };
  Kind kind = Kind::none;
  std::string_view text;  // views the record; not checked to be UTF-8
  int64_t integer = 0;    // integer, flag
  double real = 0;
};

class RecordPaths {
 public:
  static constexpr size_t kPathsMax = 128;
  // Values that one record may make the reader look at; a real one has about a hundred.
  static constexpr uint32_t kStepsMax = 1 << 14;

  // Levels divided by dots, "-1" for the last item of an array: "subdivisions.-1.names.en".
  // The path's number; the same for the same path. REQUIRES: at most kPathsMax different ones.
  size_t add(std::string_view path);
  size_t size() const { return size_; }

  // Sets values[i] for the i-th path where the record at `offset` of the data section has a value
  // there; the first one where a name comes twice. False: the file is damaged there.
  // REQUIRES: values.size() == size(), all of kind none.
  bool read(std::span<const uint8_t> data, uint64_t offset, std::span<RecordValue> values) const;

 private:
  friend class RecordReader;
  struct Node {
    std::string name;
    std::vector<Node> children;
    int path = -1;
  };
  Node root_;
  size_t size_ = 0;
};

}  // namespace penstock
