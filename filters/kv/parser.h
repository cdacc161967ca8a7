// A text of pairs to an object, by kv's options. One per worker.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "filters/kv/cleaner.h"
#include "filters/kv/splitter.h"
#include "pipeline/event/event.h"
#include "pipeline/event/interpolate.h"

namespace penstock::kv {

// A list of names, some made of the event's fields.
class NameList {
 public:
  static Result<NameList> make(const std::vector<std::string>& names);
  bool empty() const { return names_.empty() && templates_.empty(); }
  // Names for the event at hand; until the next call.
  void resolve(const Event& event);
  bool contains(std::string_view name) const;

 private:
  std::vector<std::string> names_;
  std::vector<Template> templates_;
  std::vector<std::string> resolved_;
};

// A member's place in an object by its name, for objects with many members.
class MemberIndex {
 public:
  void forget() { size_ = 0; }
  Value* find(const Value& object, const Name& name);

 private:
  void add_from(const Value& object, uint32_t first);
  std::vector<uint32_t> slots_;  // index of a member plus one; 0: free
  uint32_t size_ = 0;            // members that are in it
};

struct ParserOptions {
  std::unique_ptr<Splitter> splitter;
  Cleaner key, value;
  NameList include, exclude;
  std::unique_ptr<Template> prefix;  // null: none
  bool allow_duplicates = true;
  bool allow_empty = false;
  bool recursive = false;
};

class Parser {
 public:
  explicit Parser(ParserOptions options) : options_(std::move(options)) {}

  // Called once per event.
  void begin(const Event& event);
  // Adds the pairs of `text` (a string value, viewed) to `out`. False: it took too much effort.
  bool parse(const Value& text, Arena& arena, Value& out);

 private:
  bool parse_level(std::string_view text, uint8_t flags, uint32_t depth, Arena& arena, Value& out);
  bool add(Pair pair, uint8_t flags, uint32_t depth, Arena& arena, Value& out);
  bool repeats(const Value& held, std::string_view value);

  ParserOptions options_;
  std::string prefix_;
  std::vector<MemberIndex> indexes_;  // one per depth
  size_t comparisons_ = 0;            // left for this text
};

}  // namespace penstock::kv
