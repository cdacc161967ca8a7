// SQL text to tokens, leniently: any bytes give tokens, in linear time.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace penstock::threat {

enum class SqlKind : uint8_t {
  number,
  string,    // quoted; `open` when the text ended first
  variable,  // @x, @@x, :x
  word,      // an identifier or a word of prose
  function,  // a known function's name with a parenthesis next
  logic,     // and or xor && || not within arithmetic
  compare,   // = <> < > like in between is regexp ...
  arithmetic,
  keyword,
  open,   // (
  close,  // )
  comma,
  dot,
  semicolon,
  comment,  // to the end of its line
  other,
};

enum class SqlWord : uint8_t {
  none,
  union_,
  select,
  from,
  where,
  insert,
  update,
  delete_,
  drop,
  create,
  alter,
  truncate,
  exec,
  declare,
  shutdown,
  grant,
  merge,
  call,
  with,
  explain,
  set,
  show,
  use,
  all,
  distinct,
  top,
  into,
  values,
  table,
  database,
  order,
  group,
  by,
  having,
  limit,
  null_,
  true_,
  false_,
  not_,
  case_,
  when,
  end,
  exists,
  outfile,
  dumpfile,
  waitfor,
  delay,
  procedure,
  load,
  data,
  as,
  handler,
  replace,
  describe,
  rename,
  begin,
  if_,
  view,
  user,
  index,
  function,
  schema,
  trigger,
  column,
  login,
  collate,
  binary,
  escape,
};

struct SqlToken {
  SqlKind kind = SqlKind::other;
  SqlWord word = SqlWord::none;
  bool open = false;     // string: not closed
  uint8_t function = 0;  // SqlFunction of sql_lexer.cpp's table: how telling it is
  uint32_t begin = 0;
  uint32_t end = 0;
};

// How telling a function's name is when something calls it.
enum SqlFunction : uint8_t {
  kNoFunction,
  kPlainFunction,   // count, concat, substring: only inside SQL that is suspect anyway
  kProbeFunction,   // version, user, database, char: what injections ask for
  kDelayFunction,   // sleep: also a name in every programming language
  kAttackFunction,  // benchmark, extractvalue, xp_cmdshell: hardly ever honest
};

enum class SqlContext : uint8_t { none, single_quote, double_quote };

struct SqlTokens {
  std::vector<SqlToken> tokens;
  bool inline_comment = false;      // /* */ between tokens
  bool executable_comment = false;  // /*!50000 ... */
};

inline constexpr size_t kSqlTokensMax = 4096;

void lex_sql(std::string_view text, SqlContext context, SqlTokens& out);

}  // namespace penstock::threat
