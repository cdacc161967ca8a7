// String's methods that take patterns: sub, gsub, scan, split, [], slice!, index, start_with?,
// partition and their kin. With a plain string they find it as it stands.
#include <fmt/format.h>

#include "filters/ruby/regexp.h"
#include "filters/support/characters.h"

namespace penstock::ruby {
namespace {

// What a method was given to look for.
struct Pattern {
  const RegexEntry* entry;  // nullptr: text
  std::string_view text;
  mrb_value object;
};

Pattern pattern_argument(mrb_state* mrb, mrb_value object) {
  if (const RegexEntry* entry = regexp_of(mrb, object)) return {entry, {}, object};
  if (!mrb_string_p(object))
    mrb_raisef(mrb, E_TYPE_ERROR, "wrong argument type %T (expected Regexp)", object);
  return {nullptr, view(object), object};
}

bool find(mrb_state* mrb, const Pattern& pattern, mrb_value subject, size_t from, Found& found) {
  return find(mrb, pattern.entry, pattern.text, subject, from, found);
}

mrb_value regexp_or_nil(const Pattern& pattern) {
  return pattern.entry ? pattern.object : mrb_nil_value();
}

void append(mrb_state* mrb, mrb_value out, std::string_view text) {
  mrb_str_cat(mrb, out, text.data(), text.size());
}

// "\k<name>" at `at` (after the backslash): the group, and the bytes it takes.
size_t named_reference(const Pattern& pattern, std::string_view text, size_t at, const Found& found,
                       uint32_t& group) {
  if (text.substr(at, 2) != "k<" || !pattern.entry) return 0;
  const size_t end = text.find('>', at);
  if (end == std::string_view::npos) return 0;
  group = group_number(*pattern.entry, text.substr(at + 2, end - at - 2), &found);
  return end + 1 - at;
}

// The replacement text with its references to groups put in.
void append_replacement(mrb_state* mrb, const Pattern& pattern, mrb_value subject,
                        const Found& found, std::string_view text, mrb_value out) {
  const std::string_view whole = view(subject);
  const auto group_view = [&](uint32_t group) {
    if (group > found.groups || !found.took_part(group)) return std::string_view();
    const size_t begin = found.begin(group);
    return whole.substr(begin, std::max(begin, found.end(group)) - begin);
  };
  for (size_t at = 0; at < text.size();) {
    const size_t backslash = text.find('\\', at);
    append(mrb, out, text.substr(at, backslash - at));
    if (backslash == std::string_view::npos) return;
    at = backslash + 1;
    const char c = at < text.size() ? text[at] : '\0';
    uint32_t group = 0;
    if (c >= '0' && c <= '9') {
      append(mrb, out, group_view(static_cast<uint32_t>(c - '0')));
      ++at;
    } else if (c == '&') {
      append(mrb, out, group_view(0));
      ++at;
    } else if (c == '`') {
      append(mrb, out, whole.substr(0, found.begin()));
      ++at;
    } else if (c == '\'') {
      append(mrb, out, whole.substr(found.end()));
      ++at;
    } else if (const size_t taken = named_reference(pattern, text, at, found, group)) {
      append(mrb, out, group_view(group));
      at += taken;
    } else {
      append(mrb, out, "\\");
      at += c == '\\';
    }
  }
}

struct Substitution {
  Pattern pattern;
  mrb_value replacement;  // a string, a hash or undef
  mrb_value block;
};

void append_substitute(mrb_state* mrb, const Substitution& with, mrb_value subject,
                       const Found& found, mrb_value out) {
  if (mrb_string_p(with.replacement))
    return append_replacement(mrb, with.pattern, subject, found, view(with.replacement), out);
  const int arena = mrb_gc_arena_save(mrb);
  const mrb_value matched = group_text(mrb, subject, found, 0);
  mrb_value text;
  if (mrb_hash_p(with.replacement)) {
    text = mrb_hash_get(mrb, with.replacement, matched);
  } else {
    set_match(mrb, subject, regexp_or_nil(with.pattern), &found);
    text = mrb_yield(mrb, with.block, matched);
  }
  mrb_str_concat(mrb, out, mrb_obj_as_string(mrb, text));
  mrb_gc_arena_restore(mrb, arena);
}

// nil when nothing matched.
mrb_value substitute(mrb_state* mrb, mrb_value self, const Substitution& with, bool all) {
  // Blocks may change the string, so the work is on a copy (which shares its text).
  const mrb_value subject = mrb_nil_p(with.block) ? self : mrb_str_dup(mrb, self);
  Found found;
  if (!find(mrb, with.pattern, subject, 0, found)) {
    set_match(mrb, subject, mrb_nil_value(), nullptr);
    return mrb_nil_value();
  }
  const mrb_value out = mrb_str_new_capa(mrb, RSTRING_LEN(subject));
  size_t at = 0;
  Found last;
  for (bool more = true; more;) {
    append(mrb, out, view(subject).substr(at, found.begin() - at));
    append_substitute(mrb, with, subject, found, out);
    last = found;
    at = found.end();
    size_t from = at;
    if (found.begin() == found.end()) {  // an empty match: the next character stays
      if (at >= view(subject).size()) break;
      from = next_character(view(subject), at);
      append(mrb, out, view(subject).substr(at, from - at));
      at = from;
    }
    more = all && find(mrb, with.pattern, subject, from, found);
  }
  if (at < view(subject).size()) append(mrb, out, view(subject).substr(at));
  set_match(mrb, subject, regexp_or_nil(with.pattern), &last);
  return out;
}

Substitution substitution_arguments(mrb_state* mrb) {
  mrb_value pattern, replacement = mrb_undef_value(), block = mrb_nil_value();
  mrb_get_args(mrb, "o|o&", &pattern, &replacement, &block);
  Substitution with{pattern_argument(mrb, pattern), replacement, mrb_nil_value()};
  if (mrb_undef_p(replacement)) {
    if (mrb_nil_p(block)) raise_text(mrb, E_ARGUMENT_ERROR, "no replacement and no block given");
    with.block = block;
  } else if (!mrb_hash_p(replacement) && !mrb_string_p(replacement)) {
    mrb_raisef(mrb, E_TYPE_ERROR, "no implicit conversion of %T into String", replacement);
  }
  return with;
}

mrb_value string_gsub(mrb_state* mrb, mrb_value self) {
  const mrb_value out = substitute(mrb, self, substitution_arguments(mrb), true);
  return mrb_nil_p(out) ? mrb_str_dup(mrb, self) : out;
}
mrb_value string_sub(mrb_state* mrb, mrb_value self) {
  const mrb_value out = substitute(mrb, self, substitution_arguments(mrb), false);
  return mrb_nil_p(out) ? mrb_str_dup(mrb, self) : out;
}

mrb_value replace_self(mrb_state* mrb, mrb_value self, mrb_value text) {
  mrb_str_modify(mrb, mrb_str_ptr(self));
  return mrb_funcall(mrb, self, "replace", 1, text);
}
mrb_value string_gsub_bang(mrb_state* mrb, mrb_value self) {
  const mrb_value out = substitute(mrb, self, substitution_arguments(mrb), true);
  return mrb_nil_p(out) ? out : replace_self(mrb, self, out);
}
mrb_value string_sub_bang(mrb_state* mrb, mrb_value self) {
  const mrb_value out = substitute(mrb, self, substitution_arguments(mrb), false);
  return mrb_nil_p(out) ? out : replace_self(mrb, self, out);
}

// What scan() gives for one match.
mrb_value scanned(mrb_state* mrb, mrb_value subject, const Found& found) {
  if (found.groups == 0) return group_text(mrb, subject, found, 0);
  const mrb_value groups = mrb_ary_new_capa(mrb, found.groups);
  for (uint32_t i = 1; i <= found.groups; ++i)
    mrb_ary_push(mrb, groups, group_text(mrb, subject, found, i));
  return groups;
}

mrb_value string_scan(mrb_state* mrb, mrb_value self) {
  mrb_value argument, block = mrb_nil_value();
  mrb_get_args(mrb, "o&", &argument, &block);
  const Pattern pattern = pattern_argument(mrb, argument);
  const mrb_value subject = mrb_str_dup(mrb, self);
  const mrb_value all = mrb_ary_new(mrb);
  Found found;
  size_t from = 0;
  bool any = false;
  while (from <= view(subject).size() && find(mrb, pattern, subject, from, found)) {
    any = true;
    const int arena = mrb_gc_arena_save(mrb);
    const mrb_value item = scanned(mrb, subject, found);
    if (mrb_nil_p(block)) {
      mrb_ary_push(mrb, all, item);
    } else {
      set_match(mrb, subject, regexp_or_nil(pattern), &found);
      mrb_yield(mrb, block, item);
    }
    mrb_gc_arena_restore(mrb, arena);
    from = found.end() > found.begin() ? found.end() : next_character(view(subject), found.end());
  }
  if (mrb_nil_p(block) && any) set_match(mrb, subject, regexp_or_nil(pattern), &found);
  return mrb_nil_p(block) ? all : self;
}

void push_text(mrb_state* mrb, mrb_value list, std::string_view text) {
  const int arena = mrb_gc_arena_save(mrb);
  mrb_ary_push(mrb, list, make_string(mrb, text));
  mrb_gc_arena_restore(mrb, arena);
}

// split with a Regexp, or with "" (into characters). `limit` as Ruby's: 0 drops empty parts at the
// end, more is the most parts, less keeps all.
mrb_value split_by(mrb_state* mrb, mrb_value subject, const Pattern& pattern, mrb_int limit) {
  const mrb_value parts = mrb_ary_new(mrb);
  const std::string_view text = view(subject);
  if (text.empty()) return parts;
  Found found;
  size_t begin = 0, from = 0;
  bool after_empty = false;  // an empty match at `begin` was seen: a character must lie between
  mrb_int count = 1;
  while (limit <= 0 || count < limit) {
    if (from > text.size() || !find(mrb, pattern, subject, from, found)) break;
    if (found.begin() == from && found.end() == from) {
      if (!after_empty) {
        from = next_character(text, from);
        after_empty = true;
        continue;
      }
      if (from >= text.size()) break;
      push_text(mrb, parts, text.substr(begin, from - begin));
      begin = from;
    } else {
      push_text(mrb, parts, text.substr(begin, found.begin() - begin));
      begin = from = found.end();
    }
    after_empty = false;
    for (uint32_t group = 1; group <= found.groups; ++group)
      if (found.took_part(group)) mrb_ary_push(mrb, parts, group_text(mrb, subject, found, group));
    ++count;
  }
  if (begin < text.size() || limit != 0) push_text(mrb, parts, text.substr(begin));
  if (limit == 0)
    while (RARRAY_LEN(parts) > 0 &&
           RSTRING_LEN(mrb_ary_ref(mrb, parts, RARRAY_LEN(parts) - 1)) == 0)
      mrb_ary_pop(mrb, parts);
  return parts;
}

mrb_value string_split(mrb_state* mrb, mrb_value self) {
  mrb_value separator = mrb_nil_value(), block = mrb_nil_value();
  mrb_int limit = 0;
  mrb_get_args(mrb, "|oi&", &separator, &limit, &block);
  mrb_value parts;
  if (regexp_of(mrb, separator) || (mrb_string_p(separator) && RSTRING_LEN(separator) == 0))
    parts = split_by(mrb, self, pattern_argument(mrb, separator), limit);
  else
    parts = mrb_funcall(mrb, self, "__split", 2, separator, mrb_fixnum_value(limit));
  if (mrb_nil_p(block)) return parts;
  for (mrb_int i = 0; i < RARRAY_LEN(parts); ++i) mrb_yield(mrb, block, mrb_ary_ref(mrb, parts, i));
  return self;
}

mrb_value string_match_operator(mrb_state* mrb, mrb_value self) {
  mrb_value other;
  mrb_get_args(mrb, "o", &other);
  if (mrb_nil_p(other)) return mrb_nil_value();
  if (mrb_string_p(other))
    raise_text(mrb, E_TYPE_ERROR, "wrong argument type String (expected Regexp)");
  return mrb_funcall(mrb, other, "=~", 1, self);
}

mrb_value as_regexp(mrb_state* mrb, mrb_value pattern) {
  if (regexp_of(mrb, pattern)) return pattern;
  return mrb_funcall(mrb, mrb_obj_value(state_of(mrb).classes.regexp), "compile", 1, pattern);
}

mrb_value string_match(mrb_state* mrb, mrb_value self) {
  mrb_value pattern, block = mrb_nil_value();
  mrb_int position = 0;
  mrb_get_args(mrb, "o|i&", &pattern, &position, &block);
  const mrb_value match =
      mrb_funcall(mrb, as_regexp(mrb, pattern), "match", 2, self, mrb_fixnum_value(position));
  return mrb_nil_p(match) || mrb_nil_p(block) ? match : mrb_yield(mrb, block, match);
}

mrb_value string_match_question(mrb_state* mrb, mrb_value self) {
  mrb_value pattern;
  mrb_int position = 0;
  mrb_get_args(mrb, "o|i", &pattern, &position);
  return mrb_funcall(mrb, as_regexp(mrb, pattern), "match?", 2, self, mrb_fixnum_value(position));
}

// __match_at(regexp, from byte): [begin byte, end byte, text] or nil. For the prelude's methods.
mrb_value string_match_at(mrb_state* mrb, mrb_value self) {
  mrb_value pattern;
  mrb_int from = 0;
  mrb_get_args(mrb, "o|i", &pattern, &from);
  Found found;
  const Pattern what = pattern_argument(mrb, pattern);
  if (from < 0 || from > RSTRING_LEN(self) ||
      !find(mrb, what, self, static_cast<size_t>(from), found)) {
    set_match(mrb, self, regexp_or_nil(what), nullptr);
    return mrb_nil_value();
  }
  set_match(mrb, self, regexp_or_nil(what), &found);
  const mrb_value values[] = {mrb_int_value(mrb, static_cast<mrb_int>(found.begin())),
                              mrb_int_value(mrb, static_cast<mrb_int>(found.end())),
                              group_text(mrb, self, found, 0)};
  return mrb_ary_new_from_values(mrb, 3, values);
}

}  // namespace

void define_regexp_strings(mrb_state* mrb) {
  RClass* const type = mrb->string_class;
  const mrb_aspec pattern = MRB_ARGS_ARG(1, 1) | MRB_ARGS_BLOCK();
  mrb_define_alias(mrb, type, "__split", "split");
  mrb_define_method(mrb, type, "gsub", string_gsub, pattern);
  mrb_define_method(mrb, type, "gsub!", string_gsub_bang, pattern);
  mrb_define_method(mrb, type, "sub", string_sub, pattern);
  mrb_define_method(mrb, type, "sub!", string_sub_bang, pattern);
  mrb_define_method(mrb, type, "scan", string_scan, pattern);
  mrb_define_method(mrb, type, "split", string_split, MRB_ARGS_OPT(2) | MRB_ARGS_BLOCK());
  mrb_define_method(mrb, type, "=~", string_match_operator, MRB_ARGS_REQ(1));
  mrb_define_method(mrb, type, "match", string_match, pattern);
  mrb_define_method(mrb, type, "match?", string_match_question, MRB_ARGS_ARG(1, 1));
  mrb_define_method(mrb, type, "__match_at", string_match_at, MRB_ARGS_ARG(1, 1));
}

}  // namespace penstock::ruby
