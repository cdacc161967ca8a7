#include "filters/geoip/record.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "pipeline/base/check.h"

namespace penstock {
namespace {

enum class Type : uint8_t {
  pointer = 1,
  text = 2,
  real = 3,
  bytes = 4,
  uint16 = 5,
  uint32 = 6,
  map = 7,
  int32 = 8,
  uint64 = 9,
  uint128 = 10,
  array = 11,
  flag = 14,
  real32 = 15,
};

struct Head {
  Type type;
  uint32_t size;  // bytes, entries, items; of a flag its value; of a pointer its target
};

}  // namespace

// Every offset is checked against the section, and every value looked at counts against a limit.
class RecordReader {
 public:
  RecordReader(std::span<const uint8_t> data, std::span<RecordValue> values)
      : data_(data), values_(values) {}

  // Reads the value at `at`; moves behind it when asked for.
  bool read(const RecordPaths::Node& wanted, uint64_t& at, bool to_end) {
    Head head;
    if (!read_head(at, head)) return false;
    if (head.type != Type::pointer) return read_content(wanted, head, at, to_end);
    uint64_t target = head.size;
    return read_head(target, head) && head.type != Type::pointer &&
           read_content(wanted, head, target, false);
  }

 private:
  uint64_t big_endian(uint64_t at, size_t bytes) const {
    uint64_t out = 0;
    for (size_t i = 0; i < bytes; ++i) out = out << 8 | data_[at + i];
    return out;
  }
  bool has(uint64_t at, uint64_t bytes) const {
    return at <= data_.size() && bytes <= data_.size() - at;
  }

  bool read_head(uint64_t& at, Head& head) {
    if (steps_left_-- == 0 || !has(at, 1)) return false;
    const uint8_t control = data_[at++];
    if (control >> 5 == static_cast<uint8_t>(Type::pointer)) return read_pointer(control, at, head);
    head.type = static_cast<Type>(control >> 5);
    if (control >> 5 == 0) {
      if (!has(at, 1)) return false;
      head.type = static_cast<Type>(data_[at++] + 7);
    }
    head.size = control & 31;
    if (head.size < 29) return true;
    static constexpr uint32_t kBase[] = {29, 285, 65821};
    const uint32_t more = head.size - 28;
    if (!has(at, more)) return false;
    head.size = kBase[more - 1] + static_cast<uint32_t>(big_endian(at, more));
    at += more;
    return true;
  }

  bool read_pointer(uint8_t control, uint64_t& at, Head& head) {
    static constexpr uint32_t kBase[] = {0, 2048, 526336, 0};
    const uint32_t kind = control >> 3 & 3;
    if (!has(at, kind + 1)) return false;
    const uint64_t high = kind < 3 ? uint64_t{control & 7U} << (8 * (kind + 1)) : 0;
    head = {Type::pointer, static_cast<uint32_t>(high + big_endian(at, kind + 1)) + kBase[kind]};
    at += kind + 1;
    return true;
  }

  // `to_end`: the caller goes on behind the value.
  bool read_content(const RecordPaths::Node& wanted, const Head& head, uint64_t& at, bool to_end) {
    if (head.type == Type::map && !wanted.children.empty())
      return read_map(wanted, head.size, at, to_end);
    if (head.type == Type::array && !wanted.children.empty())
      return read_array(wanted, head.size, at);
    if (wanted.path >= 0 && !take(head, at, values_[static_cast<size_t>(wanted.path)]))
      return false;
    return !to_end || skip_content(head, at);
  }

  bool read_map(const RecordPaths::Node& wanted, uint32_t entries, uint64_t& at, bool to_end) {
    size_t found = 0;
    for (uint32_t i = 0; i < entries; ++i) {
      if (!to_end && found == wanted.children.size()) return true;
      std::string_view key;
      if (!read_key(at, key)) return false;
      const auto child = std::find_if(wanted.children.begin(), wanted.children.end(),
                                      [&](const auto& node) { return node.name == key; });
      const bool fits = child != wanted.children.end();
      found += fits;
      if (!(fits ? read(*child, at, true) : skip(at))) return false;
    }
    return true;
  }

  bool read_array(const RecordPaths::Node& wanted, uint32_t items, uint64_t& at) {
    const auto last = std::find_if(wanted.children.begin(), wanted.children.end(),
                                   [](const auto& node) { return node.name == "-1"; });
    for (uint32_t i = 0; i < items; ++i) {
      const bool fits = i + 1 == items && last != wanted.children.end();
      if (!(fits ? read(*last, at, true) : skip(at))) return false;
    }
    return true;
  }

  bool read_key(uint64_t& at, std::string_view& key) {
    Head head;
    if (!read_head(at, head)) return false;
    const bool elsewhere = head.type == Type::pointer;
    uint64_t place = elsewhere ? head.size : at;
    if (elsewhere && !read_head(place, head)) return false;
    if (head.type != Type::text || !has(place, head.size)) return false;
    key = view(place, head.size);
    if (!elsewhere) at += head.size;
    return true;
  }

  std::string_view view(uint64_t at, uint32_t size) const {
    return {reinterpret_cast<const char*>(data_.data()) + at, size};
  }

  bool take(const Head& head, uint64_t at, RecordValue& out) const {
    if (out.kind != RecordValue::Kind::none) return true;
    switch (head.type) {
      case Type::text:
        if (!has(at, head.size)) return false;
        out.kind = RecordValue::Kind::text;
        out.text = view(at, head.size);
        return true;
      case Type::real:
        if (head.size != 8 || !has(at, 8)) return false;
        out.kind = RecordValue::Kind::real;
        out.real = std::bit_cast<double>(big_endian(at, 8));
        return true;
      case Type::real32:
        if (head.size != 4 || !has(at, 4)) return false;
        out.kind = RecordValue::Kind::real;
        out.real = std::bit_cast<float>(static_cast<uint32_t>(big_endian(at, 4)));
        return true;
      case Type::flag:
        out.kind = RecordValue::Kind::flag;
        out.integer = head.size != 0;
        return true;
      case Type::uint16:
      case Type::uint32:
      case Type::int32:
      case Type::uint64:
        if (head.size > 8 || !has(at, head.size)) return false;
        out.kind = RecordValue::Kind::integer;
        out.integer = static_cast<int64_t>(big_endian(at, head.size));
        if (head.type == Type::int32) out.integer = static_cast<int32_t>(out.integer);
        return true;
      default:
        return true;
    }
  }

  bool skip(uint64_t& at) {
    Head head;
    return read_head(at, head) && skip_content(head, at);
  }

  // Maps and arrays within each other are counted, not entered, so depth costs no stack.
  bool skip_content(Head head, uint64_t& at) {
    for (uint64_t values = 0;; --values) {
      if (head.type == Type::map)
        values += uint64_t{head.size} * 2;
      else if (head.type == Type::array)
        values += head.size;
      else if (head.type != Type::flag && head.type != Type::pointer)
        at += head.size;
      if (values == 0) return at <= data_.size();
      if (!read_head(at, head)) return false;
    }
  }

  std::span<const uint8_t> data_;
  std::span<RecordValue> values_;
  uint32_t steps_left_ = RecordPaths::kStepsMax;
};

size_t RecordPaths::add(std::string_view path) {
  Node* node = &root_;
  while (true) {
    const size_t dot = std::min(path.find('.'), path.size());
    const std::string_view name = path.substr(0, dot);
    auto child = std::find_if(node->children.begin(), node->children.end(),
                              [&](const Node& other) { return other.name == name; });
    if (child == node->children.end())
      child = node->children.insert(child, Node{std::string(name), {}, -1});
    node = &*child;
    if (dot == path.size()) break;
    path.remove_prefix(dot + 1);
  }
  if (node->path < 0) {
    CHECK(size_ < kPathsMax, "too many paths into a record");
    node->path = static_cast<int>(size_++);
  }
  return static_cast<size_t>(node->path);
}

bool RecordPaths::read(std::span<const uint8_t> data, uint64_t offset,
                       std::span<RecordValue> values) const {
  return RecordReader(data, values).read(root_, offset, false);
}

}  // namespace penstock
