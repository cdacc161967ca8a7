// Which rule wins: publicsuffix-ruby (list.rb, rule.rb), which follows publicsuffix.org/list.
#include "filters/tld/suffix_list.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "pipeline/base/text.h"

namespace penstock::tld {
namespace {

uint32_t count_labels(std::string_view text) {
  return static_cast<uint32_t>(std::count(text.begin(), text.end(), '.')) + 1;
}

}  // namespace

Result<std::shared_ptr<const SuffixList>> SuffixList::load(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return io_error(path + ": can't be read");
  return parse(std::string{std::istreambuf_iterator<char>(in), {}});
}

Result<std::shared_ptr<const SuffixList>> SuffixList::parse(std::string_view text) {
  if (!is_utf8(text)) return Error{Errc::bad_data, "the list isn't UTF-8", {}};
  auto out = std::make_shared<SuffixList>();
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (const auto rule = trim(line); !rule.empty() && !rule.starts_with("//")) out->add(rule);
  }
  if (out->rules_.empty()) return Error{Errc::bad_data, "the list has no rules", {}};
  return std::shared_ptr<const SuffixList>(std::move(out));
}

void SuffixList::add(std::string_view line) {
  Rule rule;
  if (line.starts_with('*')) {
    rule.kind = Rule::Kind::wildcard;
    line.remove_prefix(std::min<size_t>(2, line.size()));
  } else if (line.starts_with('!')) {
    rule.kind = Rule::Kind::exception;
    line.remove_prefix(1);
  }
  const uint32_t labels = count_labels(line);
  rule.length = labels + (rule.kind == Rule::Kind::wildcard ? 1 : 0);
  labels_max_ = std::max(labels_max_, labels);
  rules_[std::string(line)] = rule;
}

std::optional<std::string_view> SuffixList::suffix_of(std::string_view name) const {
  const Rule* best = nullptr;
  std::string_view best_value;
  size_t dot = name.size();
  for (uint32_t labels = 0; labels < labels_max_ && dot != name.npos && dot > 0; ++labels) {
    dot = name.rfind('.', dot - 1);
    const std::string_view value = dot == name.npos ? name : name.substr(dot + 1);
    const auto found = rules_.find(value);
    if (found == rules_.end()) continue;
    const bool exception = found->second.kind == Rule::Kind::exception;
    if (best && !exception && best->length > found->second.length) continue;
    best = &found->second;
    best_value = value;
    if (exception) break;
  }
  return best ? apply(*best, name, best_value) : std::nullopt;
}

std::optional<std::string_view> SuffixList::apply(const Rule& rule, std::string_view name,
                                                  std::string_view value) {
  size_t begin = name.size() - value.size();
  if (rule.kind == Rule::Kind::exception) {
    const size_t dot = value.find('.');
    return dot == value.npos ? std::nullopt : std::optional(value.substr(dot + 1));
  }
  if (rule.kind == Rule::Kind::wildcard) {  // one label more
    if (begin < 2) return std::nullopt;
    const size_t dot = name.rfind('.', begin - 2);
    if (dot == name.npos) return std::nullopt;
    begin = dot + 1;
  }
  // Something must stand before the suffix.
  if (begin == 0) return std::nullopt;
  return name.substr(begin);
}

}  // namespace penstock::tld
