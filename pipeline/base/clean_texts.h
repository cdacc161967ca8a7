// CleanTexts: texts that a detector looked at before and found nothing in. Logs repeat themselves:
// user agents, paths, logger names and levels come again and again, and knowing one again is much
// cheaper than another look.
//
// A table of fixed size, 48 KB. A text is known by 64 bits of a hash with a seed of the process's
// own, so nobody can prepare two texts that are taken for each other. It is kept when it comes a
// second time while nothing else claimed its place, so that texts that never repeat push nothing
// out. One per worker and detector.
#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>
#include <vector>

namespace penstock {

class CleanTexts {
 public:
  static constexpr size_t kTextBytesMax = 512;  // longer ones are not kept
  static constexpr size_t kSets = 2048;

  CleanTexts() : seed_(make_seed()), sets_(kSets) {}

  // A text's fingerprint, from has() to add(); 0: none.
  using Key = uint64_t;

  // Was the text found to be clean? `kind`: what else the detector goes by.
  bool has(std::string_view text, uint32_t kind, Key& key) const {
    key = text.size() > kTextBytesMax ? 0 : key_of(text, kind);
    const Set& set = sets_[key % kSets];
    return key != 0 && (set.kept[0] == key || set.kept[1] == key);
  }

  // The text of has() was looked at and is clean.
  void add(Key key) {
    if (key == 0) return;
    Set& set = sets_[key % kSets];
    if (set.candidate != key) {
      set.candidate = key;
      return;
    }
    set.kept[1] = set.kept[0];
    set.kept[0] = key;
  }

 private:
  struct Set {
    uint64_t kept[2] = {};
    uint64_t candidate = 0;  // came once
  };
  struct Seed {
    uint64_t words[3];
  };

  static Seed make_seed() {
    std::random_device random;
    Seed seed{};
    for (uint64_t& word : seed.words) word = uint64_t{random()} << 32 | random();
    return seed;
  }
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
  // Sixteen bytes a round: the multiplication of wyhash.
  __attribute__((always_inline)) Key key_of(std::string_view text, uint32_t kind) const {
    const char* at = text.data();
    size_t left = text.size();
    uint64_t key = seed_.words[0] ^ (uint64_t{kind} << 32 | text.size());
    const auto round = [&](uint64_t low, uint64_t high) {
      key = mix(low ^ seed_.words[1], high ^ key);
    };
    for (; left > 16; at += 16, left -= 16) round(load(at, 8), load(at + 8, 8));
    if (left >= 8)
      round(load(at, 8), load(at + left - 8, 8));
    else if (left >= 4)
      round(load(at, 4), load(at + left - 4, 4));
    else if (left > 0)
      round(static_cast<uint8_t>(at[0]) | uint64_t{static_cast<uint8_t>(at[left / 2])} << 8,
            static_cast<uint8_t>(at[left - 1]));
    return mix(key ^ seed_.words[2], seed_.words[1]);
  }

  Seed seed_;
  std::vector<Set> sets_;
};

}  // namespace penstock
