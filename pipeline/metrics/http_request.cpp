#include "pipeline/metrics/http_request.h"

#include <algorithm>
#include <optional>

namespace penstock {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

bool is_visible(char c) { return c > 0x20 && c < 0x7f; }

// Percent escapes; nothing when one is cut short or stands for a control character.
std::optional<std::string> decode_path(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[i + 1]);
    const auto low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    const char c = static_cast<char>(*high * 16 + *low);
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
    out += c;
    i += 2;
  }
  return out;
}

bool parse_request_line(std::string_view line, HttpRequest& out) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return false;
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (method.empty() || !std::all_of(method.begin(), method.end(), upper)) return false;
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
  if (!target.starts_with('/') || !std::all_of(target.begin(), target.end(), is_visible))
    return false;
  const size_t question = target.find('?');
  const auto path = decode_path(target.substr(0, question));
  if (!path) return false;
  out.method = method;
  out.path = *path;
  out.query = question == std::string_view::npos ? "" : target.substr(question + 1);
  return true;
}

}  // namespace

HttpParse parse_http_request(std::string_view head, HttpRequest& out) {
  const size_t end = head.find("\r\n\r\n");
  if (end == std::string_view::npos || end > kHttpHeadBytesMax)
    return head.size() > kHttpHeadBytesMax ? HttpParse::too_large : HttpParse::incomplete;
  // Headers say nothing that an answer here depends on, so they are not looked at.
  return parse_request_line(head.substr(0, head.find("\r\n")), out) ? HttpParse::ok
                                                                    : HttpParse::bad;
}

}  // namespace penstock
