// CleanCache: texts that were looked at before and gave nothing. Logs repeat themselves: user
// agents, paths, logger names and levels come again and again, and one comparison is much cheaper
// than another look.
//
// A table of fixed size with one place for each hash. A text is kept when it comes a second time
// while nothing else claimed its place, so that texts that never repeat cost one hash and push
// nothing out. A hit compares the whole text, so it is exact. One per worker.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace penstock::threat {

class CleanCache {
 public:
  static constexpr size_t kTextBytesMax = 230;  // longer ones are not kept
  static constexpr size_t kSlots = 2048;        // half a megabyte

  CleanCache() : tags_(kSlots), slots_(kSlots) {}

  // What has() learned of a text, for add().
  struct Key {
    uint64_t hash = 0;
    bool kept = false;  // the cache may keep such a text
  };

  // Was the text, in a field of the `kind`, found to be clean?
  bool has(std::string_view text, uint8_t kind, Key& key) const {
    if (text.size() > kTextBytesMax) return key.kept = false;
    key = {hash_of(text, kind), true};
    if (tags_[key.hash % kSlots].kept != tag_of(key.hash)) return false;
    const Slot& slot = slots_[key.hash % kSlots];
    return slot.size == text.size() && slot.kind == kind &&
           std::memcmp(slot.text, text.data(), text.size()) == 0;
  }

  // The text was looked at and is clean.
  void add(std::string_view text, uint8_t kind, const Key& key) {
    if (!key.kept) return;
    Tag& tag = tags_[key.hash % kSlots];
    if (tag.candidate != tag_of(key.hash)) {
      tag.candidate = tag_of(key.hash);
      return;
    }
    tag.kept = tag.candidate;
    Slot& slot = slots_[key.hash % kSlots];
    slot.size = static_cast<uint8_t>(text.size());
    slot.kind = kind;
    std::memcpy(slot.text, text.data(), text.size());
  }

 private:
  // Apart from the texts, so that a text which isn't kept costs one line of a small table.
  struct Tag {
    uint32_t kept = 0;       // 0: none
    uint32_t candidate = 0;  // seen once
  };
  static uint32_t tag_of(uint64_t hash) { return static_cast<uint32_t>(hash >> 32) | 1; }

  struct Slot {
    uint8_t size = 0;
    uint8_t kind = 0;
    char text[kTextBytesMax];
  };

  static uint64_t load(const char* from, size_t bytes) {
    uint64_t word = 0;
    std::memcpy(&word, from, bytes);
    return word;
  }
  __extension__ typedef unsigned __int128 Wide;
  static uint64_t mix(uint64_t a, uint64_t b) {
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
  static uint64_t hash_of(std::string_view text, uint8_t kind) {
    constexpr uint64_t kFirst = 0x9e3779b97f4a7c15ULL;
    constexpr uint64_t kSecond = 0xd6e8feb86659fd93ULL;
    const char* at = text.data();
    size_t left = text.size();
    uint64_t hash = kFirst ^ (uint64_t{kind} << 32 | left);
    for (; left > 16; at += 16, left -= 16)
      hash = mix(load(at, 8) ^ kSecond, load(at + 8, 8) ^ hash);
    uint64_t low = 0, high = 0;
    if (left >= 8) {
      low = load(at, 8);
      high = load(at + left - 8, 8);
    } else if (left >= 4) {
      low = load(at, 4);
      high = load(at + left - 4, 4);
    } else if (left > 0) {
      low = static_cast<uint8_t>(at[0]) | uint64_t{static_cast<uint8_t>(at[left / 2])} << 8 |
            uint64_t{static_cast<uint8_t>(at[left - 1])} << 16;
    }
    return mix(low ^ kSecond, high ^ hash);
  }

  std::vector<Tag> tags_;
  std::vector<Slot> slots_;
};

}  // namespace penstock::threat
