// String over UTF-8. Debian builds mruby with strings of bytes; here the methods that count or cut
// characters get a second way for text that isn't plain ASCII, and what mruby lacks is added.
// Strings that were given a binary encoding keep to bytes.
#include <algorithm>

#include "filters/mutate/letters.h"
#include "filters/ruby/regexp.h"
#include "pipeline/base/text.h"

extern "C" mrb_value __real_mrb_str_aref(mrb_state*, mrb_value, mrb_value, mrb_value);

namespace penstock::ruby {
namespace {

// Unused by mruby's strings; lost when a string is copied, as it is in few cases that matter.
constexpr uint32_t kBinaryFlag = 1 << 14;

bool is_binary(mrb_value string) { return (mrb_str_ptr(string)->flags & kBinaryFlag) != 0; }
void set_binary(mrb_value string, bool binary) {
  RString* const text = mrb_str_ptr(string);
  const uint32_t flags = binary ? text->flags | kBinaryFlag : text->flags & ~kBinaryFlag;
  text->flags = flags & 0x1fffff;
}

bool is_ascii(std::string_view text) {
  size_t i = 0;
  for (uint64_t word; i + sizeof word <= text.size(); i += sizeof word) {
    std::memcpy(&word, text.data() + i, sizeof word);
    if (word & 0x8080808080808080) return false;
  }
  for (; i < text.size(); ++i)
    if (text[i] & 0x80) return false;
  return true;
}

// Whether characters and bytes are the same thing.
bool is_bytes(mrb_value string) { return is_ascii(view(string)) || is_binary(string); }

// The length of the character at `at`; a byte that begins none is one by itself.
size_t character_size(std::string_view text, size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const size_t size = first < 0xC2 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 1;
  if (at + size > text.size()) return 1;
  for (size_t i = 1; i < size; ++i)
    if ((text[at + i] & 0xC0) != 0x80) return 1;
  return size;
}

mrb_int count_characters(std::string_view text) {
  mrb_int count = 0;
  for (size_t at = 0; at < text.size(); at += character_size(text, at)) ++count;
  return count;
}

// The byte at which character `count` begins; text.size() when there are fewer.
size_t skip_characters(std::string_view text, size_t at, mrb_int count) {
  while (count-- > 0 && at < text.size()) at += character_size(text, at);
  return at;
}

mrb_value characters(mrb_state* mrb, mrb_value string, mrb_int begin, mrb_int length) {
  const std::string_view text = view(string);
  const mrb_int total = count_characters(text);
  if (length < 0 || begin > total || begin < -total) return mrb_nil_value();
  if (begin < 0) begin += total;
  const size_t from = skip_characters(text, 0, begin);
  const size_t to = skip_characters(text, from, length);
  return make_string(mrb, text.substr(from, to - from));
}

// string[index] and string[index, length], in characters.
mrb_value slice(mrb_state* mrb, mrb_value string, mrb_value index, mrb_value length) {
  if (mrb_integer_p(index)) {
    if (!mrb_undef_p(length))
      return characters(mrb, string, mrb_integer(index), mrb_as_int(mrb, length));
    const mrb_value one = characters(mrb, string, mrb_integer(index), 1);
    return mrb_nil_p(one) || RSTRING_LEN(one) == 0 ? mrb_nil_value() : one;
  }
  if (mrb_range_p(index)) {
    mrb_int begin = 0, size = 0;
    const mrb_int total = count_characters(view(string));
    if (mrb_range_beg_len(mrb, index, &begin, &size, total, TRUE) != MRB_RANGE_OK)
      return mrb_nil_value();
    return characters(mrb, string, begin, size);
  }
  return __real_mrb_str_aref(mrb, string, index, length);
}

mrb_value string_index(mrb_state* mrb, mrb_value self) {
  mrb_value index, length = mrb_undef_value();
  mrb_get_args(mrb, "o|o", &index, &length);
  if (const RegexEntry* entry = regexp_of(mrb, index)) {
    Found found;
    const bool matches = find(mrb, entry, {}, self, 0, found);
    set_match(mrb, self, index, matches ? &found : nullptr);
    if (!matches) return mrb_nil_value();
    if (mrb_undef_p(length)) return group_text(mrb, self, found, 0);
    if (mrb_integer_p(length)) {
      const mrb_int group = mrb_integer(length);
      return group_text(mrb, self, found,
                        static_cast<uint32_t>(group < 0 ? group + found.groups + 1 : group));
    }
    if (mrb_symbol_p(length)) length = mrb_sym_str(mrb, mrb_symbol(length));
    const uint32_t group = mrb_string_p(length) ? group_number(*entry, view(length), &found) : 0;
    if (group == 0) mrb_raisef(mrb, E_INDEX_ERROR, "undefined group name reference: %v", length);
    return group_text(mrb, self, found, group);
  }
  if (mrb_float_p(index)) index = mrb_int_value(mrb, static_cast<mrb_int>(mrb_float(index)));
  if (is_bytes(self)) return __real_mrb_str_aref(mrb, self, index, length);
  return slice(mrb, self, index, length);
}

mrb_value string_length(mrb_state* mrb, mrb_value self) {
  if (is_bytes(self)) return mrb_int_value(mrb, RSTRING_LEN(self));
  return mrb_int_value(mrb, count_characters(view(self)));
}

mrb_value string_chars(mrb_state* mrb, mrb_value self) {
  const mrb_value list = mrb_ary_new(mrb);
  const mrb_value copy = mrb_str_dup(mrb, self);
  const bool bytes = is_bytes(self);
  for (size_t at = 0; at < view(copy).size();) {
    const std::string_view text = view(copy);
    const size_t size = bytes ? 1 : character_size(text, at);
    const int arena = mrb_gc_arena_save(mrb);
    mrb_ary_push(mrb, list, make_string(mrb, text.substr(at, size)));
    mrb_gc_arena_restore(mrb, arena);
    at += size;
  }
  return list;
}

mrb_value string_reverse(mrb_state* mrb, mrb_value self) {
  const mrb_value out = mrb_str_new(mrb, nullptr, RSTRING_LEN(self));
  char* to = RSTRING_PTR(out) + RSTRING_LEN(out);
  const std::string_view text = view(self);
  const bool bytes = is_bytes(self);
  for (size_t at = 0; at < text.size();) {
    const size_t size = bytes ? 1 : character_size(text, at);
    to -= size;
    std::memcpy(to, text.data() + at, size);
    at += size;
  }
  return out;
}

mrb_value string_ascii_only(mrb_state*, mrb_value self) {
  return mrb_bool_value(is_ascii(view(self)));
}
mrb_value string_valid_encoding(mrb_state*, mrb_value self) {
  return mrb_bool_value(is_binary(self) || is_utf8(view(self)));
}
mrb_value string_is_binary(mrb_state*, mrb_value self) { return mrb_bool_value(is_binary(self)); }
mrb_value string_set_binary(mrb_state* mrb, mrb_value self) {
  mrb_bool binary = FALSE;
  mrb_get_args(mrb, "b", &binary);
  set_binary(self, binary);
  return self;
}

// __scrub(replacement): every ill-formed run replaced.
mrb_value string_scrub(mrb_state* mrb, mrb_value self) {
  mrb_value with;
  mrb_get_args(mrb, "S", &with);
  const std::string_view text = view(self);
  const mrb_value out = mrb_str_new_capa(mrb, RSTRING_LEN(self));
  for (size_t at = 0, good = 0; at <= text.size();) {
    if (at == text.size() || ((text[at] & 0x80) && character_size(text, at) == 1)) {
      mrb_str_cat(mrb, out, text.data() + good, at - good);
      if (at == text.size()) break;
      mrb_str_cat(mrb, out, RSTRING_PTR(with), static_cast<size_t>(RSTRING_LEN(with)));
      good = ++at;
    } else {
      at += character_size(text, at);
    }
  }
  return out;
}

mrb_value string_from_latin1(mrb_state* mrb, mrb_value self) {
  const std::string_view text = view(self);
  const mrb_value out = mrb_str_new_capa(mrb, RSTRING_LEN(self));
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const char two[] = {static_cast<char>(0xC0 | byte >> 6), static_cast<char>(0x80 | (byte & 63))};
    if (byte < 0x80)
      mrb_str_cat(mrb, out, &c, 1);
    else
      mrb_str_cat(mrb, out, two, 2);
  }
  return out;
}

// __ord_at(byte) and the character's code point; __character(code).
mrb_int decode(std::string_view text, size_t at) {
  const size_t size = character_size(text, at);
  const auto byte = [&](size_t i) { return static_cast<mrb_int>(text[at + i]) & 0xFF; };
  if (size == 1) return byte(0);
  mrb_int code = byte(0) & (0xFF >> (size + 1));
  for (size_t i = 1; i < size; ++i) code = code << 6 | (byte(i) & 63);
  return code;
}

mrb_value string_codepoints(mrb_state* mrb, mrb_value self) {
  const mrb_value list = mrb_ary_new(mrb);
  const bool bytes = is_bytes(self);
  const std::string_view text = view(self);
  for (size_t at = 0; at < text.size(); at += bytes ? 1 : character_size(text, at))
    mrb_ary_push(mrb, list,
                 mrb_fixnum_value(bytes ? static_cast<unsigned char>(text[at]) : decode(text, at)));
  return list;
}

mrb_value string_ord(mrb_state* mrb, mrb_value self) {
  if (RSTRING_LEN(self) == 0) raise_text(mrb, E_ARGUMENT_ERROR, "empty string");
  return mrb_fixnum_value(is_bytes(self) ? static_cast<unsigned char>(*RSTRING_PTR(self))
                                         : decode(view(self), 0));
}

// Integer#__utf8: the character of a code point.
mrb_value integer_utf8(mrb_state* mrb, mrb_value self) {
  const mrb_int code = mrb_integer(self);
  if (code < 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
    mrb_raisef(mrb, E_RANGE_ERROR, "%v out of char range", self);
  char text[4];
  mrb_int size = 0;
  const auto put = [&](mrb_int byte) { text[size++] = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6), put(0x80 | (code & 63));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 63)), put(0x80 | (code & 63));
  } else {
    put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 63)), put(0x80 | (code >> 6 & 63)),
        put(0x80 | (code & 63));
  }
  return mrb_str_new(mrb, text, size);
}

template <void (*Change)(std::string_view, std::string&)>
mrb_value string_changed(mrb_state* mrb, mrb_value self) {
  std::string& out = state_of(mrb).scratch_text;
  {
    Native native(mrb);
    out.clear();
    if (is_utf8(view(self)))
      Change(view(self), out);
    else
      out.assign(view(self));
  }
  return make_string(mrb, out);
}

// __byte_of(character) and __character_of(byte), for index() and its kin.
mrb_value string_byte_of(mrb_state* mrb, mrb_value self) {
  mrb_int number = 0;
  mrb_get_args(mrb, "i", &number);
  if (is_bytes(self)) return mrb_int_value(mrb, std::min(number, RSTRING_LEN(self)));
  return mrb_int_value(mrb, static_cast<mrb_int>(skip_characters(view(self), 0, number)));
}
mrb_value string_character_of(mrb_state* mrb, mrb_value self) {
  mrb_int byte = 0;
  mrb_get_args(mrb, "i", &byte);
  if (is_bytes(self)) return mrb_int_value(mrb, byte);
  return mrb_int_value(
      mrb, count_characters(view(self).substr(0, static_cast<size_t>(std::max<mrb_int>(byte, 0)))));
}

}  // namespace

void define_strings(mrb_state* mrb) {
  RClass* const type = mrb->string_class;
  const auto none = MRB_ARGS_NONE(), one = MRB_ARGS_REQ(1);
  mrb_define_method(mrb, type, "[]", string_index, MRB_ARGS_ARG(1, 1));
  mrb_define_method(mrb, type, "slice", string_index, MRB_ARGS_ARG(1, 1));
  mrb_define_method(mrb, type, "length", string_length, none);
  mrb_define_method(mrb, type, "size", string_length, none);
  mrb_define_method(mrb, type, "chars", string_chars, none);
  mrb_define_method(mrb, type, "reverse", string_reverse, none);
  mrb_define_method(mrb, type, "codepoints", string_codepoints, none);
  mrb_define_method(mrb, type, "ord", string_ord, none);
  mrb_define_method(mrb, type, "ascii_only?", string_ascii_only, none);
  mrb_define_method(mrb, type, "valid_encoding?", string_valid_encoding, none);
  mrb_define_method(mrb, type, "__binary?", string_is_binary, none);
  mrb_define_method(mrb, type, "__set_binary", string_set_binary, one);
  mrb_define_method(mrb, type, "__scrub", string_scrub, one);
  mrb_define_method(mrb, type, "__from_latin1", string_from_latin1, none);
  mrb_define_method(mrb, type, "__byte_of", string_byte_of, one);
  mrb_define_method(mrb, type, "__character_of", string_character_of, one);
  const auto any = MRB_ARGS_ANY();
  mrb_define_method(mrb, type, "upcase", string_changed<mutate::append_upper>, any);
  mrb_define_method(mrb, type, "downcase", string_changed<mutate::append_lower>, any);
  mrb_define_method(mrb, type, "capitalize", string_changed<mutate::append_capitalized>, any);
  mrb_define_method(mrb, mrb->integer_class, "__utf8", integer_utf8, none);
}

}  // namespace penstock::ruby

// string[x] in the machine's own instruction.
extern "C" mrb_value __wrap_mrb_str_aref(mrb_state* mrb, mrb_value string, mrb_value index,
                                         mrb_value length) {
  if (penstock::ruby::is_bytes(string)) return __real_mrb_str_aref(mrb, string, index, length);
  return penstock::ruby::slice(mrb, string, index, length);
}
