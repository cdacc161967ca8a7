// The decoders and encoders of all codecs here, made from configuration text.
#include <gtest/gtest.h>

#include "codecs/rubydebug.h"
#include "pipeline/plugin/line_framer.h"
#include "tests/codecs/codec_run.h"

namespace penstock {
namespace {

using test::codec, test::context_of, test::decoded, test::encoded;

TEST(PlainCodec, makes_the_record_the_message) {
  EXPECT_EQ(decoded("plain", "", "hello\nworld"), R"({"message":"hello\nworld"})");
  EXPECT_EQ(decoded("plain", "", ""), R"({"message":""})");
  EXPECT_EQ(decoded("plain", "", std::string_view("a\0b", 3)), R"({"message":"a\u0000b"})");
}

TEST(PlainCodec, keeps_the_original_under_ecs_only) {
  EXPECT_EQ(decoded("line", "", "x", Ecs::v8), R"({"event":{"original":"x"},"message":"x"})");
  EXPECT_EQ(decoded("plain", "", "x", Ecs::v1), R"({"event":{"original":"x"},"message":"x"})");
}

TEST(PlainCodec, writes_bytes_that_are_not_utf8_as_hexadecimal) {
  EXPECT_EQ(decoded("plain", "", "foo \xED\xB9\x81\xC3 \"bar\""),
            R"({"message":"foo \\xED\\xB9\\x81\\xC3 \"bar\""})");
}

TEST(PlainCodec, converts_other_charsets) {
  EXPECT_EQ(decoded("plain", R"(charset => "ISO-8859-1")",
                    "\xE0 Montr\xE9"
                    "al"),
            R"({"message":"à Montréal"})");
  EXPECT_EQ(decoded("plain", R"(charset => "CP1252")", "\x80 5"), R"({"message":"€ 5"})");
  EXPECT_EQ(decoded("plain", R"(charset => "UTF-16LE")", std::string_view("a\0\xAC\x20", 4)),
            R"({"message":"a€"})");
  EXPECT_EQ(decoded("plain", R"(charset => "UTF-16LE")", std::string_view("a\0\xAC", 3)),
            "{\"message\":\"a\xEF\xBF\xBD\"}");
  EXPECT_EQ(decoded("plain", R"(charset => "ASCII-8BIT")", "\xE0 x\xE9"),
            "{\"message\":\"\xEF\xBF\xBD x\xEF\xBF\xBD\"}");
}

TEST(PlainCodec, refuses_an_unknown_charset) {
  EXPECT_NE(decoded("plain", R"(charset => "KLINGON")", "x").find("KLINGON"), std::string::npos);
}

TEST(JsonCodec, makes_an_object_an_event_and_an_array_several) {
  EXPECT_EQ(decoded("json", "", R"({"a":{"b":[1,2.50]}})"), R"({"a":{"b":[1,2.50]}})");
  EXPECT_EQ(decoded("json", "", R"([{"a":1},{"b":2},{}])"), "{\"a\":1}\n{\"b\":2}\n{}");
  EXPECT_EQ(decoded("json", "", "[]"), "");
}

TEST(JsonCodec, keeps_what_is_no_object_as_the_message_and_tags_it) {
  for (const std::string_view bad : {"{\"a\":", "123", "\"text\"", "null", "[1,2]", "{\"a\":1} x",
                                     "not json", "[{\"a\":1},2]", "{\"@metadata\":1}"}) {
    const std::string out = decoded("json", "", bad);
    EXPECT_NE(out.find(R"("tags":["_jsonparsefailure"])"), std::string::npos) << bad << out;
    EXPECT_NE(out.find(R"("message":)"), std::string::npos) << bad;
    EXPECT_EQ(out.find('\n'), std::string::npos) << bad;
  }
}

TEST(JsonCodec, ignores_blank_records) {
  EXPECT_EQ(decoded("json_lines", "", ""), "");
  EXPECT_EQ(decoded("json_lines", "", " \r"), "");
}

TEST(JsonCodec, bytes_that_are_not_utf8_are_a_failure_with_a_readable_message) {
  EXPECT_EQ(decoded("json", "", "{\"a\":\"\xFF\"}"),
            R"({"message":"{\"a\":\"\\xFF\"}","tags":["_jsonparsefailure"]})");
  EXPECT_EQ(decoded("json", R"(charset => "CP1252")", "{\"a\":\"\x80\"}"), R"({"a":"€"})");
}

TEST(JsonCodec, deep_nesting_is_a_failure) {
  const std::string out = decoded("json", "", std::string(100'000, '['));
  EXPECT_NE(out.find("_jsonparsefailure"), std::string::npos);
}

TEST(JsonCodec, takes_ten_thousand_keys) {
  std::string text = "{";
  for (int i = 0; i < 10'000; ++i)
    text += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":" + std::to_string(i);
  const std::string out = decoded("json", "", text + "}");
  EXPECT_EQ(std::count(out.begin(), out.end(), ':'), 10'000);
}

TEST(JsonCodec, raw_newlines_inside_a_document_never_leave_it) {
  const std::string out = decoded("json", "", "{\"a\":1,\n\"b\":[2\n]}");
  EXPECT_EQ(out, R"({"a":1,"b":[2]})");
  EXPECT_NE(decoded("json", "", "{\"a\":\"x\ny\"}").find("_jsonparsefailure"), std::string::npos);
}

TEST(JsonCodec, puts_the_document_into_the_target) {
  EXPECT_EQ(decoded("json", R"(target => "[doc][x]")", R"({"a":1,"@timestamp":"x"})"),
            R"({"doc":{"x":{"@timestamp":"x","a":1}}})");
}

TEST(JsonCodec, keeps_the_original_under_ecs_unless_it_came_with_one) {
  EXPECT_EQ(decoded("json", "", R"({"a":1})", Ecs::v8),
            R"({"a":1,"event":{"original":"{\"a\":1}"}})");
  EXPECT_EQ(decoded("json", "", R"({"event":{"original":"o"}})", Ecs::v8),
            R"({"event":{"original":"o"}})");
  EXPECT_EQ(decoded("json", "", R"([{"a":1},{"a":2}])", Ecs::v8), "{\"a\":1}\n{\"a\":2}");
  EXPECT_EQ(decoded("json_lines", "", R"({"a":1})", Ecs::v8), R"({"a":1})");
}

TEST(JsonCodec, a_document_over_the_size_limit_is_cut_and_tagged) {
  const std::string options = "decode_size_limit_bytes => 8";
  const auto records = test::framed_anyhow("json_lines", options, "{\"a\":1}\n{\"a\":12345}\n{}\n");
  EXPECT_EQ(records, (std::vector<std::string>{"{\"a\":1}", "{\"a\":123", "{}"}));
  EXPECT_EQ(decoded("json_lines", options, records[0]), R"({"a":1})");
  EXPECT_EQ(decoded("json_lines", options, records[1]),
            R"({"message":"{\"a\":123","tags":["_jsonparsefailure","_record_truncated"]})");
}

TEST(JsonCodec, takes_metadata_tags_and_timestamp_as_a_new_event_does) {
  EXPECT_EQ(decoded("json", "", R"({"@metadata":{"i":"x"},"a":1})", Ecs::disabled, true),
            R"({"@metadata":{"i":"x"},"a":1})");
  EXPECT_EQ(decoded("json", "", R"({"tags":{"a":1}})"),
            R"({"_tags":{"a":1},"tags":["_tagsparsefailure"]})");
  EXPECT_EQ(decoded("json", "", R"({"tags":["a",1]})"),
            R"({"_tags":["a",1],"tags":["_tagsparsefailure"]})");
  EXPECT_EQ(decoded("json", "", R"({"@timestamp":"yesterday"})"),
            R"({"_@timestamp":"yesterday","tags":["_timestampparsefailure"]})");
}

TEST(JsonCodec, parses_the_timestamp) {
  const CodecPlugin& plugin = codec("json");
  auto made = plugin.make_decoder(test::settings_of(PluginKind::codec, plugin.info, ""),
                                  context_of(Ecs::disabled));
  Batch batch;
  made.value()->decode(R"({"@timestamp":"2026-11-21T10:00:00.5+02:00","@version":"7"})", batch);
  EXPECT_EQ(to_text(*batch[0].timestamp()), "2026-11-21T08:00:00.500Z");
  EXPECT_EQ(batch[0].find(FieldRef::of("@version"))->view(), "7");
}

TEST(Codecs, a_record_at_the_limit_is_tagged_as_cut) {
  const std::string large(limits::kRecordBytesMax, 'x');
  EXPECT_TRUE(is_cut_record(large));
  EXPECT_NE(decoded("plain", "", large).find("_record_truncated"), std::string::npos);
}

TEST(Encoders, write_text_by_format_or_by_default) {
  EXPECT_EQ(encoded("line", R"(format => "%{a}-%{[b][c]}")", R"({"a":1,"b":{"c":"x"}})"), "1-x\n");
  EXPECT_EQ(
      encoded("plain", "", R"({"@timestamp":"2026-01-02T03:04:05Z","host":"h","message":"m"})"),
      "2026-01-02T03:04:05.000Z h m");
  EXPECT_EQ(encoded("line", "", R"({"host":{"name":"n","l":[1,2]}})"),
            "{name=n, l=[1, 2]} %{message}\n");
}

TEST(Encoders, write_json_and_dots) {
  EXPECT_EQ(encoded("json", "", R"({"a":"x\ny"})"), R"({"a":"x\ny"})");
  EXPECT_EQ(encoded("json_lines", "", R"({"a":1,"@metadata":{"x":1}})"), "{\"a\":1}\n");
  EXPECT_EQ(encoded("dots", "", "{}"), ".");
}

TEST(RubyDebug, looks_like_awesome_print) {
  EXPECT_EQ(encoded("rubydebug", "",
                    R"({"message":"a\"b\n#{x}","n":1.50,"none":null,"ok":true,"tags":["x","y"],
                  "host":{"name":"h","ip":[]},"e":{},"@timestamp":"2026-01-02T03:04:05Z"})"),
            R"({
    "@timestamp" => 2026-01-02T03:04:05.000Z,
             "e" => {},
          "host" => {
          "ip" => [],
        "name" => "h"
    },
       "message" => "a\"b\n\#{x}",
             "n" => 1.5,
          "none" => nil,
            "ok" => true,
          "tags" => [
        [0] "x",
        [1] "y"
    ]
}
)");
}

TEST(RubyDebug, shows_metadata_on_request) {
  EXPECT_EQ(encoded("rubydebug", "metadata => true", R"({"@metadata":{"a":1}})"),
            "{\n    \"@metadata\" => {\n        \"a\" => 1\n    }\n}\n");
}

}  // namespace
}  // namespace penstock
