#include "filters/kv/splitter.h"
#include "pipeline/base/regex.h"

namespace penstock::kv {
namespace {

class PatternSplitter : public Splitter {
 public:
  PatternSplitter(std::shared_ptr<const Regex> pair, std::shared_ptr<const Regex> split)
      : pair_(std::move(pair)), split_(std::move(split)) {}

  bool has_split(std::string_view text) override {
    return split_->search(text, match_) != Regex::Outcome::no_match;
  }

  Outcome next(std::string_view text, size_t& at, Pair& pair) override {
    const auto outcome = pair_->search(text, at, match_);
    if (outcome == Regex::Outcome::limit) return Outcome::limit;
    if (outcome == Regex::Outcome::no_match) return Outcome::end;
    at = match_.end();
    pair.key = match_.group(1).value_or("");
    // As in Logstash the first group that took part, even one of the user's own.
    pair.value = {};
    for (uint32_t i = 2; i <= pair_->groups(); ++i) {
      if (const auto value = match_.group(i)) {
        pair.value = *value;
        break;
      }
    }
    return Outcome::pair;
  }

 private:
  std::shared_ptr<const Regex> pair_;
  std::shared_ptr<const Regex> split_;
  Regex::Match match_;
};

std::string quoted(std::string_view open, std::string_view close) {
  return std::string(open) + "((?:\\\\.|[^" + std::string(close) + "])+)?" + std::string(close);
}

std::string until_class(const std::string& inside) { return "((?:\\\\.|[^" + inside + "])+)"; }

std::string until_pattern(const std::string& pattern) {
  return "((?:(?!" + pattern + ")(?:\\\\.|.))+)";
}

std::string group(const std::string& pattern) { return "(?:" + pattern + ")"; }

}  // namespace

Result<std::unique_ptr<Splitter>> make_pattern_splitter(const SplitOptions& options) {
  const bool given_field = !options.field_split_pattern.empty();
  const bool given_value = !options.value_split_pattern.empty();
  const std::string field =
      group(given_field ? options.field_split_pattern : "[" + options.field_split + "]");
  std::string split =
      group(given_value ? options.value_split_pattern : "[" + options.value_split + "]");
  if (options.lenient) split = group(" *" + split + " *");

  const std::string key = given_field || given_value
                              ? until_pattern(group(split + "|" + field))
                              : until_class(options.value_split + options.field_split);
  std::string value = quoted("\"", "\"") + "|" + quoted("'", "'");
  if (options.include_brackets)
    value += "|" + quoted("\\(", "\\)") + "|" + quoted("\\[", "\\]") + "|" + quoted("<", ">");
  value += "|" + (given_field ? until_pattern(field) : until_class(options.field_split));

  TRY(auto split_regex, Regex::compile(split));
  TRY(auto pair_regex, Regex::compile(key + split + group(value) + "?(?:" + field + "|$)"));
  return std::unique_ptr<Splitter>(
      std::make_unique<PatternSplitter>(std::move(pair_regex), std::move(split_regex)));
}

Result<std::unique_ptr<Splitter>> Splitter::make(const SplitOptions& options) {
  if (auto by_hand = make_class_splitter(options)) return by_hand;
  return make_pattern_splitter(options);
}

}  // namespace penstock::kv
