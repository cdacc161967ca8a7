#include "pipeline/event/field_ref.h"

#include "pipeline/base/text.h"

namespace penstock {
namespace {

FieldRef::Segment make_segment(std::string_view text) {
  FieldRef::Segment segment;
  segment.text = text;
  segment.hash = hash_name(segment.text);
  const bool digits =
      text.size() <= 9 && text.find_first_not_of("0123456789", text[0] == '-') == text.npos;
  if (const auto index = digits ? parse_integer(text) : std::nullopt) {
    segment.is_index = true;
    segment.index = static_cast<int32_t>(*index);
  }
  return segment;
}

// The names of a bracketed reference. Brackets that hold nothing but bracketed names add nothing:
// [[a][b]][c] is [a][b][c]. What is wrong, or nullptr.
const char* split(std::string_view text, std::vector<std::string_view>& names) {
  size_t depth = 0, start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char before = i ? text[i - 1] : '\0';
    if (text[i] == '[') {
      if (start != i) return depth ? "`[` inside a name" : "text outside of brackets";
      ++depth;
      start = i + 1;
    } else if (text[i] == ']') {
      if (depth == 0) return "brackets are not balanced";
      if (start == i && before != ']') return "empty brackets";
      if (start < i) names.push_back(text.substr(start, i - start));
      --depth;
      start = i + 1;
    } else if (before == ']') {
      return "text outside of brackets";
    }
  }
  return depth ? "brackets are not balanced" : nullptr;
}

Error invalid(std::string_view text, std::string_view why) {
  return {Errc::bad_config,
          "invalid field reference `" + std::string(text) + "`: " + std::string(why),
          {}};
}

}  // namespace

Result<FieldRef> FieldRef::parse(std::string_view text) {
  std::vector<std::string_view> names;
  if (text.find_first_of("[]") == text.npos)
    names.push_back(text);
  else if (const char* wrong = split(text, names))
    return invalid(text, wrong);
  if (text.empty()) return invalid(text, "it is empty");
  FieldRef out;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i == 0 && names[i] == "@metadata")
      out.metadata_ = true;
    else
      out.segments_.push_back(make_segment(names[i]));
  }
  return out;
}

FieldRef FieldRef::of(std::string_view text) {
  auto parsed = parse(text);
  CHECK(parsed.ok(), "a field reference in the code is ill-formed");
  return std::move(parsed).value();
}

std::string FieldRef::text() const {
  std::string out = metadata_ ? "[@metadata]" : "";
  for (const Segment& segment : segments_) out += "[" + segment.text + "]";
  return out;
}

}  // namespace penstock
