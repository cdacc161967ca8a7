// The tokens of a text, and the questions about SQL's grammar that find_sql() asks of them.
// A view: lives as long as the text and the tokens. Each answer looks at a bounded
// number of tokens.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "filters/threat/sql_lexer.h"

namespace penstock::threat {

class SqlView {
 public:
  // How far a pattern looks ahead; bounds the work per token.
  static constexpr size_t kLookAhead = 48;

  SqlView(std::string_view text, const std::vector<SqlToken>& tokens)
      : text_(text), tokens_(tokens) {}

  size_t size() const { return tokens_.size(); }

  // Token access that never fails: past the end all tokens are `other`.
  const SqlToken& token(size_t i) const {
    static const SqlToken kNone;
    return i < tokens_.size() ? tokens_[i] : kNone;
  }
  SqlKind kind(size_t i) const { return token(i).kind; }
  SqlWord word(size_t i) const { return token(i).word; }
  bool ends(size_t i) const { return i >= tokens_.size(); }
  std::string_view text_of(size_t i) const {
    return text_.substr(token(i).begin, token(i).end - token(i).begin);
  }
  bool is_name(size_t i) const { return kind(i) == SqlKind::word; }
  bool is_constant(size_t i) const {
    const SqlToken& t = token(i);
    return t.kind == SqlKind::number || t.kind == SqlKind::string || t.word == SqlWord::null_ ||
           t.word == SqlWord::true_ || t.word == SqlWord::false_ ||
           (t.kind == SqlKind::variable && text_of(i).starts_with("@"));
  }
  bool is_call(size_t i) const { return kind(i) == SqlKind::function; }
  // Something that a value could end with.
  bool ends_operand(size_t i) const {
    return is_constant(i) || is_name(i) || kind(i) == SqlKind::close ||
           kind(i) == SqlKind::variable;
  }
  bool last_comment(size_t i) const { return kind(i) == SqlKind::comment && ends(i + 1); }

  // A statement as a program logs it: begins with its verb and has the verb's shape. `value`: the
  // text is a request's value, where a query has more than its verb.
  bool is_whole_statement(bool value) const;
  // `i` begins a statement: the verb alone may be prose, its object makes the difference.
  bool starts_statement(size_t i) const;
  // A list that only SQL would have: *, a call, several columns; one bare word may be prose.
  bool select_list(size_t i) const;

  // Behind parentheses, signs and `not`.
  size_t skip_prefix(size_t i) const;
  bool has_ahead(size_t i, SqlWord wanted) const;
  bool compares_ahead(size_t i) const;
  bool calls_ahead(size_t i) const;
  bool has_select_like(size_t i) const;

 private:
  std::string_view text_;
  const std::vector<SqlToken>& tokens_;
};

}  // namespace penstock::threat
