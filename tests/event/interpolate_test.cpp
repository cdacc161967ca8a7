#include "pipeline/event/interpolate.h"

#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace penstock {
namespace {

// The text that `pattern` gives for an event.
std::string rendered(std::string_view pattern, std::string_view json) {
  Batch batch;
  const Row row = test::add_event(batch, json);
  auto made = Template::parse(pattern);
  EXPECT_TRUE(made.ok()) << made.error().text();
  return made.value().render(batch[row]);
}

constexpr std::string_view kEvent =
    R"({"@timestamp":"2026-11-21T10:00:00.123Z","s":"abc","num":5,"f":2.5,"b":true,"n":null,)"
    R"("arr":["a","b",1],"empty":[],"h":{"z":{"y":7}},"@metadata":{"m":"meta"}})";

std::string rendered(std::string_view pattern) { return rendered(pattern, kEvent); }

bool complete(std::string_view pattern, std::string_view json = kEvent) {
  Batch batch;
  const Row row = test::add_event(batch, json);
  std::string out;
  return Template::parse(pattern).value().append(batch[row], out);
}

std::string error(std::string_view pattern) {
  const auto made = Template::parse(pattern);
  return made.ok() ? "" : made.error().message;
}

TEST(Template, replaces_fields_by_their_text) {
  EXPECT_EQ(rendered("a%{s}b%{num}c"), "aabcb5c");
  EXPECT_EQ(rendered("%{[h][z][y]}%{f}%{b}"), "72.5true");
  EXPECT_EQ(rendered("%{[@metadata][m]}"), "meta");
  EXPECT_EQ(rendered("%{[arr][-1]}"), "1");
}

TEST(Template, joins_arrays_by_commas_and_writes_objects_as_json) {
  EXPECT_EQ(rendered("%{arr}"), "a,b,1");
  EXPECT_EQ(rendered("<%{empty}>"), "<>");
  EXPECT_EQ(rendered("%{h}"), R"({"z":{"y":7}})");
}

TEST(Template, leaves_missing_and_null_fields_as_they_stand) {
  EXPECT_EQ(rendered("x%{missing}y"), "x%{missing}y");
  EXPECT_EQ(rendered("%{[missing][x]}%{n}"), "%{[missing][x]}%{n}");
  EXPECT_EQ(rendered("%{ s }"), "%{ s }");
  EXPECT_FALSE(complete("%{missing}"));
  EXPECT_FALSE(complete("%{n}"));
  EXPECT_TRUE(complete("%{s}"));
}

TEST(Template, an_unclosed_part_is_text) {
  EXPECT_EQ(rendered("%{"), "%{");
  EXPECT_EQ(rendered("%{s} %{s"), "abc %{s");
  EXPECT_EQ(rendered("100%"), "100%");
}

TEST(Template, prints_the_timestamp) {
  EXPECT_EQ(rendered("%{@timestamp}"), "2026-11-21T10:00:00.123Z");
  EXPECT_EQ(rendered("logs-%{+YYYY.MM.dd}"), "logs-2026.11.21");
  EXPECT_EQ(rendered("%{+yyyy-MM-dd HH:mm:ss.SSS}"), "2026-11-21 10:00:00.123");
  EXPECT_EQ(rendered("%{+dd/MMM/yyyy:HH:mm:ss Z}"), "21/Nov/2026:10:00:00 +0000");
  EXPECT_EQ(rendered("%{+xxxx.ww} %{+hh a} %{+YY} %{+DDD}"), "2026.47 10 AM 26 325");
}

TEST(Template, prints_epoch_seconds_for_every_beginning_of_their_tag) {
  for (const char* tag : {"%{+%s}", "%{+%}", "%{+}", "%{}"})
    EXPECT_EQ(rendered(tag), "1795255200") << tag;
}

TEST(Template, prints_java_patterns) {
  EXPECT_EQ(rendered("%{{EEEE}}"), "Saturday");
  EXPECT_EQ(rendered("%{{YYYY-'W'ww}}|%{{uuuu-MM-dd'T'HH:mm:ssX}}"),
            "2026-W47|2026-11-21T10:00:00Z");
}

TEST(Template, an_event_without_a_timestamp_prints_nothing_for_dates) {
  EXPECT_EQ(rendered("a%{+YYYY}%{+%s}b", R"({"s":1})"), "ab");
  EXPECT_FALSE(complete("%{+YYYY}", R"({"s":1})"));
}

TEST(Template, keeps_no_date_of_another_day) {
  auto daily = Template::parse("%{+YYYY.MM.dd}");
  ASSERT_TRUE(daily.ok());
  Batch batch;
  const Row first = test::add_event(batch, R"({"@timestamp":"1969-12-31T23:59:59.999Z"})");
  const Row second = test::add_event(batch, R"({"@timestamp":"1970-01-01T00:00:00.000Z"})");
  EXPECT_EQ(daily.value().render(batch[first]), "1969.12.31");
  EXPECT_EQ(daily.value().render(batch[second]), "1970.01.01");
  EXPECT_EQ(daily.value().render(batch[first]), "1969.12.31");
}

TEST(Template, refuses_what_can_never_be_rendered) {
  EXPECT_NE(error("%{a[b}"), "");
  EXPECT_NE(error("%{+yyyy.bb}").find("`b`"), std::string::npos);
  EXPECT_NE(error("%{{yyyyQQQQQQ}}"), "");
  EXPECT_EQ(error("no part"), "");
}

TEST(Template, knows_constants) {
  EXPECT_TRUE(Template::parse("plain").value().is_constant());
  EXPECT_TRUE(Template::parse("").value().is_constant());
  EXPECT_FALSE(Template::parse("%{a}").value().is_constant());
  EXPECT_EQ(Template::parse("x%{a}").value().text(), "x%{a}");
}

}  // namespace
}  // namespace penstock
