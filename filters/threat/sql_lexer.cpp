#include "filters/threat/sql_lexer.h"

#include <array>
#include <iterator>

namespace penstock::threat {
namespace {

struct Known {
  SqlKind kind = SqlKind::word;
  SqlWord word = SqlWord::none;
  uint8_t function = kNoFunction;
};

using W = SqlWord;
using K = SqlKind;

struct KnownWord {
  std::string_view text;
  Known known;
};
constexpr KnownWord kKnownWords[] = {
    {"and", {K::logic}},
    {"or", {K::logic}},
    {"xor", {K::logic}},
    {"like", {K::compare}},
    {"rlike", {K::compare}},
    {"ilike", {K::compare}},
    {"regexp", {K::compare}},
    {"in", {K::compare}},
    {"between", {K::compare}},
    {"is", {K::compare}},
    {"sounds", {K::compare}},
    {"similar", {K::compare}},
    {"glob", {K::compare}},
    {"isnull", {K::compare}},
    {"notnull", {K::compare}},
    {"div", {K::arithmetic}},
    {"mod", {K::arithmetic, W::none, kPlainFunction}},
    {"union", {K::keyword, W::union_}},
    {"intersect", {K::keyword, W::union_}},
    {"except", {K::keyword, W::union_}},
    {"minus", {K::word}},
    {"select", {K::keyword, W::select}},
    {"from", {K::keyword, W::from}},
    {"where", {K::keyword, W::where}},
    {"insert", {K::keyword, W::insert, kPlainFunction}},
    {"update", {K::keyword, W::update}},
    {"delete", {K::keyword, W::delete_}},
    {"drop", {K::keyword, W::drop}},
    {"create", {K::keyword, W::create}},
    {"alter", {K::keyword, W::alter}},
    {"truncate", {K::keyword, W::truncate}},
    {"exec", {K::keyword, W::exec}},
    {"execute", {K::keyword, W::exec}},
    {"declare", {K::keyword, W::declare}},
    {"shutdown", {K::keyword, W::shutdown}},
    {"grant", {K::keyword, W::grant}},
    {"merge", {K::keyword, W::merge}},
    {"call", {K::keyword, W::call}},
    {"with", {K::keyword, W::with}},
    {"explain", {K::keyword, W::explain}},
    {"set", {K::keyword, W::set}},
    {"show", {K::keyword, W::show}},
    {"use", {K::keyword, W::use}},
    {"all", {K::keyword, W::all}},
    {"distinct", {K::keyword, W::distinct}},
    {"distinctrow", {K::keyword, W::distinct}},
    {"top", {K::keyword, W::top}},
    {"into", {K::keyword, W::into}},
    {"values", {K::keyword, W::values}},
    {"table", {K::keyword, W::table}},
    {"database", {K::keyword, W::database, kProbeFunction}},
    {"schema", {K::keyword, W::schema, kProbeFunction}},
    {"order", {K::keyword, W::order}},
    {"group", {K::keyword, W::group}},
    {"by", {K::keyword, W::by}},
    {"having", {K::keyword, W::having}},
    {"limit", {K::keyword, W::limit}},
    {"offset", {K::keyword, W::limit}},
    {"null", {K::keyword, W::null_}},
    {"true", {K::keyword, W::true_}},
    {"false", {K::keyword, W::false_}},
    {"not", {K::keyword, W::not_}},
    {"case", {K::keyword, W::case_}},
    {"when", {K::keyword, W::when}},
    {"end", {K::keyword, W::end}},
    {"exists", {K::keyword, W::exists}},
    {"outfile", {K::keyword, W::outfile}},
    {"dumpfile", {K::keyword, W::dumpfile}},
    {"waitfor", {K::keyword, W::waitfor}},
    {"delay", {K::keyword, W::delay}},
    {"procedure", {K::keyword, W::procedure}},
    {"load", {K::keyword, W::load}},
    {"data", {K::keyword, W::data}},
    {"as", {K::keyword, W::as}},
    {"handler", {K::keyword, W::handler}},
    {"replace", {K::keyword, W::replace, kPlainFunction}},
    {"describe", {K::keyword, W::describe}},
    {"rename", {K::keyword, W::rename}},
    {"begin", {K::keyword, W::begin}},
    {"if", {K::keyword, W::if_, kPlainFunction}},
    {"view", {K::keyword, W::view}},
    {"user", {K::keyword, W::user, kProbeFunction}},
    {"index", {K::keyword, W::index}},
    {"function", {K::keyword, W::function}},
    {"trigger", {K::keyword, W::trigger}},
    {"column", {K::keyword, W::column}},
    {"login", {K::keyword, W::login}},
    {"collate", {K::keyword, W::collate}},
    {"binary", {K::keyword, W::binary}},
    {"escape", {K::keyword, W::escape}},
    // Functions.
    {"sleep", {K::word, W::none, kDelayFunction}},
    {"benchmark", {K::word, W::none, kAttackFunction}},
    {"pg_sleep", {K::word, W::none, kAttackFunction}},
    {"pg_sleep_for", {K::word, W::none, kAttackFunction}},
    {"pg_read_file", {K::word, W::none, kAttackFunction}},
    {"pg_ls_dir", {K::word, W::none, kAttackFunction}},
    {"lo_import", {K::word, W::none, kAttackFunction}},
    {"lo_export", {K::word, W::none, kAttackFunction}},
    {"query_to_xml", {K::word, W::none, kAttackFunction}},
    {"database_to_xml", {K::word, W::none, kAttackFunction}},
    {"extractvalue", {K::word, W::none, kAttackFunction}},
    {"updatexml", {K::word, W::none, kAttackFunction}},
    {"load_file", {K::word, W::none, kAttackFunction}},
    {"load_extension", {K::word, W::none, kAttackFunction}},
    {"randomblob", {K::word, W::none, kAttackFunction}},
    {"xp_cmdshell", {K::word, W::none, kAttackFunction}},
    {"openrowset", {K::word, W::none, kAttackFunction}},
    {"opendatasource", {K::word, W::none, kAttackFunction}},
    {"xmltype", {K::word, W::none, kAttackFunction}},
    {"dbms_xmlgen", {K::word, W::none, kAttackFunction}},
    {"gtid_subset", {K::word, W::none, kAttackFunction}},
    {"json_keys", {K::word, W::none, kProbeFunction}},
    {"name_const", {K::word, W::none, kAttackFunction}},
    {"make_set", {K::word, W::none, kProbeFunction}},
    {"elt", {K::word, W::none, kProbeFunction}},
    {"version", {K::word, W::none, kProbeFunction}},
    {"sqlite_version", {K::word, W::none, kProbeFunction}},
    {"current_user", {K::word, W::none, kProbeFunction}},
    {"session_user", {K::word, W::none, kProbeFunction}},
    {"system_user", {K::word, W::none, kProbeFunction}},
    {"current_database", {K::word, W::none, kProbeFunction}},
    {"db_name", {K::word, W::none, kProbeFunction}},
    {"user_name", {K::word, W::none, kProbeFunction}},
    {"suser_name", {K::word, W::none, kProbeFunction}},
    {"suser_sname", {K::word, W::none, kProbeFunction}},
    {"host_name", {K::word, W::none, kProbeFunction}},
    {"is_srvrolemember", {K::word, W::none, kAttackFunction}},
    {"has_dbaccess", {K::word, W::none, kAttackFunction}},
    {"connection_id", {K::word, W::none, kProbeFunction}},
    {"last_insert_id", {K::word, W::none, kProbeFunction}},
    {"row_count", {K::word, W::none, kProbeFunction}},
    {"char", {K::word, W::none, kProbeFunction}},
    {"nchar", {K::word, W::none, kProbeFunction}},
    {"chr", {K::word, W::none, kProbeFunction}},
    {"ascii", {K::word, W::none, kProbeFunction}},
    {"ord", {K::word, W::none, kProbeFunction}},
    {"unicode", {K::word, W::none, kProbeFunction}},
    {"substring", {K::word, W::none, kProbeFunction}},
    {"substr", {K::word, W::none, kProbeFunction}},
    {"mid", {K::word, W::none, kProbeFunction}},
    {"group_concat", {K::word, W::none, kProbeFunction}},
    {"concat", {K::word, W::none, kProbeFunction}},
    {"concat_ws", {K::word, W::none, kProbeFunction}},
    {"string_agg", {K::word, W::none, kProbeFunction}},
    {"hex", {K::word, W::none, kProbeFunction}},
    {"unhex", {K::word, W::none, kProbeFunction}},
    {"conv", {K::word, W::none, kProbeFunction}},
    {"bin", {K::word, W::none, kProbeFunction}},
    {"rand", {K::word, W::none, kPlainFunction}},
    {"floor", {K::word, W::none, kPlainFunction}},
    {"exp", {K::word, W::none, kPlainFunction}},
    {"pow", {K::word, W::none, kPlainFunction}},
    {"count", {K::word, W::none, kPlainFunction}},
    {"cast", {K::word, W::none, kPlainFunction}},
    {"convert", {K::word, W::none, kPlainFunction}},
    {"length", {K::word, W::none, kPlainFunction}},
    {"len", {K::word, W::none, kPlainFunction}},
    {"char_length", {K::word, W::none, kPlainFunction}},
    {"lower", {K::word, W::none, kPlainFunction}},
    {"upper", {K::word, W::none, kPlainFunction}},
    {"ifnull", {K::word, W::none, kPlainFunction}},
    {"coalesce", {K::word, W::none, kPlainFunction}},
    {"iif", {K::word, W::none, kPlainFunction}},
    {"md5", {K::word, W::none, kPlainFunction}},
    {"sha1", {K::word, W::none, kPlainFunction}},
    {"left", {K::word, W::none, kPlainFunction}},
    {"right", {K::word, W::none, kPlainFunction}},
    {"instr", {K::word, W::none, kPlainFunction}},
    {"locate", {K::word, W::none, kPlainFunction}},
    {"strcmp", {K::word, W::none, kPlainFunction}},
    {"max", {K::word, W::none, kPlainFunction}},
    {"min", {K::word, W::none, kPlainFunction}},
    {"sum", {K::word, W::none, kPlainFunction}},
    {"row", {K::word, W::none, kPlainFunction}},
    {"rtrim", {K::word, W::none, kPlainFunction}},
    {"ltrim", {K::word, W::none, kPlainFunction}},
    {"trim", {K::word, W::none, kPlainFunction}},
    {"nvl", {K::word, W::none, kPlainFunction}},
    {"to_char", {K::word, W::none, kPlainFunction}},
    {"to_number", {K::word, W::none, kPlainFunction}},
    {"json_extract", {K::word, W::none, kPlainFunction}},
};

// The words by a hash of their length and three of their bytes: most words of a text are not in it
// and meet an empty place.
class WordTable {
 public:
  WordTable() {
    static_assert(std::size(kKnownWords) < kSlots / 4);
    for (const KnownWord& word : kKnownWords) {
      size_t at = place_of(word.text);
      while (slots_[at]) at = (at + 1) % kSlots;
      slots_[at] = &word;
    }
  }
  // nullptr: not known.
  const Known* find(std::string_view text) const {
    if (text.size() < 2 || text.size() > kSizeMax) return nullptr;
    for (size_t at = place_of(text); slots_[at]; at = (at + 1) % kSlots)
      if (slots_[at]->text == text) return &slots_[at]->known;
    return nullptr;
  }

 private:
  static constexpr size_t kSlots = 1024;
  static constexpr size_t kSizeMax = 24;
  static size_t place_of(std::string_view text) {
    const auto byte = [&](size_t i) {
      return static_cast<uint32_t>(static_cast<uint8_t>(text[i]));
    };
    const uint32_t mixed =
        byte(0) | byte(1) << 8 | byte(text.size() / 2) << 16 | byte(text.size() - 1) << 24;
    return (mixed * 0x9e3779b1U + static_cast<uint32_t>(text.size()) * 0x85ebca6bU) >> 22;
  }
  std::array<const KnownWord*, kSlots> slots_{};
};

const Known* find_word(std::string_view text) {
  static const WordTable kTable;
  return kTable.find(text);
}

bool is_blank(char c) {
  const auto byte = static_cast<uint8_t>(c);
  return byte <= 0x20 || byte == 0x7f || byte == 0xa0;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || c == '_' || static_cast<uint8_t>(c) >= 0x80;
}
bool is_word(char c) { return is_word_start(c) || is_digit(c) || c == '$'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

class Lexer {
 public:
  Lexer(std::string_view text, SqlTokens& out) : text_(text), out_(out) {}

  void run(SqlContext context) {
    if (context != SqlContext::none)
      take_string(context == SqlContext::single_quote ? '\'' : '"', 0);
    while (at_ < text_.size() && out_.tokens.size() < kSqlTokensMax) take();
  }

 private:
  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : 0; }

  SqlToken& put(SqlKind kind, size_t begin, SqlWord word = SqlWord::none) {
    SqlToken token;
    token.kind = kind, token.word = word;
    token.begin = static_cast<uint32_t>(begin), token.end = static_cast<uint32_t>(at_);
    out_.tokens.push_back(token);
    return out_.tokens.back();
  }

  void take() {
    const char c = peek();
    const size_t begin = at_;
    if (is_blank(c)) return void(++at_);
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return take_number();
    if (is_word_start(c)) return take_word();
    switch (c) {
      case '\'':
      case '"':
        return take_string(c, 1);
      case '`':
        return take_name('`');
      case '[':
        return take_bracket();
      case '@':
      case ':':
        return take_variable();
      case '/':
        return take_slash();
      case '-':
        return take_minus();
      case '#':
        return take_comment(1);
      case '(':
        return ++at_, void(put(SqlKind::open, begin));
      case '{':
        return ++at_, void(put(SqlKind::open, begin));
      case ')':
      case '}':
        return ++at_, void(put(SqlKind::close, begin));
      case ',':
        return ++at_, void(put(SqlKind::comma, begin));
      case '.':
        return ++at_, void(put(SqlKind::dot, begin));
      case ';':
        return ++at_, void(put(SqlKind::semicolon, begin));
      default:
        return take_operator();
    }
  }

  void take_number() {
    const size_t begin = at_;
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'b')) {
      at_ += 2;
      while (is_hex(peek())) ++at_;
    } else {
      while (is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) ++at_;
      if (peek() == '.') ++at_;
      if (peek() == 'e' && (is_digit(peek(1)) || peek(1) == '0')) {  // 1e0
        ++at_;
        while (is_digit(peek())) ++at_;
      }
    }
    // A name that begins with digits; but "1or 1", "1union" are number and keyword in MySQL.
    if (is_word(peek()) && static_cast<uint8_t>(peek()) < 0x80) {
      size_t end = at_;
      while (end < text_.size() && is_word(text_[end])) ++end;
      if (!find_word(text_.substr(at_, end - at_))) {
        at_ = end;
        return void(put(SqlKind::word, begin));
      }
    }
    put(SqlKind::number, begin);
  }

  void take_word() {
    const size_t begin = at_;
    while (is_word(peek()) || (peek() == '\\' && is_word_start(peek(1)))) ++at_;
    const std::string_view text = text_.substr(begin, at_ - begin);
    // n'...' and x'...' are strings.
    if (text.size() == 1 && peek() == '\'' &&
        (text == "n" || text == "x" || text == "b" || text == "e"))
      return take_string('\'', 1);
    const Known* const found = find_word(text);
    if (!found) return void(put(SqlKind::word, begin));
    const Known& known = *found;
    if (known.function != kNoFunction && next_is_parenthesis()) {
      put(SqlKind::function, begin, known.word).function = known.function;
      return;
    }
    put(known.kind, begin, known.word);
  }

  bool next_is_parenthesis() const {
    size_t i = at_;
    while (i < text_.size() && is_blank(text_[i])) ++i;
    if (i + 1 < text_.size() && text_[i] == '/' && text_[i + 1] == '*') {
      const size_t close = text_.find("*/", i + 2);
      if (close == std::string_view::npos) return false;
      i = close + 2;
      while (i < text_.size() && is_blank(text_[i])) ++i;
    }
    return i < text_.size() && text_[i] == '(';
  }

  // From an opening quote (`skip` 1), or from inside a string that was opened before the text.
  void take_string(char quote, size_t skip) {
    const size_t begin = at_;
    at_ += skip;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\' && skip) {
        ++at_;
        continue;
      }
      if (text_[at_] != quote) continue;
      if (skip && peek(1) == quote && peek(2) != '\0' && !is_blank(peek(2)) && is_word(peek(2))) {
        ++at_;  // a doubled quote
        continue;
      }
      ++at_;
      return void(put(SqlKind::string, begin));
    }
    at_ = text_.size();
    put(SqlKind::string, begin).open = true;
  }

  void take_name(char quote) {
    const size_t begin = at_;
    const size_t close = text_.find(quote, at_ + 1);
    at_ = close == std::string_view::npos ? text_.size() : close + 1;
    put(SqlKind::word, begin);
  }

  void take_bracket() {
    const size_t begin = at_;
    size_t end = at_ + 1;
    while (end < text_.size() && (is_word(text_[end]) || text_[end] == ' ')) ++end;
    if (end < text_.size() && text_[end] == ']' && end > at_ + 1) {
      at_ = end + 1;
      return void(put(SqlKind::word, begin));
    }
    ++at_;
    put(SqlKind::other, begin);
  }

  void take_variable() {
    const size_t begin = at_;
    while (peek() == '@' || peek() == ':') ++at_;
    const size_t name = at_;
    while (is_word(peek()) || peek() == '.') ++at_;
    put(at_ > name ? SqlKind::variable : SqlKind::other, begin);
  }

  void take_slash() {
    const size_t begin = at_;
    if (peek(1) != '*') return take_operator();
    if (peek(2) == '!') {  // MySQL runs what is inside
      out_.executable_comment = true;
      at_ += 3;
      while (is_digit(peek())) ++at_;
      return;
    }
    const size_t close = text_.find("*/", at_ + 2);
    if (close == std::string_view::npos) {
      at_ = text_.size();
      return void(put(SqlKind::comment, begin));
    }
    at_ = close + 2;
    out_.inline_comment = true;
  }

  void take_minus() {
    if (peek(1) == '-' && peek(2) != '>') return take_comment(2);
    take_operator();
  }

  void take_comment(size_t skip) {
    const size_t begin = at_;
    at_ += skip;
    const size_t end = text_.find('\n', at_);
    at_ = end == std::string_view::npos ? text_.size() : end;
    put(SqlKind::comment, begin);
  }

  void take_operator() {
    const size_t begin = at_;
    const char c = peek();
    const char d = peek(1);
    if (c == '*' && d == '/') return void(at_ += 2);  // the end of an executable comment
    if ((c == '&' && d == '&') || (c == '|' && d == '|')) {
      at_ += 2;
      return void(put(SqlKind::logic, begin));
    }
    ++at_;
    switch (c) {
      case '=':
      case '<':
      case '>':
      case '!':
      case '^':
      case '~':
        while (peek() == '=' || peek() == '>' || (peek() == '<' && c == '<')) ++at_;
        if (c == '^' || (c == '~' && at_ == begin + 1) || (c == '!' && at_ == begin + 1))
          return void(put(SqlKind::arithmetic, begin));
        return void(put(SqlKind::compare, begin));
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
      case '&':
      case '|':
        return void(put(SqlKind::arithmetic, begin));
      default:
        return void(put(SqlKind::other, begin));
    }
  }

  std::string_view text_;
  SqlTokens& out_;
  size_t at_ = 0;
};

}  // namespace

void lex_sql(std::string_view text, SqlContext context, SqlTokens& out) {
  out.tokens.clear();
  out.inline_comment = out.executable_comment = false;
  Lexer(text, out).run(context);
}

}  // namespace penstock::threat
