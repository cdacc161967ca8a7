// Regex: PCRE2 with JIT, bounded in steps, memory and time, so that neither a pattern nor a line
// from outside can hold a worker. Patterns are in the dialect that Logstash's users write (Ruby's,
// Onigmo): regex_syntax.h has the translation.
//
// Compiled once, immutable, shared by workers; matching needs a Match, one per worker.
//
// Cost of a search: what PCRE2's JIT costs (tens of ns for short expressions) plus about 15 ns.
// Bounds, all of one search():
//   - a first call is given a number of backtracking steps that shrinks with the subject's length,
//     so that it ends within about 0.1 s whatever happens;
//   - only if those run out (or the subject is very long) the search goes on slice by slice with
//     Options::match_limit steps for each starting place and the clock in view;
//   - a JIT stack overflow is retried with the interpreter, whose heap is bounded.
// Beyond them the outcome is `limit`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/regex_syntax.h"
#include "pipeline/base/result.h"

namespace penstock {

class Regex {
 public:
  enum class Dialect : uint8_t {
    ruby,
    // As PCRE2 takes it, near to Java's and Perl's; \w, \d, \b are ASCII's.
    perl,
  };
  struct Options {
    bool ignore_case = false;
    bool dot_all = false;  // the dot matches newlines, as under (?m)
    Dialect dialect = Dialect::ruby;
    // PCRE2's match limit: backtracking steps from one starting place before a search gives up
    // ("a timeout" that doesn't depend on the machine's load).
    uint32_t match_limit = 1'000'000;
    // A search that is slow at every starting place gives up after this time.
    uint32_t time_limit_ms = 1000;
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
    // begin and end of each group in turn; valid until the next search.
    const size_t* offsets() const { return offsets_; }

   private:
    friend class Regex;
    struct Impl;
    std::unique_ptr<Impl> impl_;
    const size_t* offsets_ = nullptr;
  };

  static Result<std::shared_ptr<const Regex>> compile(std::string_view pattern, Options options);
  static Result<std::shared_ptr<const Regex>> compile(std::string_view pattern) {
    return compile(pattern, Options());
  }
  ~Regex();

  // REQUIRES: subject is well-formed UTF-8; it is viewed by `match` until the next search. `from`
  // is at the start of a character.
  Outcome search(std::string_view subject, size_t from, Match& match) const;
  Outcome search(std::string_view subject, Match& match) const { return search(subject, 0, match); }

  // (name, group number) in order of group number; names may repeat. When there are any, plain
  // groups don't capture.
  using Named = RegexGroupName;
  const std::vector<Named>& names() const { return names_; }
  uint32_t groups() const { return groups_; }
  const std::string& pattern() const { return pattern_; }  // as given to compile()
  // Letters that every match holds, looked for before a search; "" when none are known.
  const std::string& required() const { return required_; }
  bool has_jit() const;

 private:
  Regex() = default;
  int run(const void* code, std::string_view subject, size_t from, uint32_t match_limit,
          Match& match) const;
  Outcome search_in_slices(std::string_view subject, size_t from, Match& match) const;

  struct Code;
  std::unique_ptr<Code> code_;
  std::string pattern_;
  std::string required_;
  std::vector<Named> names_;
  uint32_t groups_ = 0;
  Options options_;
};

}  // namespace penstock
