// Dictionary: the keys and values of a translate filter, indexed for one of its three ways of
// looking up. Immutable; shared by the workers.
//
// Cost of a lookup: exact, a hash and a comparison; replace, a walk over the text; regex, a search
// per key until one matches.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/regex.h"
#include "pipeline/base/result.h"
#include "pipeline/event/value.h"

namespace penstock::translate {

// What a dictionary is built from. A later entry of a key replaces an earlier one, in its place.
class Entries {
 public:
  Entries() : arena_(std::make_unique<Arena>()) {}

  Arena& arena() { return *arena_; }
  // REQUIRES: `key` and `value` lie in arena() or are constants.
  void add(std::string_view key, const Value& value) { list_.push_back({key, value}); }
  void add_copies(const Entries& other);

  struct Entry {
    std::string_view key;
    Value value;
  };
  const std::vector<Entry>& list() const { return list_; }
  void drop_replaced();

 private:
  std::unique_ptr<Arena> arena_;
  std::vector<Entry> list_;
};

class Dictionary {
 public:
  enum class Mode : uint8_t {
    exact,    // the text is the key
    regex,    // the first key, an expression, that matches the text
    replace,  // all keys in the text are replaced by their values
  };
  // Per worker.
  struct Scratch {
    Regex::Match match;
    std::string text;
    Value replaced;
  };

  static Result<std::shared_ptr<const Dictionary>> build(Entries entries, Mode mode);

  // nullptr when there is none. The value lives as long as the dictionary, or with `replace` until
  // the next call.
  const Value* find(std::string_view text, Scratch& scratch) const;

  const Entries& entries() const { return entries_; }
  size_t size() const { return entries_.list().size(); }

 private:
  struct Node {  // of the trie of keys
    uint32_t child = 0;
    uint32_t sibling = 0;
    uint32_t entry = kNone;
    char byte = 0;
  };
  static constexpr uint32_t kNone = UINT32_MAX;

  Dictionary() = default;
  Status index_expressions();
  void index_hashes();
  void index_trie();
  uint32_t child_of(uint32_t node, char byte) const;
  uint32_t add_child(uint32_t node, char byte);
  const Value* find_exact(std::string_view text) const;
  const Value* find_expression(std::string_view text, Regex::Match& match) const;
  const Value* replace_all(std::string_view text, Scratch& scratch) const;
  uint32_t first_key_at(std::string_view text, size_t at) const;

  Entries entries_;
  Mode mode_ = Mode::exact;
  std::vector<uint32_t> slots_;  // exact: entry numbers, open addressing
  std::vector<std::shared_ptr<const Regex>> expressions_;
  std::vector<Node> trie_;
};

}  // namespace penstock::translate
