// The head of an HTTP/1.x request, as far as the API needs it: method, path, query. Hostile bytes
// give `bad`, never more; a fuzz target holds it to that. Stateless, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace penstock {

// A request head longer than this is refused.
inline constexpr size_t kHttpHeadBytesMax = 8 << 10;

struct HttpRequest {
  std::string method;  // "GET"
  std::string path;    // "/_node/stats", percent-decoded
  std::string query;   // what follows '?', as it came
};

enum class HttpParse : uint8_t { incomplete, ok, bad, too_large };

// `head` is everything received so far.
HttpParse parse_http_request(std::string_view head, HttpRequest& out);

}  // namespace penstock
