#define PCRE2_CODE_UNIT_WIDTH 8
#include "pipeline/base/regex.h"

#include <pcre2.h>

#include <algorithm>

namespace penstock {
namespace {

// Groups that a match data block has room for; larger patterns grow it on first use.
constexpr uint32_t kPairsFirst = 64;
constexpr size_t kJitStackMin = 32 << 10;
constexpr size_t kJitStackMax = 1 << 20;

std::string error_text(int code) {
  PCRE2_UCHAR text[256];
  pcre2_get_error_message(code, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

}  // namespace

struct Regex::Code {
  pcre2_code* code = nullptr;
  pcre2_match_context* context = nullptr;
  bool jit = false;
  ~Code() {
    pcre2_match_context_free(context);
    pcre2_code_free(code);
  }
};

struct Regex::Match::Impl {
  pcre2_match_data* data = pcre2_match_data_create(kPairsFirst, nullptr);
  uint32_t pairs = kPairsFirst;
  pcre2_jit_stack* stack = pcre2_jit_stack_create(kJitStackMin, kJitStackMax, nullptr);
  std::string_view subject;
  ~Impl() {
    pcre2_jit_stack_free(stack);
    pcre2_match_data_free(data);
  }
};

Regex::Match::Match() : impl_(std::make_unique<Impl>()) {}
Regex::Match::Match(Match&&) noexcept = default;
Regex::Match& Regex::Match::operator=(Match&&) noexcept = default;
Regex::Match::~Match() = default;

size_t Regex::Match::begin(uint32_t number) const {
  return pcre2_get_ovector_pointer(impl_->data)[2 * number];
}
size_t Regex::Match::end(uint32_t number) const {
  return pcre2_get_ovector_pointer(impl_->data)[2 * number + 1];
}

std::optional<std::string_view> Regex::Match::group(uint32_t number) const {
  const size_t from = begin(number), to = end(number);
  if (from == PCRE2_UNSET) return std::nullopt;
  return impl_->subject.substr(from, std::max(from, to) - from);
}

Regex::~Regex() = default;

Result<std::shared_ptr<const Regex>> Regex::compile(std::string_view pattern, Options options) {
  const uint32_t flags = PCRE2_UTF | PCRE2_MULTILINE | PCRE2_DUPNAMES | PCRE2_NEVER_BACKSLASH_C |
                         (options.ignore_case ? PCRE2_CASELESS : 0);
  int code = 0;
  PCRE2_SIZE at = 0;
  std::shared_ptr<Regex> regex(new Regex);
  regex->code_ = std::make_unique<Code>();
  regex->pattern_ = pattern;
  regex->code_->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                     flags, &code, &at, nullptr);
  if (!regex->code_->code)
    return Error{Errc::bad_config,
                 error_text(code) + " at offset " + std::to_string(at) + " of the expression",
                 {}};
  regex->code_->jit = pcre2_jit_compile(regex->code_->code, PCRE2_JIT_COMPLETE) == 0;
  regex->code_->context = pcre2_match_context_create(nullptr);
  pcre2_set_match_limit(regex->code_->context, options.match_limit);
  pcre2_pattern_info(regex->code_->code, PCRE2_INFO_CAPTURECOUNT, &regex->groups_);
  uint32_t names = 0, entry = 0;
  PCRE2_SPTR table = nullptr;
  pcre2_pattern_info(regex->code_->code, PCRE2_INFO_NAMECOUNT, &names);
  pcre2_pattern_info(regex->code_->code, PCRE2_INFO_NAMEENTRYSIZE, &entry);
  pcre2_pattern_info(regex->code_->code, PCRE2_INFO_NAMETABLE, &table);
  for (uint32_t i = 0; i < names; ++i, table += entry)
    regex->names_.push_back(
        {reinterpret_cast<const char*>(table + 2), uint32_t{table[0]} << 8 | table[1]});
  std::sort(regex->names_.begin(), regex->names_.end(),
            [](const Named& a, const Named& b) { return a.group < b.group; });
  return std::shared_ptr<const Regex>(std::move(regex));
}

Regex::Outcome Regex::search(std::string_view subject, size_t from, Match& match) const {
  Match::Impl& impl = *match.impl_;
  if (groups_ + 1 > impl.pairs) {
    pcre2_match_data_free(impl.data);
    impl.pairs = groups_ + 1;
    impl.data = pcre2_match_data_create(impl.pairs, nullptr);
  }
  impl.subject = subject;
  // The stack belongs to the Match and not to the shared context, which must stay untouched.
  const int found =
      pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(subject.data()), subject.size(), from,
                  PCRE2_NO_UTF_CHECK, impl.data, code_->context);
  if (found >= 0) return Outcome::match;
  return found == PCRE2_ERROR_NOMATCH ? Outcome::no_match : Outcome::limit;
}

}  // namespace penstock
