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

}  // namespace

Result<FieldRef> FieldRef::parse(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return Error{Errc::bad_config,
                 "invalid field reference `" + std::string(text) + "`: " + std::string(why),
                 {}};
  };
  if (text.empty()) return wrong("it is empty");
  std::vector<std::string_view> names;
  if (text.find_first_of("[]") == text.npos) {
    names.push_back(text);
  } else {
    for (std::string_view rest = text; !rest.empty();) {
      if (rest[0] != '[') return wrong("text outside of brackets");
      const size_t end = rest.find_first_of("[]", 1);
      if (end == rest.npos || rest[end] != ']') return wrong("brackets are not balanced");
      if (end == 1) return wrong("empty brackets");
      names.push_back(rest.substr(1, end - 1));
      rest.remove_prefix(end + 1);
    }
  }
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
