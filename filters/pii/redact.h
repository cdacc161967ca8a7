// What a scrubbed text has in place of each finding. One instance per worker (the HMAC has state).
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "filters/pii/entity.h"

namespace penstock::pii {

enum class Action : uint8_t { mask, partial, hash, remove, tag };

// HMAC-SHA-256 with one key.
class Hmac {
 public:
  explicit Hmac(std::string_view key);
  ~Hmac();
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;
  using Digest = std::array<uint8_t, 32>;
  Digest digest(std::string_view text);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The first half of the digest (RFC 2104, section 5) names a value well enough.
inline constexpr size_t kHashHexBytes = 32;

class Redactor {
 public:
  // `masks`: "[EMAIL]" by kind, custom ones after the entities; `actions` likewise.
  Redactor(std::vector<std::string> masks, std::vector<Action> actions, std::string_view hash_key);

  Action action(uint8_t kind) const { return actions_[kind]; }
  // Appends what stands for `text`. REQUIRES: the action isn't tag.
  void append(uint8_t kind, std::string_view text, std::string& out);
  // `text` with its findings replaced, into `out`. False when every finding was only to be tagged.
  bool rewrite(std::string_view text, const Finding* findings, size_t count, std::string& out);

 private:
  void append_hash(uint8_t kind, std::string_view text, std::string& out);

  std::vector<std::string> masks_;
  std::vector<Action> actions_;
  std::unique_ptr<Hmac> hmac_;
  std::string canonical_;  // scratch
};

}  // namespace penstock::pii
