#include "filters/threat/sql.h"

#include <string>

#include "filters/threat/sql_lexer.h"
#include "filters/threat/sql_view.h"

namespace penstock::threat {
namespace {

using K = SqlKind;
using W = SqlWord;

class Analysis : private SqlView {
 public:
  Analysis(std::string_view text, Mode mode, SqlContext context, const SqlTokens& lexed)
      : SqlView(text, lexed.tokens),
        text_(text),
        value_(mode == Mode::value),
        quoted_(context != SqlContext::none),
        lexed_(lexed) {
    whole_ = !quoted_ && is_whole_statement(value_);
    broken_ = quoted_ && size() > 0 && !token(0).open;
  }

  Signals run() {
    if (size() == 0 || (quoted_ && !broken_)) return 0;
    if (broken_) at_break();
    for (size_t i = 0; i < size(); ++i) at(i);
    if (!quoted_ && value_) bare_value();
    return found_;
  }

 private:
  void add(Signal signal) { found_ |= bit(signal); }

  void at(size_t i) {
    switch (kind(i)) {
      case K::logic:
        return at_logic(i);
      case K::function:
        return at_function(i);
      case K::semicolon:
        return at_semicolon(i);
      case K::word:
        return at_name(i);
      case K::keyword:
        return at_keyword(i);
      case K::arithmetic:
      case K::compare:
        return at_operator(i);
      default:
        return;
    }
  }

  // `i` is and, or, ||, &&: what follows, is it always true (or false), or a question to the
  // database?
  void at_logic(size_t i) {
    if (whole_) return;
    const bool after_break = broken_ && break_end() == i;
    if (!value_ && !after_break && i > 0 && !ends_operand(i - 1) && kind(i - 1) != K::comment)
      return;
    const size_t left = skip_prefix(i + 1);
    if (is_constant(left)) {
      size_t op = left + 1;
      while (kind(op) == K::close) ++op;
      if (kind(op) == K::compare || (kind(op) == K::logic && text_of(op) == "||")) {
        size_t right = op + 1;
        if (word(right) == W::not_ || kind(right) == K::compare) ++right;
        right = skip_prefix(right);
        if (is_constant(right) && plausible_tautology(i, left, op, right))
          return add(Signal::sql_tautology);
        if (word(right) == W::select || is_call(right)) return add(Signal::sql_subquery);
      }
      if (after_break && (ends(left + 1) || last_comment(left + 1)) && (value_ || !ends(left + 1)))
        return add(Signal::sql_tautology);
      if (value_ && kind(left) == K::number && last_comment(left + 1) && ends_operand(i - 1))
        return add(Signal::sql_tautology);
      // or 1 group by, or 1 limit 1
      if (after_break && (word(left + 1) == W::group || word(left + 1) == W::limit ||
                          word(left + 1) == W::order || word(left + 1) == W::having))
        return add(Signal::sql_tautology);
      // 1' and 1-1, 1 or 2+3-5=0
      if ((value_ || after_break) && kind(left + 1) == K::arithmetic && is_constant(left + 2) &&
          compares_ahead(left + 2))
        return add(Signal::sql_tautology);
    }
    if (word(left) == W::select || word(left) == W::exists || word(left) == W::case_) {
      if (value_ || after_break || kind(i + 1) == K::open) add(Signal::sql_subquery);
      return;
    }
    if (is_call(left) && token(left).function >= kProbeFunction && (value_ || compares_ahead(left)))
      add(Signal::sql_function);
    if (is_call(left) && value_ && compares_ahead(left)) add(Signal::sql_function);
    // x or x=x: the same name on both sides
    if (is_name(left) && kind(left + 1) == K::compare && is_name(left + 2) &&
        text_of(left) == text_of(left + 2) && text_of(left + 1) == "=")
      add(Signal::sql_tautology);
    if (after_break) at_logic_after_break(left);
  }

  // "or 1=1" is; "4 or 5 > 3" in prose isn't told apart and is rare; "3 or 4 in 10" is prose.
  bool plausible_tautology(size_t logic, size_t left, size_t op, size_t right) const {
    const std::string_view name = text_of(op);
    const bool symbol =
        name[0] == '=' || name[0] == '<' || name[0] == '>' || name[0] == '!' || name[0] == '|';
    const bool strings = kind(left) == K::string && kind(right) == K::string;
    if (symbol) {
      if (kind(left) == K::string && kind(right) == K::string && !value_ && !broken_ &&
          name == "||")
        return false;
      return !(kind(left) == K::string && token(left).open);
    }
    if (value_ || broken_) return true;
    return strings && name.find("like") != std::string_view::npos && logic > 0;
  }

  // ' or name = 'x   ' and password like '%   ') or ('a'='a
  void at_logic_after_break(size_t left) {
    if (!is_name(left) && !is_call(left) && kind(left) != K::keyword) return;
    size_t op = left + 1;
    while (kind(op) == K::dot || (is_name(op) && kind(op - 1) == K::dot)) ++op;
    if (is_call(left))
      while (!ends(op) && op < left + kLookAhead && kind(op) != K::compare) ++op;
    if (kind(op) != K::compare) return;
    size_t right = op + 1;
    if (word(right) == W::not_ || kind(right) == K::compare) ++right;
    right = skip_prefix(right);
    if (is_constant(right) || word(right) == W::select || is_call(right)) add(Signal::sql_break);
  }

  // The first token after the string that the payload ends, and its closing parentheses.
  size_t break_end() const {
    size_t i = 1;
    while (kind(i) == K::close) ++i;
    return i;
  }

  // What stands right behind the quote that ends somebody else's string.
  void at_break() {
    size_t i = break_end();
    const std::string_view before = text_.substr(0, token(0).end - 1);
    const bool short_prefix = before.size() <= 32 && before.find(' ') == std::string_view::npos;
    if (!value_ && !short_prefix) return;
    if (kind(i) == K::semicolon) ++i;
    if (kind(i) == K::comment && ends(i + 1)) {
      const std::string_view comment = text_of(i);
      const bool dashes = comment.starts_with("--");
      const std::string_view rest = comment.substr(dashes || comment.starts_with("/*") ? 2 : 1);
      if (rest.find_first_not_of("-+ \t\r\n#;/*'\")") == std::string_view::npos ||
          (value_ && rest.size() < 12 && dashes))
        add(Signal::sql_comment);
    }
    if (!value_) return;
    // 'x'||'y   '+(select ...)+'   '='   ' like '   '-0||'
    if ((kind(i) == K::arithmetic || kind(i) == K::compare || kind(i) == K::logic) &&
        i == break_end()) {
      const size_t right = skip_prefix(i + 1);
      const bool tight = token(i).begin == token(0).end || before.empty();
      if (is_call(right) || word(right) == W::select || word(right) == W::case_)
        add(Signal::sql_subquery);
      else if (tight && kind(right) == K::string && (kind(i) != K::arithmetic || before.size() < 4))
        add(Signal::sql_break);
      else if (tight && kind(i) == K::compare && kind(right) == K::number &&
               (ends(right + 1) || kind(right + 1) == K::comment))
        add(Signal::sql_break);
      else if (kind(i) == K::compare && last_comment(right + 1))
        add(Signal::sql_break);
    }
    if (kind(i) == K::comma && (is_call(i + 1) || word(skip_prefix(i + 1)) == W::select))
      add(Signal::sql_subquery);
  }

  void at_function(size_t i) {
    const SqlToken& t = token(i);
    const K before = i > 0 ? kind(i - 1) : K::semicolon;
    const bool method = before == K::dot || (before == K::other && i > 0) || before == K::variable;
    if (t.function == kAttackFunction) {
      if (!method && (!whole_ || value_)) add(Signal::sql_function);
      return;
    }
    if (method && !(value_ && before != K::dot)) return;
    const bool expression = before == K::logic || before == K::arithmetic || before == K::compare ||
                            before == K::comma || before == K::semicolon || before == K::string ||
                            before == K::open || (i > 0 && word(i - 1) == W::select) ||
                            (i > 0 && (word(i - 1) == W::by || word(i - 1) == W::when));
    if (t.function == kDelayFunction) {
      const bool argument = kind(i + 2) == K::number || kind(i + 2) == K::open ||
                            kind(i + 2) == K::string || kind(i + 2) == K::arithmetic;
      const bool sql = before == K::logic || (i > 0 && word(i - 1) == W::select) ||
                       (i > 0 && kind(i - 1) == K::string && broken_) || before == K::arithmetic ||
                       (before == K::open && i > 1) || (before == K::comma && i > 2);
      if (argument && !whole_ && (value_ ? expression : sql && i > 0)) add(Signal::sql_function);
      return;
    }
    if (whole_ && !value_) return;
    if (word(i - 1) == W::select && i > 0 && t.function == kProbeFunction &&
        (value_ || broken_ || kind(i - 2) == K::open))
      add(Signal::sql_function);
    if ((text_of(i) == "char" || text_of(i) == "chr" || text_of(i) == "nchar") &&
        kind(i + 2) == K::number &&
        (kind(i + 4) == K::arithmetic || kind(i + 4) == K::logic ||
         (kind(i + 3) == K::comma && kind(i + 4) == K::number && (value_ || broken_))))
      add(Signal::sql_obfuscated);
    if (value_ && broken_ && before == K::arithmetic && t.function == kProbeFunction)
      add(Signal::sql_function);
    if (value_ && before == K::string && broken_) add(Signal::sql_function);
  }

  void at_semicolon(size_t i) {
    if (whole_ && !value_) return;
    const bool after_value = i == 0 || is_constant(i - 1) || kind(i - 1) == K::close ||
                             (value_ && is_name(i - 1)) || broken_;
    if (!after_value) return;
    if (starts_statement(i + 1)) add(Signal::sql_stacked);
  }

  void at_name(size_t i) {
    const std::string_view name = text_of(i);
    if (name.size() < 4) return;
    const bool suspect = value_ || (broken_ && !whole_);
    if (name == "information_schema" || name == "sqlite_master" || name == "sqlite_schema" ||
        name == "sysobjects" || name == "syscolumns" || name == "sysusers" ||
        name == "sysdatabases" || name == "pg_shadow" || name == "pg_user" ||
        name == "pg_catalog" || name == "all_tables" || name == "all_tab_columns" ||
        name == "user_tables" || name == "user_tab_columns" || name == "dba_users" ||
        name == "dba_tables" || name == "all_users" || name == "msysaccessobjects" ||
        name == "v$version" || name == "sysxlogins" || name == "syslogins" ||
        name == "sys_database_name" || name == "pg_database" || name == "rdb$database" ||
        name == "pg_tables" || name == "user_users" || name == "sysdba" || name == "sysibm") {
      if (suspect &&
          (i == 0 || word(i - 1) == W::from || kind(i - 1) == K::dot || kind(i + 1) == K::dot))
        add(Signal::sql_schema);
    } else if (name.starts_with("xp_") && name.size() > 6 &&
               (suspect || kind(i + 1) == K::string)) {
      if (i > 0 && (word(i - 1) == W::exec || kind(i - 1) == K::dot ||
                    kind(i - 1) == K::semicolon || kind(i - 1) == K::comma))
        add(Signal::sql_function);
      if (value_ && name == "xp_cmdshell") add(Signal::sql_function);
    } else if ((name.starts_with("utl_") || name.starts_with("dbms_") || name == "ctxsys" ||
                name == "sys") &&
               kind(i + 1) == K::dot) {
      const std::string_view member = text_of(i + 2);
      static constexpr std::string_view kMembers[] = {"request",         "get_host_address",
                                                      "get_host_name",   "receive_message",
                                                      "sleep",           "sn",
                                                      "drithsx",         "httpuritype",
                                                      "inline",          "getxml",
                                                      "getmappingxpath", "run",
                                                      "fopen",           "runfunction",
                                                      "runjava"};
      for (const auto m : kMembers)
        if (member.starts_with(m) && name != "sys" && (!whole_ || value_))
          add(Signal::sql_function);
    }
    // uni/**/on, sel/**/ect
    if (lexed_.inline_comment && is_name(i + 1)) split_keyword(i);
  }

  void split_keyword(size_t i) {
    const std::string_view between = text_.substr(token(i).end, token(i + 1).begin - token(i).end);
    if (!between.starts_with("/*") || !between.ends_with("*/")) return;
    std::string joined(text_of(i));
    joined += text_of(i + 1);
    if (joined == "select" || joined == "union" || joined == "insert" || joined == "update" ||
        joined == "delete" || joined == "sleep" || joined == "where" || joined == "order")
      add(Signal::sql_obfuscated);
  }

  void at_keyword(size_t i) {
    switch (word(i)) {
      case W::union_:
        return at_union(i);
      case W::select:
        return at_select(i);
      case W::order:
      case W::group:
        return at_order(i);
      case W::having:
        return at_having(i);
      case W::waitfor:
        if ((word(i + 1) == W::delay || text_of(i + 1) == "time") && kind(i + 2) == K::string)
          add(Signal::sql_function);
        return;
      case W::outfile:
      case W::dumpfile:
        if (i > 0 && word(i - 1) == W::into &&
            (kind(i + 1) == K::string || kind(i + 1) == K::number || kind(i + 1) == K::variable))
          add(Signal::sql_file);
        return;
      case W::load:
        if (word(i + 1) == W::data && (value_ || broken_) && has_ahead(i, W::into))
          add(Signal::sql_file);
        return;
      case W::procedure:
        if (i > 0 && text_of(i + 1) == "analyse") add(Signal::sql_function);
        return;
      case W::exec:
        if (i > 0 && !whole_ && (value_ || broken_) && starts_statement(i))
          add(Signal::sql_stacked);
        if (i == 0 && value_ && starts_statement(i)) add(Signal::sql_stacked);
        return;
      case W::case_:
        if (!whole_ && (value_ || broken_) && word(i + 1) == W::when && has_ahead(i, W::end) &&
            has_select_like(i))
          add(Signal::sql_subquery);
        return;
      case W::drop:
      case W::insert:
      case W::delete_:
      case W::update:
      case W::create:
      case W::shutdown:
        if (broken_ && value_ && i == break_end() && starts_statement(i)) add(Signal::sql_stacked);
        return;
      case W::if_:
        if (is_call(i) && value_ && (broken_ || i > 0) && calls_ahead(i)) add(Signal::sql_function);
        return;
      default:
        return;
    }
  }

  void at_union(size_t i) {
    size_t j = i + 1;
    while (word(j) == W::all || word(j) == W::distinct || kind(j) == K::open) ++j;
    if (word(j) != W::select && word(j) != W::values) {
      if (value_ && i > 0 && (word(i + 1) == W::all || word(i + 1) == W::distinct) && ends(i + 2))
        add(Signal::sql_union);
      return;
    }
    if (whole_ && !value_) return;
    size_t k = j + 1;
    while (word(k) == W::all || word(k) == W::distinct || word(k) == W::top || kind(k) == K::open ||
           (kind(k) == K::arithmetic && text_of(k) != "*"))
      ++k;
    const bool columns = is_constant(k) || is_call(k) || kind(k) == K::variable ||
                         kind(k) == K::arithmetic || word(k) == W::select ||
                         kind(k + 1) == K::comma || word(k + 1) == W::from ||
                         kind(k + 1) == K::dot || word(k) == W::case_ || word(k + 1) == W::into;
    const bool cut = ends(k) && (value_ || i == 0 || ends_operand(i - 1));
    const bool named = value_ && is_name(k) && (ends(k + 1) || kind(k + 1) == K::comment);
    if (columns || (cut && (value_ || lexed_.inline_comment)) || named) add(Signal::sql_union);
  }

  void at_select(size_t i) {
    if (whole_ && !value_) return;
    const bool nested = i > 0 && (kind(i - 1) == K::open || kind(i - 1) == K::compare ||
                                  kind(i - 1) == K::arithmetic || kind(i - 1) == K::logic);
    const K outer = i > 1 ? kind(i - 2) : K::other;
    const bool in_expression =
        nested && (value_ || outer == K::logic || outer == K::compare || outer == K::function ||
                   outer == K::arithmetic || outer == K::string);
    const bool from = has_ahead(i, W::from);
    if (in_expression &&
        (from || is_call(i + 1) || is_constant(i + 1) || word(i + 1) == W::case_)) {
      if (value_ || broken_ || outer == K::logic) add(Signal::sql_subquery);
      return;
    }
    if (!value_) return;
    if (from && select_list(i + 1)) add(Signal::sql_statement);
    if (kind(i + 1) == K::variable && text_of(i + 1).starts_with("@@")) add(Signal::sql_function);
    if (broken_ && i == break_end() && (from || is_constant(i + 1) || is_call(i + 1)))
      add(Signal::sql_subquery);
  }

  void at_order(size_t i) {
    if (whole_ || word(i + 1) != W::by) return;
    if (i == 0) {  // all there is: a payload for behind a number
      if (kind(2) == K::number && (ends(3) || last_comment(3))) add(Signal::sql_order);
      return;
    }
    if (!ends_operand(i - 1)) return;
    if (is_name(i - 1) && !broken_) return;
    size_t j = i + 2;
    if (kind(j) == K::open) ++j;
    if (!is_constant(j) && !(value_ && word(i) == W::group && is_name(j) && broken_) &&
        !(value_ && kind(j) == K::open))
      return;
    while (is_constant(j) || kind(j) == K::comma || kind(j) == K::close) ++j;
    const bool direction = is_name(j) && (text_of(j) == "asc" || text_of(j) == "desc");
    if (direction) ++j;
    if (kind(j) == K::comment || (value_ && ends(j)) || word(j) == W::having)
      add(Signal::sql_order);
  }

  void at_having(size_t i) {
    if (whole_) return;
    const size_t left = skip_prefix(i + 1);
    if (is_constant(left) && kind(left + 1) == K::compare && is_constant(left + 2))
      add(Signal::sql_tautology);
  }

  // id=1-sleep(5) is found by its function. Here: ...=0 where a value is compared with a constant
  // after a broken string, and "1=1" as a whole value.
  void at_operator(size_t i) {
    if (whole_ || !value_) return;
    if (kind(i) == K::compare && i == 1 && is_constant(0) && is_constant(2) &&
        (ends(3) || kind(3) == K::comment) && text_of(i) == "=" && kind(0) == kind(2) &&
        text_of(0) == text_of(2))
      add(Signal::sql_tautology);
    if (kind(i) == K::arithmetic && i > 0 && is_constant(i - 1) && kind(i + 1) == K::open &&
        word(i + 2) == W::select)
      add(Signal::sql_subquery);
  }

  // Signs without a broken string, in a value of its own: 1-- , 1;--, 1/*
  void bare_value() {
    if (kind(0) == K::number) {
      size_t i = 1;
      while (kind(i) == K::close) ++i;
      if (kind(i) == K::semicolon) ++i;
      if (last_comment(i) && !text_of(i).starts_with("#") && (i > 1 || text_of(i).size() <= 4))
        add(Signal::sql_comment);
    }
    if (lexed_.executable_comment) add(Signal::sql_obfuscated);
    if (starts_statement(0) && word(0) != W::select && word(0) != W::if_ && word(0) != W::show &&
        word(0) != W::set)
      add(Signal::sql_statement);
  }

  std::string_view text_;
  bool value_;
  bool quoted_;
  bool whole_ = false;
  bool broken_ = false;
  const SqlTokens& lexed_;
  Signals found_ = 0;
};

}  // namespace

Signals find_sql(std::string_view text, Mode mode) {
  static thread_local SqlTokens lexed;  // keeps its memory
  lex_sql(text, SqlContext::none, lexed);
  Signals found = Analysis(text, mode, SqlContext::none, lexed).run();
  for (const SqlContext context : {SqlContext::single_quote, SqlContext::double_quote}) {
    const char quote = context == SqlContext::single_quote ? '\'' : '"';
    if (text.find(quote) == std::string_view::npos) continue;
    lex_sql(text, context, lexed);
    found |= Analysis(text, mode, context, lexed).run();
  }
  return found;
}

}  // namespace penstock::threat
