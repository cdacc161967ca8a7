#define PCRE2_CODE_UNIT_WIDTH 8
#include "pipeline/base/regex.h"

#include <fmt/format.h>
#include <pcre2.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <mutex>

#include "pipeline/base/check.h"
#include "pipeline/base/regex_literals.h"

namespace penstock {
namespace {

// Groups that a match data block has room for; larger patterns grow it on first use.
constexpr uint32_t kPairsFirst = 64;
constexpr size_t kJitStackMin = 32 << 10;
constexpr size_t kJitStackMax = 1 << 20;
constexpr uint32_t kHeapLimitKib = 64 << 10;  // of the interpreter

// The first call's steps, over all starting places: about 0.1 s.
constexpr size_t kFirstSteps = 20'000'000;
constexpr size_t kFirstStepsMin = 1'000;  // per starting place
// Beyond this a scan to the end from each starting place, which costs no step, takes too long.
constexpr size_t kFirstBytesMax = 16 << 10;

// Starting places of the first slice; the number follows the time that slices take.
constexpr size_t kSliceFirst = 8;
constexpr auto kSliceShort = std::chrono::milliseconds(1);
constexpr auto kSliceLong = std::chrono::milliseconds(10);

std::string error_text(int code) {
  PCRE2_UCHAR text[256];
  pcre2_get_error_message(code, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

PCRE2_SPTR units(std::string_view text) {
  static constexpr char kEmpty[] = "";
  return reinterpret_cast<PCRE2_SPTR>(text.data() ? text.data() : kEmpty);
}

// One JIT stack per thread, made at its first search; compiled code and contexts know none.
struct JitStack {
  pcre2_jit_stack* stack = pcre2_jit_stack_create(kJitStackMin, kJitStackMax, nullptr);
  ~JitStack() { pcre2_jit_stack_free(stack); }
};
pcre2_jit_stack* thread_stack(void*) {
  thread_local JitStack held;
  return held.stack;
}

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

struct Regex::Code {
  pcre2_code* code = nullptr;
  bool jit = false;
  bool anchored = false;
  std::string pattern;  // PCRE2's
  uint32_t flags = 0;

  // The same expression for searches in slices; most never need one. Any thread.
  mutable std::once_flag sliced_once;
  mutable pcre2_code* sliced = nullptr;

  const pcre2_code* for_slices() const {
    std::call_once(sliced_once, [&] {
      int error = 0;
      PCRE2_SIZE at = 0;
      sliced = pcre2_compile(units(pattern), pattern.size(), flags | PCRE2_USE_OFFSET_LIMIT, &error,
                             &at, nullptr);
      CHECK(sliced != nullptr, "the expression compiled before");
      pcre2_jit_compile(sliced, PCRE2_JIT_COMPLETE);
    });
    return sliced;
  }
  ~Code() {
    pcre2_code_free(sliced);
    pcre2_code_free(code);
  }
};

struct Regex::Match::Impl {
  pcre2_match_data* data = pcre2_match_data_create(kPairsFirst, nullptr);
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  uint32_t pairs = kPairsFirst;
  uint32_t match_limit = 0;
  std::string_view subject;

  Impl() {
    pcre2_jit_stack_assign(context, thread_stack, nullptr);
    pcre2_set_heap_limit(context, kHeapLimitKib);
  }
  ~Impl() {
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
  }
};

Regex::Match::Match()
    : impl_(std::make_unique<Impl>()), offsets_(pcre2_get_ovector_pointer(impl_->data)) {}
Regex::Match::Match(Match&&) noexcept = default;
Regex::Match& Regex::Match::operator=(Match&&) noexcept = default;
Regex::Match::~Match() = default;

size_t Regex::Match::begin(uint32_t number) const { return offsets_[2 * number]; }
size_t Regex::Match::end(uint32_t number) const { return offsets_[2 * number + 1]; }

std::optional<std::string_view> Regex::Match::group(uint32_t number) const {
  const size_t from = begin(number), to = end(number);
  if (from == PCRE2_UNSET) return std::nullopt;
  return impl_->subject.substr(from, std::max(from, to) - from);
}

Regex::~Regex() = default;

bool Regex::has_jit() const { return code_->jit; }

Result<std::shared_ptr<const Regex>> Regex::compile(std::string_view pattern, Options options) {
  std::shared_ptr<Regex> regex(new Regex);
  regex->options_ = options;
  regex->pattern_ = pattern;
  regex->code_ = std::make_unique<Code>();
  Code& code = *regex->code_;
  code.pattern = pattern;
  code.flags = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | (options.ignore_case ? PCRE2_CASELESS : 0) |
               (options.dot_all ? PCRE2_DOTALL : 0);
  if (options.dialect == Dialect::ruby) {
    TRY(TranslatedRegex translated, translate_ruby_regex(pattern, options.ignore_case));
    code.pattern = std::move(translated.pattern);
    code.flags |= PCRE2_MULTILINE | PCRE2_UCP;
    regex->names_ = std::move(translated.names);
  }
  int error = 0;
  PCRE2_SIZE at = 0;
  code.code =
      pcre2_compile(units(code.pattern), code.pattern.size(), code.flags, &error, &at, nullptr);
  if (!code.code) return Error{Errc::bad_config, error_text(error), {}};
  code.jit = pcre2_jit_compile(code.code, PCRE2_JIT_COMPLETE) == 0;
  if (!options.ignore_case)
    if (const auto needed = required_literals(pattern, false); needed.size() == 1)
      regex->required_ = needed[0];
  pcre2_pattern_info(code.code, PCRE2_INFO_CAPTURECOUNT, &regex->groups_);
  uint32_t all_options = 0;
  pcre2_pattern_info(code.code, PCRE2_INFO_ALLOPTIONS, &all_options);
  code.anchored = (all_options & PCRE2_ANCHORED) != 0;
  return std::shared_ptr<const Regex>(std::move(regex));
}

int Regex::run(const void* code, std::string_view subject, size_t from, uint32_t match_limit,
               Match& match) const {
  Match::Impl& impl = *match.impl_;
  const auto* compiled = static_cast<const pcre2_code*>(code);
  if (match_limit != impl.match_limit) {
    pcre2_set_match_limit(impl.context, match_limit);
    impl.match_limit = match_limit;
  }
  int found = PCRE2_ERROR_JIT_STACKLIMIT;
  if (code_->jit)
    found = pcre2_jit_match(compiled, units(subject), subject.size(), from, PCRE2_NO_UTF_CHECK,
                            impl.data, impl.context);
  if (found == PCRE2_ERROR_JIT_STACKLIMIT)
    found = pcre2_match(compiled, units(subject), subject.size(), from,
                        PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, impl.data, impl.context);
  return found;
}

Regex::Outcome Regex::search(std::string_view subject, size_t from, Match& match) const {
  Match::Impl& impl = *match.impl_;
  if (from > subject.size()) return Outcome::no_match;
  if (!required_.empty() &&
      !memmem(subject.data() + from, subject.size() - from, required_.data(), required_.size()))
    return Outcome::no_match;
  if (groups_ + 1 > impl.pairs) {
    pcre2_match_data_free(impl.data);
    impl.pairs = groups_ + 1;
    impl.data = pcre2_match_data_create(impl.pairs, nullptr);
    match.offsets_ = pcre2_get_ovector_pointer(impl.data);
  }
  impl.subject = subject;
  const size_t length = subject.size() - from;
  if (length > kFirstBytesMax && !code_->anchored) return search_in_slices(subject, from, match);
  // A power of two, so that lines of like length share one limit.
  const size_t share = std::max(kFirstSteps >> std::bit_width(length), kFirstStepsMin);
  const auto limit = static_cast<uint32_t>(std::min<size_t>(share, options_.match_limit));
  const int found = run(code_->code, subject, from, limit, match);
  if (found >= 0) return Outcome::match;
  if (found == PCRE2_ERROR_NOMATCH) return Outcome::no_match;
  if (found != PCRE2_ERROR_MATCHLIMIT || limit == options_.match_limit) return Outcome::limit;
  return search_in_slices(subject, from, match);
}

Regex::Outcome Regex::search_in_slices(std::string_view subject, size_t from, Match& match) const {
  using SteadyClock = std::chrono::steady_clock;
  const pcre2_code* code = code_->for_slices();
  const auto begun = SteadyClock::now();
  auto before = begun;
  size_t starts = kSliceFirst;
  for (size_t first = from;;) {
    // `last` is the last starting place of the slice.
    const size_t last = subject.size() - first < starts ? subject.size() : first + starts - 1;
    pcre2_set_offset_limit(match.impl_->context, last);
    const int found = run(code, subject, first, options_.match_limit, match);
    if (found >= 0) return Outcome::match;
    if (found != PCRE2_ERROR_NOMATCH) return Outcome::limit;
    if (last == subject.size()) return Outcome::no_match;
    first = last + 1;
    while (first < subject.size() && continues_character(subject[first])) ++first;
    const auto now = SteadyClock::now();
    if (now - begun > std::chrono::milliseconds(options_.time_limit_ms)) return Outcome::limit;
    if (now - before < kSliceShort) starts *= 2;
    if (now - before > kSliceLong) starts = std::max<size_t>(starts / 8, 1);
    before = now;
  }
}

}  // namespace penstock
