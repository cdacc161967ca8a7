// The semantics are uap-core's (docs/specification.md): in each of the three lists the first rule
// that matches holds; a replacement's $1..$9 are groups; without a replacement group 1 is the
// family, 2 to 5 the version's parts; what is blank is missing.
#include "filters/useragent/rules.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <array>
#include <atomic>
#include <bit>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <sstream>

#include "filters/useragent/prefilter.h"
#include "pipeline/base/text.h"

namespace penstock {
namespace {

constexpr size_t kFileBytesMax = size_t{8} << 20;
constexpr size_t kRulesMax = 20'000;

// A user agent's expressions are simple; one that isn't may not hold a worker.
constexpr uint32_t kMatchLimit = 100'000;
constexpr uint32_t kTimeLimitMs = 100;

constexpr std::array<std::string_view, 3> kLists = {"user_agent_parsers", "os_parsers",
                                                    "device_parsers"};
constexpr size_t kParts = 5;  // family and the version's four
constexpr std::array<std::array<std::string_view, kParts>, 3> kReplacements = {{
    {"family_replacement", "v1_replacement", "v2_replacement", "v3_replacement", "v4_replacement"},
    {"os_replacement", "os_v1_replacement", "os_v2_replacement", "os_v3_replacement",
     "os_v4_replacement"},
    {"device_replacement", "", "", "", ""},
}};

struct Rule {
  std::string expression;
  bool ignore_case = false;
  int line = 0;
  std::array<std::optional<std::string>, kParts> replacements;
};

struct RuleList {
  std::vector<Rule> rules;
  LiteralFilter filter;
  // One for each rule. release: pairs with acquire in regex_of().
  std::unique_ptr<std::atomic<const Regex*>[]> compiled;
};

// Takes the file's events apart: a map of lists of flat maps; anything else is an error.
class Reader : public YAML::EventHandler {
 public:
  explicit Reader(std::array<RuleList, 3>& lists) : lists_(lists) {}
  std::string error;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    OnScalar(mark, "", anchor, "");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { fail(mark, "an alias"); }

  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string& value) override {
    if (depth_ == 1) {
      list_ = nullptr;
      for (size_t i = 0; i < kLists.size(); ++i)
        if (value == kLists[i]) {
          list_ = &lists_[i];
          names_ = &kReplacements[i];
        }
    } else if (depth_ == 3 && list_) {
      if (key_.empty()) {
        key_ = value;
      } else {
        set(mark, value);
        key_.clear();
      }
    }
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    if (++depth_ != 2 && list_) fail(mark, "a list");
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    ++depth_;
    if (depth_ == 2 || depth_ > 3) {
      if (list_) fail(mark, "a map");
    } else if (depth_ == 3 && list_) {
      if (list_->rules.size() >= kRulesMax) fail(mark, "one rule too many");
      list_->rules.emplace_back();
      list_->rules.back().line = mark.line + 1;
      key_.clear();
    }
  }
  void OnMapEnd() override {
    if (depth_-- == 3 && list_ && list_->rules.back().expression.empty() && error.empty())
      error = fmt::format("line {}: a rule without `regex`", list_->rules.back().line);
  }

 private:
  void fail(const YAML::Mark& mark, std::string_view what) {
    if (error.empty()) error = fmt::format("line {}: {} is out of place", mark.line + 1, what);
  }

  void set(const YAML::Mark& mark, const std::string& value) {
    Rule& rule = list_->rules.back();
    if (key_ == "regex") {
      rule.expression = value;
      rule.line = mark.line + 1;
    }
    if (key_ == "regex_flag") rule.ignore_case = value == "i";
    for (size_t i = 0; i < kParts; ++i)
      if (key_ == (*names_)[i]) rule.replacements[i] = value;
  }

  std::array<RuleList, 3>& lists_;
  RuleList* list_ = nullptr;
  const std::array<std::string_view, kParts>* names_ = nullptr;
  unsigned depth_ = 0;
  std::string key_;
};

// The library throws; here it stops.
std::string read_yaml(const std::string& yaml, std::array<RuleList, 3>& lists) {
  try {
    std::istringstream in(yaml);
    YAML::Parser parser(in);
    Reader reader(lists);
    parser.HandleNextDocument(reader);
    return reader.error;
  } catch (const std::exception& error) {
    return error.what();
  }
}

std::string expanded(std::string_view replacement, const Regex& regex, const Regex::Match& match) {
  std::string out;
  for (size_t i = 0; i < replacement.size(); ++i) {
    const bool group = replacement[i] == '$' && i + 1 < replacement.size() &&
                       replacement[i + 1] >= '1' && replacement[i + 1] <= '9';
    if (!group) {
      out += replacement[i];
      continue;
    }
    const auto number = static_cast<uint32_t>(replacement[++i] - '0');
    if (number <= regex.groups()) out += match.group(number).value_or("");
  }
  return std::string(trim(out));
}

std::optional<std::string> part(const Rule& rule, size_t index, const Regex& regex,
                                const Regex::Match& match) {
  const auto& replacement = rule.replacements[index];
  if (replacement) {
    std::string text = expanded(*replacement, regex, match);
    if (text.empty()) return std::nullopt;
    return text;
  }
  const auto group = static_cast<uint32_t>(index + 1);
  if (group > regex.groups()) return std::nullopt;
  const auto text = match.group(group);
  if (!text || text->empty()) return std::nullopt;
  return std::string(*text);
}

}  // namespace

struct UserAgentRules::Impl {
  std::array<RuleList, 3> lists;
  mutable std::mutex mutex;  // held_
  mutable std::vector<std::shared_ptr<const Regex>> held;

  const Regex* regex_of(const RuleList& list, size_t index) const {
    auto& slot = list.compiled[index];
    if (const Regex* known = slot.load(std::memory_order_acquire)) return known;
    const Rule& rule = list.rules[index];
    Regex::Options options;
    options.dialect = Regex::Dialect::perl;
    options.ignore_case = rule.ignore_case;
    options.match_limit = kMatchLimit;
    options.time_limit_ms = kTimeLimitMs;
    auto made = Regex::compile(rule.expression, options);
    if (!made.ok()) return nullptr;
    std::lock_guard lock(mutex);
    if (const Regex* known = slot.load(std::memory_order_acquire)) return known;
    held.push_back(std::move(made).value());
    slot.store(held.back().get(), std::memory_order_release);
    return held.back().get();
  }

  // The first rule that matches; its parts. False: none.
  bool first(const RuleList& list, std::string_view text, Regex::Match& match,
             std::array<std::optional<std::string>, kParts>& parts) const {
    thread_local std::vector<uint64_t> bits;
    list.filter.candidates(text, bits);
    for (size_t word = 0; word < bits.size(); ++word) {
      for (uint64_t rest = bits[word]; rest; rest &= rest - 1) {
        const size_t index = word * 64 + static_cast<size_t>(std::countr_zero(rest));
        const Regex* regex = regex_of(list, index);
        if (!regex || regex->search(text, match) != Regex::Outcome::match) continue;
        parts[0] = part(list.rules[index], 0, *regex, match);
        if (!parts[0]) continue;
        for (size_t i = 1; i < kParts; ++i) parts[i] = part(list.rules[index], i, *regex, match);
        return true;
      }
    }
    return false;
  }
};

UserAgentRules::UserAgentRules() : impl_(std::make_unique<Impl>()) {}
UserAgentRules::~UserAgentRules() = default;

Result<std::shared_ptr<const UserAgentRules>> UserAgentRules::parse(const std::string& yaml) {
  const auto wrong = [](std::string message) {
    return Error{Errc::bad_data, std::move(message), {}};
  };
  std::shared_ptr<UserAgentRules> out(new UserAgentRules);
  if (!is_utf8(yaml)) return wrong("it is not UTF-8");
  if (std::string error = read_yaml(yaml, out->impl_->lists); !error.empty())
    return wrong(std::move(error));
  for (size_t i = 0; i < kLists.size(); ++i) {
    RuleList& list = out->impl_->lists[i];
    if (list.rules.empty()) return wrong(fmt::format("`{}` is missing or empty", kLists[i]));
    for (const Rule& rule : list.rules) list.filter.add(rule.expression);
    list.filter.finish();
    list.compiled = std::make_unique<std::atomic<const Regex*>[]>(list.rules.size());
  }
  return std::shared_ptr<const UserAgentRules>(std::move(out));
}

Result<std::shared_ptr<const UserAgentRules>> UserAgentRules::load(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return io_error(fmt::format("{}: {}", path, error.message()));
  if (size > kFileBytesMax) return io_error(path + " is too large");
  std::ifstream in(path, std::ios::binary);
  auto parsed = parse(std::string{std::istreambuf_iterator<char>(in), {}});
  if (!parsed.ok()) return Error{Errc::bad_data, path + ": " + parsed.error().message, {}};
  return parsed;
}

size_t UserAgentRules::size() const {
  size_t total = 0;
  for (const RuleList& list : impl_->lists) total += list.rules.size();
  return total;
}

std::string_view UserAgentRules::looked_at(std::string_view text) {
  if (text.size() <= kTextBytesMax) return text;
  size_t cut = kTextBytesMax;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return text.substr(0, cut);
}

UserAgent UserAgentRules::match(std::string_view text, Regex::Match& match) const {
  text = looked_at(text);
  UserAgent out;
  for (size_t i = 0; i < 2; ++i) {
    std::array<std::optional<std::string>, kParts> parts;
    if (!impl_->first(impl_->lists[i], text, match, parts)) continue;
    UserAgentVersion& to = i == 0 ? out.agent : out.os;
    to = {std::move(*parts[0]), std::move(parts[1]), std::move(parts[2]), std::move(parts[3]),
          std::move(parts[4])};
  }
  std::array<std::optional<std::string>, kParts> parts;
  if (impl_->first(impl_->lists[2], text, match, parts)) out.device = std::move(*parts[0]);
  return out;
}

}  // namespace penstock
