#include "filters/grok/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "pipeline/base/text.h"

namespace penstock {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "NUMBER:bytes:int" -> bytes, int. A name without a colon is its own field.
struct CaptureName {
  std::string_view field;
  GrokCast cast = GrokCast::none;
};
CaptureName parse_name(std::string_view name) {
  const size_t first = name.find(':');
  if (first == name.npos) return {name};
  std::string_view field = name.substr(first + 1), cast;
  if (const size_t second = field.find(':'); second != field.npos) {
    cast = field.substr(second + 1);
    cast = cast.substr(0, cast.find(':'));
    field = field.substr(0, second);
  }
  if (field.empty()) field = name.substr(0, first);
  if (cast == "int") return {field, GrokCast::integer};
  if (cast == "float") return {field, GrokCast::real};
  return {field};
}

Result<FieldRef> captured_field(std::string_view field, const std::string& target) {
  if (target.empty()) return FieldRef::parse(field);
  const bool bracketed = field.starts_with('[');
  return FieldRef::parse(target + (bracketed ? std::string(field) : fmt::format("[{}]", field)));
}

// The regular expression of equal text is compiled once for all workers and filters.
Result<std::shared_ptr<const Regex>> shared_regex(const std::string& expanded,
                                                  const GrokExpressionOptions& options,
                                                  SharedResources& resources) {
  const std::string key = fmt::format("grok/regex/{}/{}", options.time_limit_ms, expanded);
  return resources.get<Regex>(key, [&] {
    Regex::Options regex;
    regex.dot_all = true;  // grok's patterns are compiled with Regexp::MULTILINE
    regex.time_limit_ms = options.time_limit_ms;
    return Regex::compile(expanded, regex);
  });
}

}  // namespace

Result<GrokExpression> GrokExpression::compile(std::string_view pattern,
                                               const GrokDictionary& dictionary,
                                               const GrokExpressionOptions& options,
                                               SharedResources& resources) {
  TRY(const std::string expanded, dictionary.expand(pattern, options.named_captures_only));
  GrokExpression out;
  TRY(out.regex, shared_regex(expanded, options, resources));
  // Names in the order of their first group, each with all its groups.
  std::vector<std::string_view> order;
  for (const Regex::Named& named : out.regex->names())
    if (std::find(order.begin(), order.end(), named.name) == order.end())
      order.push_back(named.name);
  for (const std::string_view name : order) {
    const CaptureName parsed = parse_name(name);
    TRY(const FieldRef field, captured_field(parsed.field, options.target));
    const bool overwrite = std::find(options.overwrite.begin(), options.overwrite.end(),
                                     parsed.field) != options.overwrite.end();
    for (const Regex::Named& named : out.regex->names())
      if (named.name == name) out.captures.push_back({named.group, parsed.cast, overwrite, field});
  }
  return out;
}

Value grok_integer(std::string_view text, Arena& arena) {
  text = trim(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  text = text.substr(0, digits);
  while (text.size() > 1 && text[0] == '0') text.remove_prefix(1);
  if (text.empty()) return Value::of_integer(0);
  int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec == std::errc()) return Value::of_integer(negative ? -value : value);
  if (!negative) return Value::raw_number(text, false);
  return Value::raw_number(arena.copy(fmt::format("-{}", text)), false);
}

Value grok_real(std::string_view text) {
  text = trim(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const bool number = !text.empty() && (is_digit(text[0]) ||
                                        (text.size() > 1 && text[0] == '.' && is_digit(text[1])));
  double value = 0;
  if (number) std::from_chars(text.data(), text.data() + text.size(), value);
  return Value::of_real(negative ? -value : value);
}

}  // namespace penstock
