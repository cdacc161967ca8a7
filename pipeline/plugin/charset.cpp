#include "pipeline/plugin/charset.h"

#include <iconv.h>

#include <cerrno>
#include <utility>

#include "pipeline/base/text.h"

namespace penstock {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Ruby's names that iconv lacks. Binary text has no characters beyond ASCII.
std::string iconv_name(std::string_view name) {
  const std::string lower = to_lower_ascii(name);
  if (lower == "ascii-8bit" || lower == "binary" || lower == "us-ascii") return "ASCII";
  if (lower == "windows-31j") return "CP932";
  if (lower == "eucjp") return "EUC-JP";
  if (lower.starts_with("windows-")) return "CP" + lower.substr(8);
  return std::string(name);
}

}  // namespace

Result<Charset> Charset::open(const Settings& settings, std::string_view option) {
  const std::string name = settings.string(option);
  Charset charset;
  if (name.empty() || equals_ignore_case(name, "UTF-8") || equals_ignore_case(name, "UTF8") ||
      equals_ignore_case(name, "CP65001"))
    return charset;
  const iconv_t converter = iconv_open("UTF-8", iconv_name(name).c_str());
  if (converter == reinterpret_cast<iconv_t>(-1))
    return settings.error(option, "there is no character encoding `" + name + "`");
  charset.converter_ = converter;
  return charset;
}

Charset::Charset(Charset&& other) noexcept : converter_(std::exchange(other.converter_, nullptr)) {}

Charset::~Charset() {
  if (converter_) iconv_close(converter_);
}

std::string_view Charset::convert(std::string_view text, Arena& arena) {
  return is_utf8() ? well_formed(text, arena) : iconv_all(text, arena);
}

std::string_view Charset::well_formed(std::string_view text, Arena& arena) {
  if (penstock::is_utf8(text)) [[likely]]
    return text;
  return arena.copy(escape_invalid_utf8(text));
}

std::string_view Charset::iconv_all(std::string_view text, Arena& arena) {
  iconv(converter_, nullptr, nullptr, nullptr, nullptr);
  // Three bytes of UTF-8 for each byte is the most that any of these encodings gives, and a
  // replacement's size too.
  const size_t room = text.size() * 3 + kReplacement.size();
  char* const begin = static_cast<char*>(arena.allocate(room, 1));
  char* to = begin;
  auto* from = const_cast<char*>(text.data());
  size_t left = text.size();
  while (left > 0) {
    size_t free = room - static_cast<size_t>(to - begin);
    if (iconv(converter_, &from, &left, &to, &free) != static_cast<size_t>(-1)) break;
    if (errno == E2BIG || room - static_cast<size_t>(to - begin) < kReplacement.size()) break;
    kReplacement.copy(to, kReplacement.size());
    to += kReplacement.size();
    if (left == 0 || errno == EINVAL) break;  // an incomplete character at the end
    ++from;
    --left;
  }
  arena.shrink_to(to);
  return {begin, static_cast<size_t>(to - begin)};
}

}  // namespace penstock
