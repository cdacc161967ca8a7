// MatchData, and the variables that a match sets. In a MatchData @s is the subject, @r the Regexp,
// @o the offsets as bytes.
#include "filters/ruby/regexp.h"
#include "filters/support/characters.h"

namespace penstock::ruby {
namespace {

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
  return mrb_int_value(mrb, position_of(matched.subject, edge));
}
mrb_value match_begin(mrb_state* mrb, mrb_value self) { return match_edge(mrb, self, false); }
mrb_value match_end(mrb_state* mrb, mrb_value self) { return match_edge(mrb, self, true); }

mrb_value match_string(mrb_state* mrb, mrb_value self) {
  return mrb_iv_get(mrb, self, mrb_intern_lit(mrb, "@s"));
}
mrb_value match_regexp(mrb_state* mrb, mrb_value self) {
  return mrb_iv_get(mrb, self, mrb_intern_lit(mrb, "@r"));
}

}  // namespace

mrb_int position_of(mrb_value subject, size_t offset) {
  return static_cast<mrb_int>(count_characters(view(subject).substr(0, offset)));
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

}  // namespace penstock::ruby
