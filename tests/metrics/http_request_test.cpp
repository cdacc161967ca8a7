#include "pipeline/metrics/http_request.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

HttpParse parse(std::string_view head, HttpRequest& out) { return parse_http_request(head, out); }

TEST(HttpRequest, gives_method_path_and_query) {
  HttpRequest request;
  ASSERT_EQ(parse("GET /_node/stats?pretty=1 HTTP/1.1\r\nHost: x\r\n\r\n", request), HttpParse::ok);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.path, "/_node/stats");
  EXPECT_EQ(request.query, "pretty=1");
}

TEST(HttpRequest, decodes_percent_escapes_in_the_path) {
  HttpRequest request;
  ASSERT_EQ(parse("GET /a%2Fb%20c HTTP/1.0\r\n\r\n", request), HttpParse::ok);
  EXPECT_EQ(request.path, "/a/b c");
}

TEST(HttpRequest, waits_for_the_end_of_the_head) {
  HttpRequest request;
  const std::string whole = "GET / HTTP/1.1\r\nA: b\r\n\r\n";
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(parse(whole.substr(0, size), request), HttpParse::incomplete) << size;
}

TEST(HttpRequest, refuses_what_is_not_http) {
  HttpRequest request;
  for (const char* bad :
       {"\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/2\r\n\r\n",
        "get / HTTP/1.1\r\n\r\n", "GET x HTTP/1.1\r\n\r\n", "GET /% HTTP/1.1\r\n\r\n",
        "GET /%0a HTTP/1.1\r\n\r\n", "GET /a b HTTP/1.1\r\n\r\n", "GET /\x01 HTTP/1.1\r\n\r\n"})
    EXPECT_EQ(parse(bad, request), HttpParse::bad) << bad;
}

TEST(HttpRequest, refuses_a_head_without_end) {
  HttpRequest request;
  EXPECT_EQ(parse(std::string(kHttpHeadBytesMax + 1, 'a'), request), HttpParse::too_large);
}

}  // namespace
}  // namespace penstock
