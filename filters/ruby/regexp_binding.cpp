// Regexp, on the project's Regex: Ruby's syntax, bounded in time.
#include <fmt/format.h>

#include "filters/ruby/regexp.h"
#include "filters/support/characters.h"
#include "pipeline/base/text.h"

namespace penstock::ruby {
namespace {

constexpr uint32_t kIgnoreCase = 1, kExtended = 2, kMultiline = 4;

void release_regexp(mrb_state* mrb, void* data) {
  if (!data) return;
  Native native(mrb);
  --static_cast<RegexEntry*>(data)->uses;
}
const mrb_data_type kRegexpType = {"Regexp", release_regexp};

void drop_unused(State& state) {
  std::erase_if(state.regexes, [](const auto& item) { return item.second->uses == 0; });
}

const char* const kTooMany = "too many different regular expressions";

// Leaves the reason of a failure in scratch_text.
RegexEntry* compiled(mrb_state* mrb, std::string_view source, uint32_t flags) {
  Native native(mrb);
  State& state = state_of(mrb);
  std::string key(1, static_cast<char>('0' + flags));
  key.append(source);
  if (const auto known = state.regexes.find(key); known != state.regexes.end())
    return known->second.get();
  if (state.regexes.size() >= kRegexesMax) drop_unused(state);
  state.scratch_text = kTooMany;
  if (state.regexes.size() >= kRegexesMax) return nullptr;
  Regex::Options options;
  options.ignore_case = (flags & kIgnoreCase) != 0;
  options.dot_all = (flags & kMultiline) != 0;
  const std::string pattern =
      flags & kExtended ? fmt::format("(?x:{}\n)", source) : std::string(source);
  auto made = Regex::compile(pattern, options);
  if (!made.ok() || made.value()->groups() > kGroupsMax) {
    state.scratch_text =
        fmt::format("{}: /{}/", made.ok() ? "too many groups" : made.error().message, source);
    return nullptr;
  }
  auto entry = std::make_unique<RegexEntry>();
  entry->regex = std::move(made).value();
  entry->source = source;
  entry->flags = flags;
  return state.regexes.emplace(std::move(key), std::move(entry)).first->second.get();
}

mrb_value wrap(mrb_state* mrb, RegexEntry* entry) {
  RData* const data =
      mrb_data_object_alloc(mrb, state_of(mrb).classes.regexp, nullptr, &kRegexpType);
  data->data = entry;
  ++entry->uses;
  return mrb_obj_value(data);
}

mrb_value compile_or_raise(mrb_state* mrb, std::string_view source, uint32_t flags) {
  RegexEntry* const entry = compiled(mrb, source, flags);
  if (!entry)
    raise_text(mrb, state_of(mrb).classes.regexp_error, state_of(mrb).scratch_text.c_str());
  return wrap(mrb, entry);
}

uint32_t flags_of(mrb_value options) {
  if (mrb_integer_p(options)) return static_cast<uint32_t>(mrb_integer(options)) & 7;
  if (!mrb_string_p(options)) return mrb_test(options) ? kIgnoreCase : 0;
  uint32_t flags = 0;
  for (const char c : view(options))
    flags |= c == 'i' ? kIgnoreCase : c == 'x' ? kExtended : c == 'm' ? kMultiline : 0;
  return flags;
}

// Literals come here too: mruby compiles /x/i to Regexp.compile("x", "i", nil).
mrb_value regexp_compile(mrb_state* mrb, mrb_value) {
  mrb_value source, options = mrb_nil_value(), encoding;
  mrb_get_args(mrb, "o|oo", &source, &options, &encoding);
  if (regexp_of(mrb, source)) return source;
  if (!mrb_string_p(source))
    mrb_raisef(mrb, E_TYPE_ERROR, "wrong argument type %T (expected Regexp)", source);
  return compile_or_raise(mrb, view(source), flags_of(options));
}

bool is_special(char c) {
  return std::string_view(".*?+^$|\\()[]{}-# ").find(c) != std::string::npos;
}

void append_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    const size_t control = std::string_view("\n\t\r\f\v").find(c);
    if (control != std::string_view::npos) {
      out.push_back('\\');
      out.push_back("ntrfv"[control]);
      continue;
    }
    if (is_special(c)) out.push_back('\\');
    out.push_back(c);
  }
}

mrb_value regexp_escape(mrb_state* mrb, mrb_value) {
  mrb_value text;
  mrb_get_args(mrb, "o", &text);
  text = mrb_obj_as_string(mrb, text);
  State& state = state_of(mrb);
  {
    Native native(mrb);
    state.scratch_text.clear();
    append_escaped(view(text), state.scratch_text);
  }
  return make_string(mrb, state.scratch_text);
}

// "(?i-mx:source)"
std::string embedded(const RegexEntry& entry) {
  std::string on, off;
  for (const auto& [flag, letter] :
       {std::pair(kMultiline, 'm'), std::pair(kIgnoreCase, 'i'), std::pair(kExtended, 'x')})
    (entry.flags & flag ? on : off).push_back(letter);
  return fmt::format("(?{}{}{}:{})", on, off.empty() ? "" : "-", off, entry.source);
}

RegexEntry& entry_of(mrb_state* mrb, mrb_value self) {
  RegexEntry* const entry = regexp_of(mrb, self);
  if (!entry) raise_text(mrb, E_TYPE_ERROR, "an uninitialized Regexp");
  return *entry;
}

mrb_value regexp_to_s(mrb_state* mrb, mrb_value self) {
  const RegexEntry& entry = entry_of(mrb, self);
  State& state = state_of(mrb);
  {
    Native native(mrb);
    state.scratch_text = embedded(entry);
  }
  return make_string(mrb, state.scratch_text);
}

mrb_value regexp_inspect(mrb_state* mrb, mrb_value self) {
  const RegexEntry& entry = entry_of(mrb, self);
  State& state = state_of(mrb);
  {
    Native native(mrb);
    state.scratch_text =
        fmt::format("/{}/{}{}{}", entry.source, entry.flags & kMultiline ? "m" : "",
                    entry.flags & kIgnoreCase ? "i" : "", entry.flags & kExtended ? "x" : "");
  }
  return make_string(mrb, state.scratch_text);
}

mrb_value regexp_source(mrb_state* mrb, mrb_value self) {
  return make_string(mrb, entry_of(mrb, self).source);
}

mrb_value regexp_options(mrb_state* mrb, mrb_value self) {
  return mrb_fixnum_value(entry_of(mrb, self).flags);
}

mrb_value regexp_names(mrb_state* mrb, mrb_value self) {
  const RegexEntry& entry = entry_of(mrb, self);
  const mrb_value names = mrb_ary_new(mrb);
  std::string_view last;
  for (const auto& named : entry.regex->names()) {
    if (named.name != last) mrb_ary_push(mrb, names, make_string(mrb, named.name));
    last = named.name;
  }
  return names;
}

mrb_value regexp_equal(mrb_state* mrb, mrb_value self) {
  mrb_value other;
  mrb_get_args(mrb, "o", &other);
  return mrb_bool_value(regexp_of(mrb, other) == regexp_of(mrb, self));
}

mrb_value regexp_hash(mrb_state* mrb, mrb_value self) {
  return mrb_fixnum_value(
      static_cast<mrb_int>(reinterpret_cast<uintptr_t>(regexp_of(mrb, self)) >> 4));
}

// What a script may match against: strings, symbols; nil matches nothing.
bool subject_argument(mrb_state* mrb, mrb_value& subject) {
  if (mrb_string_p(subject)) return true;
  if (mrb_symbol_p(subject)) {
    subject = mrb_sym_str(mrb, mrb_symbol(subject));
    return true;
  }
  return false;
}

// From a character offset, negative from the end, to bytes; false when it is outside.
bool byte_offset(std::string_view text, mrb_int position, size_t& offset) {
  if (position < 0) {
    offset = text.size();
    for (; position < 0; ++position) {
      if (offset == 0) return false;
      do --offset;
      while (offset > 0 && continues_character(text[offset]));
    }
    return true;
  }
  offset = 0;
  for (; position > 0; --position) {
    if (offset >= text.size()) return false;
    offset = next_character(text, offset);
  }
  return true;
}

// =~, and === without the position.
mrb_value regexp_match_operator(mrb_state* mrb, mrb_value self) {
  mrb_value subject;
  mrb_get_args(mrb, "o", &subject);
  Found found;
  const RegexEntry& entry = entry_of(mrb, self);
  if (!subject_argument(mrb, subject) || !find(mrb, &entry, {}, subject, 0, found)) {
    set_match(mrb, subject, self, nullptr);
    return mrb_nil_value();
  }
  set_match(mrb, subject, self, &found);
  return mrb_int_value(mrb, position_of(subject, found.begin()));
}

mrb_value regexp_case(mrb_state* mrb, mrb_value self) {
  mrb_value subject;
  mrb_get_args(mrb, "o", &subject);
  Found found;
  const RegexEntry& entry = entry_of(mrb, self);
  const bool matches = subject_argument(mrb, subject) && find(mrb, &entry, {}, subject, 0, found);
  set_match(mrb, subject, self, matches ? &found : nullptr);
  return mrb_bool_value(matches);
}

mrb_value regexp_match_question(mrb_state* mrb, mrb_value self) {
  mrb_value subject;
  mrb_int position = 0;
  mrb_get_args(mrb, "o|i", &subject, &position);
  Found found;
  size_t from = 0;
  if (!subject_argument(mrb, subject) || !byte_offset(view(subject), position, from))
    return mrb_false_value();
  return mrb_bool_value(find(mrb, &entry_of(mrb, self), {}, subject, from, found));
}

mrb_value regexp_match(mrb_state* mrb, mrb_value self) {
  mrb_value subject, block = mrb_nil_value();
  mrb_int position = 0;
  mrb_get_args(mrb, "o|i&", &subject, &position, &block);
  Found found;
  size_t from = 0;
  if (!subject_argument(mrb, subject) || !byte_offset(view(subject), position, from) ||
      !find(mrb, &entry_of(mrb, self), {}, subject, from, found)) {
    set_match(mrb, subject, self, nullptr);
    return mrb_nil_value();
  }
  set_match(mrb, subject, self, &found);
  const mrb_value match = make_match(mrb, subject, self, found);
  return mrb_nil_p(block) ? match : mrb_yield(mrb, block, match);
}

}  // namespace

RegexEntry* regexp_of(mrb_state* mrb, mrb_value object) {
  if (!mrb_data_p(object)) return nullptr;
  return static_cast<RegexEntry*>(mrb_data_check_get_ptr(mrb, object, &kRegexpType));
}

uint32_t group_number(const RegexEntry& entry, std::string_view name, const Found* found) {
  uint32_t group = 0;
  for (const auto& named : entry.regex->names())
    if (named.name == name && (group == 0 || !found || found->took_part(named.group)))
      group = named.group;
  return group;
}

namespace {

Regex::Outcome search(mrb_state* mrb, const RegexEntry& entry, std::string_view subject,
                      size_t from, Found& found) {
  Native native(mrb);
  Regex::Match& match = state_of(mrb).match;
  const auto outcome = entry.regex->search(subject, from, match);
  if (outcome != Regex::Outcome::match) return outcome;
  found.groups = entry.regex->groups();
  std::memcpy(found.offsets, match.offsets(), 2 * sizeof(size_t) * (found.groups + 1));
  return outcome;
}

}  // namespace

bool find(mrb_state* mrb, const RegexEntry* entry, std::string_view literal, mrb_value subject,
          size_t from, Found& found) {
  const std::string_view text = view(subject);
  if (!entry) {
    found.groups = 0;
    found.offsets[0] = text.find(literal, from);
    found.offsets[1] = found.offsets[0] + literal.size();
    return found.offsets[0] != std::string_view::npos;
  }
  if (!is_utf8(text))
    raise_text(mrb, E_ARGUMENT_ERROR, "invalid byte sequence in UTF-8 (String#scrub mends it)");
  const auto outcome = search(mrb, *entry, text, from, found);
  if (outcome == Regex::Outcome::limit)
    raise_text(mrb, state_of(mrb).classes.regexp_error, "the match takes too long");
  return outcome == Regex::Outcome::match;
}

void define_regexp(mrb_state* mrb) {
  RClass* const type = mrb_define_class(mrb, "Regexp", mrb->object_class);
  Classes& classes = state_of(mrb).classes;
  classes.regexp = type;
  classes.regexp_error = mrb_define_class(mrb, "RegexpError", mrb->eStandardError_class);
  type->flags = ((type->flags & ~uint32_t{MRB_INSTANCE_TT_MASK}) | MRB_TT_DATA) & 0x1fffff;
  const auto none = MRB_ARGS_NONE(), one = MRB_ARGS_REQ(1);
  mrb_define_class_method(mrb, type, "new", regexp_compile, MRB_ARGS_ARG(1, 2));
  mrb_define_class_method(mrb, type, "compile", regexp_compile, MRB_ARGS_ARG(1, 2));
  mrb_define_class_method(mrb, type, "escape", regexp_escape, one);
  mrb_define_class_method(mrb, type, "quote", regexp_escape, one);
  mrb_define_method(mrb, type, "=~", regexp_match_operator, one);
  mrb_define_method(mrb, type, "===", regexp_case, one);
  mrb_define_method(mrb, type, "match", regexp_match, MRB_ARGS_ARG(1, 1) | MRB_ARGS_BLOCK());
  mrb_define_method(mrb, type, "match?", regexp_match_question, MRB_ARGS_ARG(1, 1));
  mrb_define_method(mrb, type, "source", regexp_source, none);
  mrb_define_method(mrb, type, "options", regexp_options, none);
  mrb_define_method(mrb, type, "names", regexp_names, none);
  mrb_define_method(mrb, type, "to_s", regexp_to_s, none);
  mrb_define_method(mrb, type, "inspect", regexp_inspect, none);
  mrb_define_method(mrb, type, "==", regexp_equal, one);
  mrb_define_method(mrb, type, "eql?", regexp_equal, one);
  mrb_define_method(mrb, type, "hash", regexp_hash, none);
  mrb_define_const(mrb, type, "IGNORECASE", mrb_fixnum_value(kIgnoreCase));
  mrb_define_const(mrb, type, "EXTENDED", mrb_fixnum_value(kExtended));
  mrb_define_const(mrb, type, "MULTILINE", mrb_fixnum_value(kMultiline));
  define_match(mrb);
}

}  // namespace penstock::ruby
