// Scanner: a place in a configuration text, and the small steps the parser takes from it. Copies
// are cheap, so that looking ahead is done with one. Single thread; views the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/result.h"

namespace penstock {

class Scanner {
 public:
  Scanner(std::string_view text, std::string file);

  size_t position() const { return at_; }
  void seek(size_t position) { at_ = position; }
  void seek_end() { at_ = text_.size(); }
  // The place of the next line break, or the end of the text.
  size_t line_end() const;
  bool at_end() const { return at_ >= text_.size(); }
  // The character at the place, or `ahead` after it; NUL at the end of the text.
  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  std::string_view slice(size_t from, size_t to) const { return text_.substr(from, to - from); }

  // White space and comments; whether there were any.
  bool skip_gap();
  bool take(std::string_view literal);
  // Any run of letters, digits, `_` and `-`; empty when there is none.
  std::string_view word();
  // A letter or `_`, then letters, digits and `_`.
  std::string_view bareword();
  // -12, 3.5; empty when there is none.
  std::string_view number();
  // The content between two `quote`s; a backslash keeps the next quote from closing. False and
  // unmoved when it isn't closed.
  bool quoted(char quote, std::string_view& content);

  Where where(size_t position) const;
  Where where() const { return where(at_); }
  // What stands at the place, for an error: "`}`", "`mutate`", "the end of the file".
  std::string found() const;

 private:
  // What all copies share.
  struct Source {
    std::string file;
    std::vector<size_t> line_starts;
    // Opening quotes that met the end of the text; each costs a walk to there.
    uint32_t unclosed = 0;
    // The last column counted, so that a long line isn't counted from its start for each value.
    size_t counted_from = 0, counted_to = 0, counted = 0;
  };

  std::string_view text_;
  std::shared_ptr<Source> source_;
  size_t at_ = 0;
};

}  // namespace penstock
