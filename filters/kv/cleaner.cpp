#include "filters/kv/cleaner.h"

#include "filters/mutate/letters.h"

namespace penstock::kv {

Result<Cleaner> Cleaner::make(const std::string& trim, const std::string& remove,
                              Transform transform) {
  Cleaner out;
  out.transform_ = transform;
  if (!trim.empty()) {
    TRY(out.trim_, Regex::compile("^[" + trim + "]+|[" + trim + "]+$"));
    out.trim_class_ = CharClass::parse(trim);
  }
  if (!remove.empty()) {
    TRY(out.remove_, Regex::compile("[" + remove + "]"));
    out.remove_class_ = CharClass::parse(remove);
  }
  return out;
}

std::string_view Cleaner::trim_and_remove(std::string_view text, Arena& arena) {
  if (trim_) text = trim(text, arena);
  return remove_ ? remove(text, arena) : text;
}

std::string_view Cleaner::trim(std::string_view text, Arena& arena) {
  // ^ and $ are about lines, so a text of several is trimmed in its middle too.
  if (!trim_class_ || text.find('\n') != text.npos) return without_matches(*trim_, text, arena);
  while (!text.empty() && trim_class_->contains(text.front())) text.remove_prefix(1);
  while (!text.empty() && trim_class_->contains(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view Cleaner::remove(std::string_view text, Arena& arena) {
  if (!remove_class_) return without_matches(*remove_, text, arena);
  size_t first = 0;
  while (first < text.size() && !remove_class_->contains(text[first])) ++first;
  if (first == text.size()) return text;
  auto* out = static_cast<char*>(arena.allocate(text.size(), 1));
  size_t size = 0;
  for (const char c : text)
    if (!remove_class_->contains(c)) out[size++] = c;
  arena.shrink_to(out + size);
  return {out, size};
}

std::string_view Cleaner::without_matches(const Regex& regex, std::string_view text, Arena& arena) {
  scratch_.clear();
  size_t at = 0;
  while (at < text.size() && regex.search(text, at, match_) == Regex::Outcome::match) {
    scratch_.append(text, at, match_.begin() - at);
    at = match_.end();
  }
  if (at == 0) return text;
  scratch_.append(text, at, text.npos);
  return arena.copy(scratch_);
}

std::string_view Cleaner::transform(std::string_view text, Arena& arena) {
  if (transform_ == Transform::none) return text;
  scratch_.clear();
  if (transform_ == Transform::lowercase)
    mutate::append_lower(text, scratch_);
  else if (transform_ == Transform::uppercase)
    mutate::append_upper(text, scratch_);
  else
    mutate::append_capitalized(text, scratch_);
  return arena.copy(scratch_);
}

}  // namespace penstock::kv
