#include "filters/translate/dictionary.h"

#include <functional>
#include <unordered_map>

#include "filters/support/characters.h"

namespace penstock::translate {
namespace {

size_t hash_text(std::string_view text) { return std::hash<std::string_view>()(text); }

}  // namespace

void Entries::add_copies(const Entries& other) {
  for (const Entry& entry : other.list_) add(arena_->copy(entry.key), detach(*arena_, entry.value));
}

void Entries::drop_replaced() {
  std::unordered_map<std::string_view, size_t> places;
  size_t kept = 0;
  for (const Entry& entry : list_) {
    const auto [place, fresh] = places.emplace(entry.key, kept);
    list_[place->second] = entry;
    kept += fresh;
  }
  list_.resize(kept);
}

Result<std::shared_ptr<const Dictionary>> Dictionary::build(Entries entries, Mode mode) {
  std::shared_ptr<Dictionary> out(new Dictionary());
  entries.drop_replaced();
  out->entries_ = std::move(entries);
  out->mode_ = mode;
  if (mode == Mode::exact) out->index_hashes();
  if (mode == Mode::replace) out->index_trie();
  if (mode == Mode::regex) TRY_STATUS(out->index_expressions());
  return std::shared_ptr<const Dictionary>(std::move(out));
}

const Value* Dictionary::find(std::string_view text, Scratch& scratch) const {
  if (mode_ == Mode::exact) return find_exact(text);
  if (mode_ == Mode::regex) return find_expression(text, scratch.match);
  return replace_all(text, scratch);
}

// --- exact ---

void Dictionary::index_hashes() {
  size_t size = 16;
  while (size < entries_.list().size() * 2) size *= 2;
  slots_.assign(size, kNone);
  for (uint32_t i = 0; i < entries_.list().size(); ++i) {
    size_t at = hash_text(entries_.list()[i].key) & (size - 1);
    while (slots_[at] != kNone) at = (at + 1) & (size - 1);
    slots_[at] = i;
  }
}

const Value* Dictionary::find_exact(std::string_view text) const {
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash_text(text) & mask; slots_[at] != kNone; at = (at + 1) & mask) {
    const Entries::Entry& entry = entries_.list()[slots_[at]];
    if (entry.key == text) return &entry.value;
  }
  return nullptr;
}

// --- regex ---

Status Dictionary::index_expressions() {
  for (const Entries::Entry& entry : entries_.list()) {
    auto made = Regex::compile(entry.key);
    if (!made.ok())
      return Error{Errc::bad_config,
                   "the key `" + std::string(entry.key) + "`: " + made.error().message};
    expressions_.push_back(std::move(made).value());
  }
  return ok_status();
}

const Value* Dictionary::find_expression(std::string_view text, Regex::Match& match) const {
  for (size_t i = 0; i < expressions_.size(); ++i)
    if (expressions_[i]->search(text, match) == Regex::Outcome::match)
      return &entries_.list()[i].value;
  return nullptr;
}

// --- replace ---

uint32_t Dictionary::child_of(uint32_t node, char byte) const {
  uint32_t child = trie_[node].child;
  while (child != 0 && trie_[child].byte != byte) child = trie_[child].sibling;
  return child;
}

uint32_t Dictionary::add_child(uint32_t node, char byte) {
  const auto added = static_cast<uint32_t>(trie_.size());
  trie_.push_back({0, trie_[node].child, kNone, byte});
  trie_[node].child = added;
  return added;
}

void Dictionary::index_trie() {
  trie_.emplace_back();
  for (uint32_t i = 0; i < entries_.list().size(); ++i) {
    uint32_t node = 0;
    for (const char byte : entries_.list()[i].key) {
      const uint32_t child = child_of(node, byte);
      node = child != 0 ? child : add_child(node, byte);
    }
    trie_[node].entry = i;
  }
}

// Of the keys that begin at `at` the first of the dictionary, as Ruby's union of them tries them.
uint32_t Dictionary::first_key_at(std::string_view text, size_t at) const {
  uint32_t best = trie_[0].entry;
  for (uint32_t node = 0; at < text.size(); ++at) {
    node = child_of(node, text[at]);
    if (node == 0) break;
    best = std::min(best, trie_[node].entry);
  }
  return best;
}

const Value* Dictionary::replace_all(std::string_view text, Scratch& scratch) const {
  scratch.text.clear();
  for (size_t at = 0; at <= text.size();) {
    const uint32_t key = first_key_at(text, at);
    const size_t length = key == kNone ? 0 : entries_.list()[key].key.size();
    if (key != kNone) append_text(entries_.list()[key].value, scratch.text);
    if (length == 0 && at < text.size()) {
      const size_t end = next_character(text, at);
      scratch.text += text.substr(at, end - at);
      at = end;
    } else {
      at += std::max<size_t>(length, 1);
    }
  }
  if (scratch.text == text) return nullptr;
  scratch.replaced = Value::string(scratch.text);
  return &scratch.replaced;
}

}  // namespace penstock::translate
