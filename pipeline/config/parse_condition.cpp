// Conditions: `[a] == "b" and ([c] or "d" in [e])`. Two oddities of Logstash's own parser are kept,
// because a config means what Logstash makes of it; each adds a warning:
//
// - A list of one item, `["a"]`, reads as a field named `"a"`, quotes included: the grammar tries
//   fields before lists. A list needs two items.
// - After two `and`s an `or` takes only the last of them: `a and b and c or d` means
//   `a and ((b and c) or d)`. The shunting yard of logstash-core's lscl.rb moves one operator where
//   it should move all.
#include <algorithm>

#include "pipeline/config/syntax.h"

namespace penstock {
namespace {

using Op = Expression::Op;
using ExpressionPtr = std::shared_ptr<Expression>;

ExpressionPtr make(Op op, Where where, std::vector<ExpressionPtr> operands = {}) {
  auto made = std::make_shared<Expression>();
  made->op = op;
  made->where = std::move(where);
  made->operands = std::move(operands);
  return made;
}

bool binds_tighter(Op a, Op b) { return a == Op::and_ && b == Op::or_; }

// Makes one expression of terms with operators between them, as lscl.rb does.
ExpressionPtr join(std::vector<ExpressionPtr> terms, const std::vector<Op>& operators) {
  std::vector<ExpressionPtr> done;
  std::vector<Op> waiting;
  const auto apply = [&](Op op) {
    ExpressionPtr right = std::move(done.back());
    done.pop_back();
    ExpressionPtr left = std::move(done.back());
    done.back() = make(op, left->where, {left, std::move(right)});
  };
  done.push_back(std::move(terms[0]));
  for (size_t i = 0; i < operators.size(); ++i) {
    if (!waiting.empty() && binds_tighter(waiting.back(), operators[i])) {
      apply(waiting.back());
      waiting.pop_back();
    }
    waiting.push_back(operators[i]);
    done.push_back(std::move(terms[i + 1]));
  }
  for (; !waiting.empty(); waiting.pop_back()) apply(waiting.back());
  return std::move(done.back());
}

// `and` twice in a row and later an `or`.
bool reads_oddly(const std::vector<Op>& operators) {
  for (size_t i = 1; i < operators.size(); ++i)
    if (operators[i] == Op::and_ && operators[i - 1] == Op::and_)
      return std::find(operators.begin() + static_cast<ptrdiff_t>(i), operators.end(), Op::or_) !=
             operators.end();
  return false;
}

std::string_view without_quotes(std::string_view text) {
  for (const char quote : {'\'', '"'})
    if (text.size() > 1 && text.front() == quote && text.back() == quote)
      text = text.substr(1, text.size() - 2);
  return text;
}

std::string_view trimmed(std::string_view text) {
  const size_t from = text.find_first_not_of(" \t\r\n");
  if (from == text.npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

}  // namespace

ExpressionPtr Syntax::condition() {
  const Nested nested(*this);
  if (too_deep()) return nullptr;
  const Where where = scan_.where();
  std::vector<ExpressionPtr> terms;
  std::vector<Op> operators;
  while (true) {
    scan_.skip_gap();
    terms.push_back(expression());
    if (!terms.back()) return nullptr;
    const size_t after = scan_.position();
    scan_.skip_gap();
    const size_t place = scan_.position();
    Op op;
    if (!boolean_operator(op)) {
      scan_.seek(after);
      break;
    }
    operators.push_back(op);
    if (operators.size() >= kConfigTermsMax) {
      fail_at(place, "a condition of more than " + std::to_string(kConfigTermsMax) + " terms");
      return nullptr;
    }
    const bool alone = std::all_of(operators.begin(), operators.end(),
                                   [](Op o) { return o == Op::and_ || o == Op::or_; });
    if (operators.size() > 1 && !alone)
      fail_at(place, "`xor` and `nand` can't stand with another operator; use parentheses");
  }
  if (reads_oddly(operators))
    tree_.warnings.push_back({Errc::bad_config,
                              "`a and b and c or d` means `a and (b and c or d)` in Logstash, and "
                              "so it does here; use parentheses",
                              where});
  return join(std::move(terms), operators);
}

bool Syntax::boolean_operator(Op& op) {
  if (scan_.take("and"))
    op = Op::and_;
  else if (scan_.take("or"))
    op = Op::or_;
  else if (scan_.take("xor"))
    op = Op::xor_;
  else if (scan_.take("nand"))
    op = Op::nand;
  else
    return false;
  return true;
}

ExpressionPtr Syntax::expression() {
  if (scan_.peek() == '!') return negation();
  if (!scan_.take("(")) return comparison();
  ExpressionPtr inner = condition();
  if (!inner) return nullptr;
  scan_.skip_gap();
  if (scan_.take(")")) return inner;
  fail("`and`, `or` or `)`");
  return nullptr;
}

ExpressionPtr Syntax::negation() {
  const Where where = scan_.where();
  scan_.take("!");
  scan_.skip_gap();
  if (scan_.peek() != '(' && scan_.peek() != '[') {
    fail("`(` or a field like `[a]` after `!`");
    return nullptr;
  }
  const bool parenthesis = scan_.peek() == '(';
  ExpressionPtr inner = parenthesis ? expression() : selector();
  if (!inner && !parenthesis) fail("a field like `[a]` after `!`");
  return inner ? make(Op::not_, where, {std::move(inner)}) : nullptr;
}

ExpressionPtr Syntax::comparison() {
  ExpressionPtr left = rvalue();
  if (!left) return nullptr;
  const size_t after = scan_.position();
  scan_.skip_gap();
  Op op;
  if (!comparison_operator(op)) {
    if (scan_.peek() == '=') {
      fail("`==` or `=~`");
      return nullptr;
    }
    scan_.seek(after);
    if (left->op == Op::field) warn_of_list_read_as_field(*left);
    return left;
  }
  scan_.skip_gap();
  if (op == Op::match || op == Op::not_match) return pattern_match(std::move(left), op);
  ExpressionPtr right = rvalue();
  if (!right) return nullptr;
  ExpressionPtr made = make(op, left->where, {left, std::move(right)});
  for (const auto& operand : made->operands)
    if (operand->op == Op::field) warn_of_list_read_as_field(*operand);
  if (op != Op::in && op != Op::not_in) compare_with_array(*made);
  return made;
}

// Leaves `op` alone and moves nowhere when there is none. `not in` is two words.
bool Syntax::comparison_operator(Op& op) {
  static constexpr std::pair<std::string_view, Op> kOperators[] = {
      {"==", Op::equal},     {"!=", Op::not_equal},  {"=~", Op::match},
      {"!~", Op::not_match}, {"<=", Op::less_equal}, {">=", Op::greater_equal},
      {"<", Op::less},       {">", Op::greater},     {"in", Op::in},
  };
  for (const auto& [text, found] : kOperators) {
    if (!scan_.take(text)) continue;
    op = found;
    return true;
  }
  const size_t start = scan_.position();
  op = Op::not_in;
  if (scan_.take("not") && scan_.skip_gap() && scan_.take("in")) return true;
  scan_.seek(start);
  return false;
}

ExpressionPtr Syntax::pattern_match(ExpressionPtr left, Op op) {
  ExpressionPtr right;
  if (left->op != Op::field && left->op != Op::string) {
    fail_at(scan_.position(), "only a field or a string can be matched with a pattern");
    return nullptr;
  }
  if (scan_.peek() == '/') {
    right = regex_literal();
  } else if (scan_.peek() == '"' || scan_.peek() == '\'') {
    right = string_literal();
    if (right) right->op = Op::regex;
  } else {
    fail("a pattern: /.../ or a string");
  }
  if (!right) return nullptr;
  if (left->op == Op::field) warn_of_list_read_as_field(*left);
  return make(op, left->where, {left, std::move(right)});
}

ExpressionPtr Syntax::rvalue() {
  const char c = scan_.peek();
  if (c == '"' || c == '\'') return string_literal();
  if (c == '/') return regex_literal();
  if (c == '[') {
    const size_t start = scan_.position();
    if (ExpressionPtr field = selector()) return field;
    scan_.seek(start);
    return array_literal();
  }
  const Where where = scan_.where();
  if (const std::string_view digits = scan_.number(); !digits.empty()) {
    ExpressionPtr made = make(Op::number, where);
    made->text = digits;
    return made;
  }
  const std::string word(Scanner(scan_).word());
  fail(word.empty() || word == "and" || word == "or"
           ? "a field like `[a]`, a string, a number or a list"
           : "a condition; a field is written `[" + word + "]`, a text \"" + word + "\"");
  return nullptr;
}

// `[a][b]`; null, without an error, when it isn't one.
ExpressionPtr Syntax::selector() {
  ExpressionPtr made = make(Op::field, scan_.where());
  const size_t start = scan_.position();
  Scanner ahead = scan_;
  while (ahead.peek() == '[') {
    Scanner element = ahead;
    element.take("[");
    while (!element.at_end() && std::string_view("[],").find(element.peek()) == std::string::npos)
      element.seek(element.position() + 1);
    if (element.position() == ahead.position() + 1 || !element.take("]")) break;
    ahead = element;
  }
  if (ahead.position() == start) return nullptr;
  scan_.seek(ahead.position());
  made->text = scan_.slice(start, ahead.position());
  return made;
}

void Syntax::warn_of_list_read_as_field(const Expression& field) {
  const char first = field.text.size() > 2 ? trimmed(field.text).at(1) : '\0';
  if (first != '"' && first != '\'') return;
  tree_.warnings.push_back({Errc::bad_config,
                            "`" + field.text +
                                "` is a field with quotes in its name to Logstash, "
                                "and so it is here; a list needs two items, or compare with `==`",
                            field.where});
}

ExpressionPtr Syntax::string_literal() {
  const size_t start = scan_.position();
  ExpressionPtr made = make(Op::string, scan_.where());
  std::string_view content;
  if (!quoted(content)) return nullptr;
  substituted(content, start, made->text);
  if (content.find("${") == content.npos) return made;
  // A variable may hold its own quotes, or a list: MINE='["a", "b"]'.
  const std::string_view text = without_quotes(made->text);
  if (!text.starts_with('[') || !text.ends_with(']')) {
    made->text = std::string(text);
    return made;
  }
  ExpressionPtr list = make(Op::array, made->where);
  for (std::string_view rest = text.substr(1, text.size() - 2); !rest.empty();) {
    const size_t comma = std::min(rest.find(','), rest.size());
    list->operands.push_back(make(Op::string, made->where));
    list->operands.back()->text = without_quotes(trimmed(rest.substr(0, comma)));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return list;
}

ExpressionPtr Syntax::regex_literal() {
  ExpressionPtr made = make(Op::regex, scan_.where());
  const size_t start = scan_.position();
  std::string_view content;
  if (!scan_.quoted('/', content)) {
    fail_at(start, "this pattern is not closed with `/`");
    return nullptr;
  }
  if (content.find('\n') != content.npos) {
    long_string_from_ = start;
    long_string_to_ = scan_.position();
  }
  made->text = content;
  return made;
}

ExpressionPtr Syntax::array_literal() {
  const Nested nested(*this);
  if (too_deep()) return nullptr;
  ExpressionPtr made = make(Op::array, scan_.where());
  scan_.take("[");
  scan_.skip_gap();
  while (!scan_.take("]")) {
    if (!made->operands.empty()) {
      if (!scan_.take(",")) {
        fail("`,` or `]` in the list");
        return nullptr;
      }
      scan_.skip_gap();
    }
    const std::string_view word = Scanner(scan_).bareword();
    ExpressionPtr item = word.size() > 1 ? make(Op::string, scan_.where()) : rvalue();
    if (!item) return nullptr;
    if (word.size() > 1) item->text = scan_.bareword();
    made->operands.push_back(std::move(item));
    scan_.skip_gap();
  }
  return made;
}

// Logstash compares with a list's first item.
void Syntax::compare_with_array(Expression& comparison) {
  for (auto& operand : comparison.operands) {
    if (operand->op == Op::regex) fail_at(scan_.position(), "a pattern is matched with `=~`");
    while (operand->op == Op::array && !operand->operands.empty() &&
           operand->operands.front()->op == Op::array)
      operand = ExpressionPtr(operand->operands.front());
    if (operand->op != Op::array) continue;
    if (operand->operands.empty()) {
      errors_.push_back({Errc::bad_config, "can't compare with an empty list", operand->where});
      continue;
    }
    tree_.warnings.push_back({Errc::bad_config,
                              "a list is compared by its first item only, as in Logstash; use `in`",
                              operand->where});
    operand = ExpressionPtr(operand->operands.front());
  }
}

}  // namespace penstock
