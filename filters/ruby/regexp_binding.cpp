// Regexp and MatchData, on the project's Regex: Ruby's syntax, bounded in time.
#include <fmt/format.h>

#include "filters/ruby/regexp.h"
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
  const auto continues = [&](size_t i) { return (text[i] & 0xC0) == 0x80; };
  if (position < 0) {
    offset = text.size();
    for (; position < 0; ++position) {
      if (offset == 0) return false;
      do --offset;
      while (offset > 0 && continues(offset));
    }
    return true;
  }
  offset = 0;
  for (; position > 0; --position) {
    if (offset >= text.size()) return false;
    do ++offset;
    while (offset < text.size() && continues(offset));
  }
  return true;
}

mrb_int characters(std::string_view text) {
  mrb_int count = 0;
  for (const char c : text) count += (c & 0xC0) != 0x80;
  return count;
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
  return mrb_int_value(mrb, characters(view(subject).substr(0, found.begin())));
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

// --- MatchData: @s the subject, @r the Regexp, @o the offsets as bytes.

struct Matched {
  mrb_value subject;
  const RegexEntry* entry;
  Found found;
};

void read_match(mrb_state* mrb, mrb_value self, Matched& out) {
  out.subject = mrb_iv_get(mrb, self, mrb_intern_lit(mrb, "@s"));
  const mrb_value bytes = mrb_iv_get(mrb, self, mrb_intern_lit(mrb, "@o"));
  if (!mrb_string_p(out.subject) || !mrb_string_p(bytes))
    raise_text(mrb, E_TYPE_ERROR, "an uninitialized MatchData");
  out.entry = regexp_of(mrb, mrb_iv_get(mrb, self, mrb_intern_lit(mrb, "@r")));
  const std::string_view raw = view(bytes);
  out.found.groups = static_cast<uint32_t>(raw.size() / (2 * sizeof(size_t))) - 1;
  std::memcpy(out.found.offsets, raw.data(), raw.size());
}

// The number of the group that a script means; false when there is none.
bool match_group(mrb_state* mrb, const Matched& matched, mrb_value index, uint32_t& group) {
  if (mrb_integer_p(index)) {
    mrb_int number = mrb_integer(index);
    if (number < 0) number += matched.found.groups + 1;
    if (number < 0 || number > matched.found.groups) return false;
    group = static_cast<uint32_t>(number);
    return true;
  }
  if (mrb_symbol_p(index)) index = mrb_sym_str(mrb, mrb_symbol(index));
  if (!mrb_string_p(index)) mrb_raisef(mrb, E_TYPE_ERROR, "no group is named by a %T", index);
  group = matched.entry ? group_number(*matched.entry, view(index), &matched.found) : 0;
  if (group == 0) mrb_raisef(mrb, E_INDEX_ERROR, "undefined group name reference: %v", index);
  return true;
}

mrb_value match_to_a(mrb_state* mrb, mrb_value self) {
  Matched matched;
  read_match(mrb, self, matched);
  const mrb_value groups = mrb_ary_new_capa(mrb, matched.found.groups + 1);
  for (uint32_t i = 0; i <= matched.found.groups; ++i)
    mrb_ary_push(mrb, groups, group_text(mrb, matched.subject, matched.found, i));
  return groups;
}

mrb_value match_index(mrb_state* mrb, mrb_value self) {
  mrb_value index, length = mrb_nil_value();
  mrb_get_args(mrb, "o|o", &index, &length);
  if (!mrb_nil_p(length)) return mrb_funcall(mrb, match_to_a(mrb, self), "[]", 2, index, length);
  if (mrb_range_p(index)) return mrb_funcall(mrb, match_to_a(mrb, self), "[]", 1, index);
  Matched matched;
  read_match(mrb, self, matched);
  uint32_t group = 0;
  if (!match_group(mrb, matched, index, group)) return mrb_nil_value();
  return group_text(mrb, matched.subject, matched.found, group);
}

mrb_value match_captures(mrb_state* mrb, mrb_value self) {
  const mrb_value groups = match_to_a(mrb, self);
  mrb_ary_shift(mrb, groups);
  return groups;
}

mrb_value match_named_captures(mrb_state* mrb, mrb_value self) {
  Matched matched;
  read_match(mrb, self, matched);
  const mrb_value hash = mrb_hash_new(mrb);
  if (!matched.entry) return hash;
  for (const auto& named : matched.entry->regex->names()) {
    const mrb_value name = make_string(mrb, named.name);
    if (!matched.found.took_part(named.group) && mrb_hash_key_p(mrb, hash, name)) continue;
    mrb_hash_set(mrb, hash, name, group_text(mrb, matched.subject, matched.found, named.group));
  }
  return hash;
}

mrb_value match_size(mrb_state* mrb, mrb_value self) {
  Matched matched;
  read_match(mrb, self, matched);
  return mrb_fixnum_value(matched.found.groups + 1);
}

mrb_value match_to_s(mrb_state* mrb, mrb_value self) {
  Matched matched;
  read_match(mrb, self, matched);
  return group_text(mrb, matched.subject, matched.found, 0);
}

mrb_value match_pre(mrb_state* mrb, mrb_value self) {
  Matched matched;
  read_match(mrb, self, matched);
  return make_string(mrb, view(matched.subject).substr(0, matched.found.begin()));
}

mrb_value match_post(mrb_state* mrb, mrb_value self) {
  Matched matched;
  read_match(mrb, self, matched);
  return make_string(mrb, view(matched.subject).substr(matched.found.end()));
}

mrb_value match_edge(mrb_state* mrb, mrb_value self, bool end) {
  mrb_value index;
  mrb_get_args(mrb, "o", &index);
  Matched matched;
  read_match(mrb, self, matched);
  uint32_t group = 0;
  if (!match_group(mrb, matched, index, group)) raise_text(mrb, E_INDEX_ERROR, "no such group");
  if (!matched.found.took_part(group)) return mrb_nil_value();
  const size_t edge = end ? matched.found.end(group) : matched.found.begin(group);
  return mrb_int_value(mrb, characters(view(matched.subject).substr(0, edge)));
}
mrb_value match_begin(mrb_state* mrb, mrb_value self) { return match_edge(mrb, self, false); }
mrb_value match_end(mrb_state* mrb, mrb_value self) { return match_edge(mrb, self, true); }

mrb_value match_string(mrb_state* mrb, mrb_value self) {
  return mrb_iv_get(mrb, self, mrb_intern_lit(mrb, "@s"));
}
mrb_value match_regexp(mrb_state* mrb, mrb_value self) {
  return mrb_iv_get(mrb, self, mrb_intern_lit(mrb, "@r"));
}

void define_match(mrb_state* mrb) {
  RClass* const type = mrb_define_class(mrb, "MatchData", mrb->object_class);
  state_of(mrb).classes.match = type;
  mrb_undef_class_method(mrb, type, "new");
  const auto none = MRB_ARGS_NONE(), one = MRB_ARGS_REQ(1);
  mrb_define_method(mrb, type, "[]", match_index, MRB_ARGS_ARG(1, 1));
  mrb_define_method(mrb, type, "to_a", match_to_a, none);
  mrb_define_method(mrb, type, "captures", match_captures, none);
  mrb_define_method(mrb, type, "named_captures", match_named_captures, none);
  mrb_define_method(mrb, type, "size", match_size, none);
  mrb_define_method(mrb, type, "length", match_size, none);
  mrb_define_method(mrb, type, "to_s", match_to_s, none);
  mrb_define_method(mrb, type, "pre_match", match_pre, none);
  mrb_define_method(mrb, type, "post_match", match_post, none);
  mrb_define_method(mrb, type, "begin", match_begin, one);
  mrb_define_method(mrb, type, "end", match_end, one);
  mrb_define_method(mrb, type, "string", match_string, none);
  mrb_define_method(mrb, type, "regexp", match_regexp, none);
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

mrb_value group_text(mrb_state* mrb, mrb_value subject, const Found& found, uint32_t group) {
  if (group > found.groups || !found.took_part(group)) return mrb_nil_value();
  const size_t begin = found.begin(group), end = std::max(begin, found.end(group));
  return make_string(mrb, view(subject).substr(begin, end - begin));
}

mrb_value make_match(mrb_state* mrb, mrb_value subject, mrb_value regexp, const Found& found) {
  const mrb_value match =
      mrb_obj_value(mrb_obj_alloc(mrb, MRB_TT_OBJECT, state_of(mrb).classes.match));
  mrb_iv_set(mrb, match, mrb_intern_lit(mrb, "@s"), mrb_str_dup(mrb, subject));
  mrb_iv_set(mrb, match, mrb_intern_lit(mrb, "@r"), regexp);
  const std::string_view bytes(reinterpret_cast<const char*>(found.offsets),
                               2 * sizeof(size_t) * (found.groups + 1));
  mrb_iv_set(mrb, match, mrb_intern_lit(mrb, "@o"), make_string(mrb, bytes));
  return match;
}

void set_match(mrb_state* mrb, mrb_value subject, mrb_value regexp, const Found* found) {
  const MatchWishes wishes = state_of(mrb).wishes;
  const int arena = mrb_gc_arena_save(mrb);
  if (wishes.last)
    mrb_gv_set(mrb, mrb_intern_lit(mrb, "$~"),
               found ? make_match(mrb, subject, regexp, *found) : mrb_nil_value());
  if (wishes.around) {
    const auto set = [&](const char* name, std::string_view text) {
      mrb_gv_set(mrb, mrb_intern(mrb, name, 2), found ? make_string(mrb, text) : mrb_nil_value());
    };
    const std::string_view text = found ? view(subject) : std::string_view();
    set("$`", found ? text.substr(0, found->begin()) : text);
    set("$&", found ? text.substr(found->begin(), found->end() - found->begin()) : text);
    set("$'", found ? text.substr(found->end()) : text);
  }
  for (uint32_t group = 1; group <= 9; ++group) {
    if (!(wishes.groups >> group & 1)) continue;
    const char name[] = {'$', static_cast<char>('0' + group)};
    mrb_gv_set(mrb, mrb_intern(mrb, name, 2),
               found ? group_text(mrb, subject, *found, group) : mrb_nil_value());
  }
  mrb_gc_arena_restore(mrb, arena);
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
