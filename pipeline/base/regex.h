// Regex: PCRE2 with JIT, match and heap limits, so that neither a pattern nor a line from outside
// can hold a worker. Patterns are in the dialect that Logstash's users write (Ruby's, Onigmo) and
// are translated: ^ and $ match at lines, \h is a hex digit, (?m) lets the dot match newlines,
// possessive and atomic groups, lookaround and named groups as they are.
//
// Compiled once, immutable, shared by workers; matching needs a Match, one per worker.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/result.h"

namespace penstock {

class Regex {
 public:
  struct Options {
    bool ignore_case = false;
    // PCRE2's match limit: steps of one match call before it gives up ("a timeout" that doesn't
    // depend on the machine's load).
    uint32_t match_limit = 1'000'000;
  };
  enum class Outcome : uint8_t { no_match, match, limit };  // limit: gave up

  // Where a match and its groups are: byte offsets into the subject; npos when a group took no
  // part.
  class Match {
   public:
    Match();
    Match(Match&&) noexcept;
    Match& operator=(Match&&) noexcept;
    ~Match();
    // Group 0 is the whole match. Empty optional: the group took no part.
    std::optional<std::string_view> group(uint32_t number) const;
    size_t begin(uint32_t number = 0) const;
    size_t end(uint32_t number = 0) const;

   private:
    friend class Regex;
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };

  static Result<std::shared_ptr<const Regex>> compile(std::string_view pattern, Options options);
  static Result<std::shared_ptr<const Regex>> compile(std::string_view pattern) {
    return compile(pattern, {});
  }
  ~Regex();

  // REQUIRES: subject is well-formed UTF-8; it is viewed by `match` until the next search.
  Outcome search(std::string_view subject, size_t from, Match& match) const;
  Outcome search(std::string_view subject, Match& match) const { return search(subject, 0, match); }

  // (name, group number) in order of group number; names may repeat.
  struct Named {
    std::string name;
    uint32_t group;
  };
  const std::vector<Named>& names() const { return names_; }
  uint32_t groups() const { return groups_; }
  const std::string& pattern() const { return pattern_; }

 private:
  Regex() = default;
  struct Code;
  std::unique_ptr<Code> code_;
  std::string pattern_;
  std::vector<Named> names_;
  uint32_t groups_ = 0;
};

}  // namespace penstock
