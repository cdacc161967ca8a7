#include "codecs/cef.h"

#include "codecs/cef/message.h"
#include "codecs/cef/timestamps.h"
#include "tests/codecs/codec_run.h"

namespace penstock {
namespace {

using test::decoded, test::encoded, test::framed_anyhow;
using Lines = std::vector<std::string>;

constexpr std::string_view kHead = "CEF:0|security|threatmanager|1.0|100|trojan stopped|10|";

// One extension's value, "!" when the message is none.
std::string extension(std::string_view extensions, std::string_view key) {
  cef::Message message;
  Arena arena;
  const std::string text = std::string(kHead) + std::string(extensions);
  if (!cef::parse(text, arena, message)) return "!";
  std::string out = "-";
  for (const cef::Extension& found : message.extensions)
    if (found.key == key) out = found.value;
  return out;
}

std::string header(std::string_view text, size_t index) {
  cef::Message message;
  Arena arena;
  return cef::parse(text, arena, message) ? std::string(message.header[index]) : "!";
}

TEST(CefMessage, values_hold_spaces_and_equals_signs_that_end_no_key) {
  EXPECT_EQ(extension("src=10.0.0.1 dproc=Explorer x.x.x  dst=1.2.3.4", "dproc"), "Explorer x.x.x");
  EXPECT_EQ(extension("moo=this =has = equals\\=", "moo"), "this =has = equals=");
  EXPECT_EQ(extension("a='x; Guid:test=' cs1= cs1Label=Foo Bar", "a"), "'x; Guid:test='");
  EXPECT_EQ(extension("a='x; Guid:test=' cs1= cs1Label=Foo Bar", "cs1"), "");
  EXPECT_EQ(extension("a='x; Guid:test=' cs1= cs1Label=Foo Bar", "cs1Label"), "Foo Bar");
  EXPECT_EQ(extension("q=k1\\=v1&k2\\=v2 aa.bc&k3\\=v3 z=done", "q"), "k1=v1&k2=v2 aa.bc&k3=v3");
  EXPECT_EQ(extension("a=b=c d=e=f", "a"), "b=c");
  EXPECT_EQ(extension("a=b=c d=e=f", "d"), "e=f");
}

TEST(CefMessage, keys_may_have_points_and_an_index) {
  EXPECT_EQ(extension("ad.nn=1 ad.Error_,Code=2 ad.foo.name[1]=3", "ad.nn"), "1");
  EXPECT_EQ(extension("ad.nn=1 ad.Error_,Code=2 ad.foo.name[1]=3", "ad.Error_,Code"), "2");
  EXPECT_EQ(extension("ad.nn=1 ad.Error_,Code=2 ad.foo.name[1]=3", "ad.foo.name[1]"), "3");
  EXPECT_EQ(extension("a=1 b[x]=2", "a"), "1 b[x]=2");
  EXPECT_EQ(extension("a=1 b.=2", "a"), "1 b.=2");
}

TEST(CefMessage, escapes_are_undone) {
  EXPECT_EQ(extension(R"(m=a\=b\\c\nd\re\|f\x g\)", "m"), "a=b\\c\nd\re\\|f\\x g\\");
  EXPECT_EQ(header(R"(CEF:0|se\|cu\\rity|b|c|d|e|f|)", 1), "se|cu\\rity");
  EXPECT_EQ(header(R"(CEF:0|a\\\||b\\|c|d|e|f|)", 1), "a\\|");
  EXPECT_EQ(header(R"(CEF:0|a\\\||b\\|c|d|e|f|)", 2), "b\\");
}

TEST(CefMessage, is_refused_without_seven_header_fields_or_with_a_value_without_key) {
  EXPECT_EQ(header("this is not cef", 0), "!");
  EXPECT_EQ(header(R"(a|b|c with \| escaped|d|bananas)", 0), "!");
  EXPECT_EQ(extension("this has no key", "a"), "!");
  EXPECT_EQ(extension("src=1\nCEF:0|", "src"), "!");
  EXPECT_EQ(extension("src=1\r\n", "src"), "1");
  EXPECT_EQ(extension("", "a"), "-");
}

TEST(CefMessage, has_a_syslog_header_perhaps_and_quotes) {
  cef::Message message;
  Arena arena;
  ASSERT_TRUE(cef::parse("\"Sep 19 host CEF:0|a|b|c|d|e|f|x=1\"", arena, message));
  EXPECT_EQ(message.syslog, "Sep 19 host");
  EXPECT_EQ(message.header[0], "0");
  EXPECT_EQ(message.extensions.at(0).value, "1");
}

TEST(CefMessage, too_many_extensions_are_refused) {
  std::string many;
  for (size_t i = 0; i <= cef::kExtensionsMax; ++i) many += "a=1 ";
  EXPECT_EQ(extension(many, "a"), "!");
}

std::string time_of(std::string_view text, std::string_view device_zone = "",
                    Instant now = {1'700'000'000, 0}) {
  auto made = cef::Timestamps::make("UTC", "");
  const auto instant = made.value()->parse(text, device_zone, now);
  return instant ? to_text(Value::timestamp(*instant)) : "!";
}

TEST(CefTimestamps, are_milliseconds_or_dates_of_many_shapes) {
  EXPECT_EQ(time_of("1616623591694"), "2021-03-24T22:06:31.694Z");
  EXPECT_EQ(time_of("1616623591694.176789"), "2021-03-24T22:06:31.694176789Z");
  EXPECT_EQ(time_of("Mar 17 2021 12:34:56"), "2021-03-17T12:34:56.000Z");
  EXPECT_EQ(time_of("Mar 17 2021 12:34:56.987654"), "2021-03-17T12:34:56.987654Z");
  EXPECT_EQ(time_of("Mar 17 2021 12:34:56.987654321 +02:00"), "2021-03-17T10:34:56.987654321Z");
  EXPECT_EQ(time_of("Jul 19 2017 10:50:21.127", "Europe/Moscow"), "2017-07-19T07:50:21.127Z");
  EXPECT_EQ(time_of("Jul 19 2017 10:50:21 -07:00", "Europe/Moscow"), "2017-07-19T17:50:21.000Z");
  EXPECT_EQ(time_of("Jul 19 2017 10:50:21 America/New_York"), "2017-07-19T14:50:21.000Z");
  EXPECT_EQ(time_of("Last Thursday"), "!");
  EXPECT_EQ(time_of("Jul 19 2017 10:50:21", "Mars/Olympus"), "!");
  EXPECT_EQ(time_of("99999999999999999999"), "!");
}

TEST(CefTimestamps, without_a_year_are_recent) {
  const Instant may = {1'715'558'400, 0};  // 2024-05-13
  EXPECT_EQ(time_of("May 12 10:00:00", "", may), "2024-05-12T10:00:00.000Z");
  EXPECT_EQ(time_of("May 14 10:00:00", "", may), "2024-05-14T10:00:00.000Z");
  EXPECT_EQ(time_of("May 16 10:00:00", "", may), "2023-05-16T10:00:00.000Z");
  const Instant new_year_eve = {1'735'646'400, 0};  // 2024-12-31T12:00Z
  EXPECT_EQ(time_of("Jan 01 10:00:00", "", new_year_eve), "2025-01-01T10:00:00.000Z");
}

TEST(CefCodec, names_fields_in_both_modes) {
  const std::string text = std::string(kHead) + "src=10.0.0.192 cs1=v cs1Label=l new_key=x y";
  EXPECT_EQ(
      decoded("cef", "", text),
      R"({"cefVersion":"0","deviceCustomString1":"v","deviceCustomString1Label":"l",)"
      R"("deviceEventClassId":"100","deviceProduct":"threatmanager","deviceVendor":"security",)"
      R"("deviceVersion":"1.0","name":"trojan stopped","new_key":"x y","severity":"10",)"
      R"("sourceAddress":"10.0.0.192"})");
  EXPECT_EQ(decoded("cef", "", text, Ecs::v8),
            R"({"cef":{"device_custom_string_1":{"label":"l","value":"v"},"name":"trojan stopped",)"
            R"("version":"0"},"event":{"code":"100","severity":"10"},"new_key":"x y",)"
            R"("observer":{"product":"threatmanager","vendor":"security","version":"1.0"},)"
            R"("source":{"ip":"10.0.0.192"}})");
}

TEST(CefCodec, device_fields_may_be_the_hosts) {
  const std::string text = "CEF:0|||||||dvchost=h dvc=1.2.3.4";
  EXPECT_NE(decoded("cef", "", text, Ecs::v8).find(R"("hostname":"h")"), std::string::npos);
  EXPECT_NE(decoded("cef", R"(device => host)", text, Ecs::v8)
                .find(R"("host":{"ip":"1.2.3.4","name":"h"})"),
            std::string::npos);
}

TEST(CefCodec, times_are_normalized_under_ecs_only) {
  const std::string text = std::string(kHead) + "rt=Jul 19 2017 10:50:21.127 dtz=Europe/Moscow";
  EXPECT_NE(decoded("cef", "", text).find(R"("deviceReceiptTime":"Jul 19 2017 10:50:21.127")"),
            std::string::npos);
  EXPECT_NE(decoded("cef", "", text, Ecs::v8, false, true)
                .find(R"("@timestamp":"2017-07-19T07:50:21.127Z")"),
            std::string::npos);
  EXPECT_NE(decoded("cef", "", std::string(kHead) + "start=", Ecs::v8).find(R"("start":null)"),
            std::string::npos);
  EXPECT_EQ(decoded("cef", "", std::string(kHead) + "start=soon", Ecs::v8),
            R"({"message":")" + std::string(kHead) + R"(start=soon","tags":["_cefparsefailure"]})");
}

TEST(CefCodec, legacy_names_stay_without_ecs) {
  const std::string text = "CEF:0|||||||destinationLongitude=1.5";
  EXPECT_NE(decoded("cef", "", text).find(R"("destinationLongitude":"1.5")"), std::string::npos);
  EXPECT_NE(decoded("cef", "", text, Ecs::v8).find(R"("location":{"lon":"1.5"})"),
            std::string::npos);
}

TEST(CefCodec, an_index_in_a_key_is_a_field_below) {
  EXPECT_NE(decoded("cef", "", "CEF:0|||||||ad.field[0]=x").find(R"("ad.field":{"0":"x"})"),
            std::string::npos);
}

TEST(CefCodec, keeps_the_raw_message_on_request) {
  EXPECT_NE(decoded("cef", R"(raw_data_field => "[raw][text]")", "CEF:0|||||||")
                .find(R"("raw":{"text":"CEF:0|||||||"})"),
            std::string::npos);
}

TEST(CefCodec, tags_what_is_no_cef) {
  EXPECT_EQ(decoded("cef", "", "hello"), R"({"message":"hello","tags":["_cefparsefailure"]})");
  EXPECT_EQ(decoded("cef", "", "CEF:0|||||||a=\xFF"),
            R"({"message":"CEF:0|||||||a=\\xFF","tags":["_cefparsefailure"]})");
  EXPECT_EQ(decoded("cef", "", "CEF:0|||||||source=x src=1.2.3.4", Ecs::v8),
            R"({"message":"CEF:0|||||||source=x src=1.2.3.4","tags":["_cefparsefailure"]})");
}

TEST(CefCodec, a_delimiter_cuts_streams) {
  EXPECT_EQ(framed_anyhow("cef", R"(delimiter => "\r\n")", "CEF:0|a\r\nCEF:0|b"),
            (Lines{"CEF:0|a", "CEF:0|b"}));
  EXPECT_EQ(test::framer_of("cef"), nullptr);
}

TEST(CefCodec, writes_header_and_fields) {
  EXPECT_EQ(encoded("cef", "", R"({"a":1})"),
            "CEF:0|Elasticsearch|Logstash|1.0|Logstash|Logstash|6|");
  EXPECT_EQ(
      encoded(
          "cef", R"(vendor => "%{v}" name => "" severity => "%{s}" delimiter => "\n"
                              fields => ["foo", "gone", "sourceAddress", "o"])",
          R"({"v":"a|b\\c\r\nd","s":"10.0","foo":"x=y\nz","sourceAddress":"1.2.3.4","o":{"k":1}})"),
      "CEF:0|a\\|b\\\\c d|Logstash|1.0|Logstash|Logstash|10|foo=x\\=y\\nz "
      "sourceAddress=1.2.3.4 o={\"k\":1}\n");
  EXPECT_EQ(
      encoded("cef", R"(severity => "11" reverse_mapping => true fields => ["sourceAddress"])",
              R"({"sourceAddress":"1.2.3.4"})"),
      "CEF:0|Elasticsearch|Logstash|1.0|Logstash|Logstash|6|src=1.2.3.4");
  EXPECT_EQ(encoded("cef", R"(fields => ["[source][ip]", "[source][registered_domain]"])",
                    R"({"source":{"ip":"1.2.3.4","registered_domain":"a.b"}})", Ecs::v8),
            "CEF:0|Elasticsearch|Logstash|1.0|Logstash|Logstash|6|sourceAddress=1.2.3.4 "
            "sourceDnsDomain=a.b");
}

}  // namespace
}  // namespace penstock
