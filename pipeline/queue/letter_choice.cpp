#include "pipeline/queue/letter_choice.h"

#include <cctype>

#include "pipeline/base/text.h"
#include "pipeline/event/event.h"
#include "pipeline/event/json_reader.h"
#include "pipeline/event/json_writer.h"

namespace penstock {

bool LetterChoice::takes(const StoredLetter& letter) const {
  return (status == 0 || letter.status == status) &&
         (reason.empty() || letter.reason.find(reason) != std::string::npos);
}

std::string mend(std::string_view event_json, const LetterEdit& edit) {
  if (edit.empty()) return std::string(event_json);
  Arena arena;
  JsonReader reader;
  Event event(arena, nullptr);
  if (reader.read(event_json, arena, event.root()) != JsonReader::Outcome::ok ||
      !event.root().is_object())
    return std::string(event_json);
  for (const FieldRef& field : edit.drop) event.erase(field);
  for (const auto& [field, text] : edit.set) {
    Value value;
    if (reader.read(text, arena, value) != JsonReader::Outcome::ok)
      value = event.string(is_utf8(text) ? text : replace_invalid_utf8(text));
    (void)event.set(field, value);  // no place for it: the parent is a text or a number
  }
  ByteBuffer out;
  write_json(event.root(), out);
  return std::string(out.view());
}

std::string reason_group(std::string_view reason) {
  std::string out;
  for (size_t i = 0; i < reason.size(); ++i) {
    const char c = reason[i];
    const bool in_word = i > 0 && std::isalnum(static_cast<unsigned char>(reason[i - 1]));
    if (c == '\'' && !in_word) {  // not the one of "field's"
      const size_t end = reason.find('\'', i + 1);
      if (end != std::string_view::npos) {
        out += "'...'";
        i = end;
        continue;
      }
    }
    if (c >= '0' && c <= '9') {
      if (!out.ends_with('#')) out += '#';
      continue;
    }
    out += c;
  }
  return out;
}

std::string letter_index(const StoredLetter& letter) {
  Arena arena;
  JsonReader reader;
  Event event(arena, nullptr);
  if (reader.read(letter.metadata_json, arena, event.root()) != JsonReader::Outcome::ok) return {};
  static const std::vector<FieldRef> kPlaces = {FieldRef::of("[_bulk_action][index][_index]"),
                                                FieldRef::of("[_bulk_action][create][_index]"),
                                                FieldRef::of("[_bulk_action][update][_index]"),
                                                FieldRef::of("[_bulk_action][delete][_index]")};
  for (const FieldRef& place : kPlaces)
    if (const Value* found = event.find(place)) return to_text(*found);
  return {};
}

}  // namespace penstock
