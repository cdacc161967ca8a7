#include "filters/date.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

// The timestamp that a text gives, or "failed".
std::string stamp(const std::string& value, const std::string& formats,
                  const std::string& options = R"(timezone => "UTC")") {
  FilterRun run(date_filter(), "match => [ \"d\", " + formats + " ] target => \"t\" " + options);
  const std::string out = run.one("{\"d\":" + value + "}");
  const size_t at = out.find("\"t\":\"");
  if (at == out.npos) return out.find("_dateparsefailure") == out.npos ? out : "failed";
  return out.substr(at + 5, out.find('"', at + 5) - at - 5);
}

std::string iso(const std::string& text, const std::string& zone = "UTC") {
  return stamp("\"" + text + "\"", "\"ISO8601\"", "timezone => \"" + zone + "\"");
}

std::string pattern(const std::string& text, const std::string& format,
                    const std::string& options = R"(timezone => "UTC")") {
  return stamp("\"" + text + "\"", "\"" + format + "\"", options);
}

TEST(Date, iso8601_in_all_its_lengths) {
  EXPECT_EQ(iso("2026-11-21T10:11:12.345Z"), "2026-11-21T10:11:12.345Z");
  EXPECT_EQ(iso("2026-11-21T10:11:12,3"), "2026-11-21T10:11:12.300Z");
  EXPECT_EQ(iso("2026-11-21T10:11:12.123456789Z"), "2026-11-21T10:11:12.123Z");
  EXPECT_EQ(iso("2026-11-21T10:11:12"), "2026-11-21T10:11:12.000Z");
  EXPECT_EQ(iso("2026-11-21T10:11"), "2026-11-21T10:11:00.000Z");
  EXPECT_EQ(iso("2026-11-21T10"), "2026-11-21T10:00:00.000Z");
  EXPECT_EQ(iso("2026-11-21"), "2026-11-21T00:00:00.000Z");
  EXPECT_EQ(iso("2026-11"), "2026-11-01T00:00:00.000Z");
  EXPECT_EQ(iso("2026"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(iso("2026-325"), "2026-11-21T00:00:00.000Z");
  EXPECT_EQ(iso("2026-W47-6"), "2026-11-21T00:00:00.000Z");
  EXPECT_EQ(iso("2026-W47"), "2026-11-16T00:00:00.000Z");
  EXPECT_EQ(iso("T10:11"), "1970-01-01T10:11:00.000Z");
  EXPECT_EQ(iso("2026-1-2T3:4:5"), "2026-01-02T03:04:05.000Z");
  EXPECT_EQ(iso("2026-11-21T10.5"), "2026-11-21T10:30:00.000Z");
}

TEST(Date, iso8601_offsets) {
  EXPECT_EQ(iso("2026-11-21T10:11:12+02:00"), "2026-11-21T08:11:12.000Z");
  EXPECT_EQ(iso("2026-11-21T10:11:12-0530"), "2026-11-21T15:41:12.000Z");
  EXPECT_EQ(iso("2026-11-21T10:11:12+01"), "2026-11-21T09:11:12.000Z");
  EXPECT_EQ(iso("2026-11-21T10:11:12z"), "2026-11-21T10:11:12.000Z");
  EXPECT_EQ(iso("2026-11-21T+02:00"), "2026-11-20T22:00:00.000Z");
}

TEST(Date, iso8601_with_a_blank_needs_a_fraction) {
  EXPECT_EQ(iso("2026-11-21 10:11:12.345"), "2026-11-21T10:11:12.345Z");
  EXPECT_EQ(iso("2026-11-21 10:11:12,345+0100"), "2026-11-21T09:11:12.345Z");
  EXPECT_EQ(iso("2026-11-21 10:11:12"), "failed");
  EXPECT_EQ(iso("2026-11-21 10:11:12.3456"), "failed");
}

TEST(Date, iso8601_refuses) {
  for (const char* text : {"", "garbage", "2026-13-01", "2026-02-29", "2026-11-21T24:00:00Z",
                           "2026-11-21T10:60", "2026-11-21T10:11:12 Z", "2026-11-21T10:11:12+24",
                           "2026-W54", "2026-366", "2026-", "T", "2026-11-21X"})
    EXPECT_EQ(iso(text), "failed") << text;
}

TEST(Date, a_text_without_an_offset_is_in_the_zone) {
  EXPECT_EQ(iso("2026-11-21T10:11:12", "America/New_York"), "2026-11-21T15:11:12.000Z");
  EXPECT_EQ(iso("2026-07-21", "Europe/Berlin"), "2026-07-20T22:00:00.000Z");
  EXPECT_EQ(iso("2026-07-21T00:00", "+05:30"), "2026-07-20T18:30:00.000Z");
  EXPECT_EQ(iso("2060-07-21T12:00", "Europe/Berlin"), "2060-07-21T10:00:00.000Z");
  EXPECT_EQ(iso("3060-01-21T12:00", "Europe/Berlin"), "3060-01-21T11:00:00.000Z");
  EXPECT_EQ(iso("3060-07-21T12:00", "europe/berlin"), "3060-07-21T10:00:00.000Z");
  EXPECT_EQ(iso("1900-07-21T12:00", "America/New_York"), "1900-07-21T17:00:00.000Z");
}

TEST(Date, a_time_that_clocks_skip_fails_and_of_two_the_first_counts) {
  EXPECT_EQ(iso("2026-03-29T02:30:00", "Europe/Berlin"), "failed");
  EXPECT_EQ(iso("2026-10-25T02:30:00", "Europe/Berlin"), "2026-10-25T00:30:00.000Z");
  EXPECT_EQ(iso("2026-10-25T03:00:00", "Europe/Berlin"), "2026-10-25T02:00:00.000Z");
  EXPECT_EQ(iso("2026-03-08T02:00:00", "America/New_York"), "failed");
  EXPECT_EQ(iso("2026-11-01T01:30:00", "America/New_York"), "2026-11-01T05:30:00.000Z");
}

TEST(Date, common_log_patterns) {
  EXPECT_EQ(pattern("21/Nov/2026:10:11:12 +0100", "dd/MMM/yyyy:HH:mm:ss Z"),
            "2026-11-21T09:11:12.000Z");
  EXPECT_EQ(pattern("Sat, 21 Nov 2026 10:11:12 -0500", "EEE, dd MMM yyyy HH:mm:ss Z"),
            "2026-11-21T15:11:12.000Z");
  EXPECT_EQ(pattern("Nov  3 2026 10:11:12", "MMM  d yyyy HH:mm:ss"), "2026-11-03T10:11:12.000Z");
  EXPECT_EQ(pattern("20261121101112", "yyyyMMddHHmmss"), "2026-11-21T10:11:12.000Z");
  EXPECT_EQ(pattern("2026-11-21 10:11:12,345", "yyyy-MM-dd HH:mm:ss,SSS"),
            "2026-11-21T10:11:12.345Z");
  EXPECT_EQ(pattern("11/21/2026 1:02:03 PM", "MM/dd/yyyy h:mm:ss a"), "2026-11-21T13:02:03.000Z");
  EXPECT_EQ(pattern("2026-11-21 12:10 AM", "yyyy-MM-dd hh:mm a"), "2026-11-21T00:10:00.000Z");
  EXPECT_EQ(pattern("2026-11-21 24:10", "yyyy-MM-dd kk:mm"), "2026-11-21T00:10:00.000Z");
  EXPECT_EQ(pattern("2026-325", "yyyy-DDD"), "2026-11-21T00:00:00.000Z");
  EXPECT_EQ(pattern("2026-47-6", "xxxx-ww-e"), "2026-11-21T00:00:00.000Z");
}

TEST(Date, letters_are_matched_in_their_three_spellings) {
  EXPECT_EQ(pattern("21 nov 2026", "dd MMM yyyy"), "2026-11-21T00:00:00.000Z");
  EXPECT_EQ(pattern("21 NOVEMBER 2026", "dd MMM yyyy"), "2026-11-21T00:00:00.000Z");
  EXPECT_EQ(pattern("21 Nov 2026", "dd MMMM yyyy"), "2026-11-21T00:00:00.000Z");
  EXPECT_EQ(pattern("21 nOv 2026", "dd MMM yyyy"), "failed");
  EXPECT_EQ(pattern("21 Novembre 2026", "dd MMMM yyyy"), "failed");
}

TEST(Date, names_of_other_languages) {
  EXPECT_EQ(pattern("21 Dez. 2026", "dd MMM yyyy", R"(locale => "de" timezone => "UTC")"),
            "2026-12-21T00:00:00.000Z");
  EXPECT_EQ(pattern("21 MÄRZ 2026", "dd MMMM yyyy", R"(locale => "de-AT" timezone => "UTC")"),
            "2026-03-21T00:00:00.000Z");
  EXPECT_EQ(pattern("21 février 2026", "dd MMMM yyyy", R"(locale => "fr" timezone => "UTC")"),
            "2026-02-21T00:00:00.000Z");
  EXPECT_EQ(pattern("sáb 21 nov 2026", "EEE dd MMM yyyy", R"(locale => "es" timezone => "UTC")"),
            "2026-11-21T00:00:00.000Z");
  EXPECT_EQ(pattern("21 Nov 2026", "dd MMM yyyy", R"(locale => "tlh" timezone => "UTC")"),
            "2026-11-21T00:00:00.000Z");
}

TEST(Date, a_weekday_that_contradicts_moves_within_its_week) {
  EXPECT_EQ(pattern("Mon, 21 Nov 2026", "EEE, dd MMM yyyy"), "2026-11-16T00:00:00.000Z");
  EXPECT_EQ(pattern("Mon, 1 Jan 2027", "EEE, d MMM yyyy"), "2026-12-28T00:00:00.000Z");
}

TEST(Date, years_of_two_digits_are_near) {
  EXPECT_EQ(pattern("1/2/26 3:4", "M/d/yy H:m"), "2026-01-02T03:04:00.000Z");
  EXPECT_EQ(pattern("70/01/02", "yy/MM/dd"), "1970-01-02T00:00:00.000Z");
  EXPECT_EQ(pattern("2026/01/02", "yy/MM/dd"), "2026-01-02T00:00:00.000Z");
  EXPECT_EQ(pattern("260102", "yyMMdd"), "2026-01-02T00:00:00.000Z");
}

TEST(Date, zones_in_the_text) {
  EXPECT_EQ(pattern("2026-11-21 10:11:12 Europe/Paris", "yyyy-MM-dd HH:mm:ss ZZZ"),
            "2026-11-21T09:11:12.000Z");
  EXPECT_EQ(pattern("2026-11-21 10:11:12 EST", "yyyy-MM-dd HH:mm:ss z"),
            "2026-11-21T15:11:12.000Z");
  EXPECT_EQ(pattern("2026-11-21 10:11:12 XYZ", "yyyy-MM-dd HH:mm:ss z"), "failed");
  EXPECT_EQ(pattern("2026-11-21 10:11:12 Mars/Base", "yyyy-MM-dd HH:mm:ss ZZZ"), "failed");
  EXPECT_EQ(pattern("2026-11-21 Z", "yyyy-MM-dd Z", R"(timezone => "Europe/Berlin")"),
            "2026-11-21T00:00:00.000Z");
}

// The test's clock stands at 2023-11-14.
TEST(Date, a_year_is_guessed) {
  EXPECT_EQ(pattern("Jan 12 10:11:12", "MMM dd HH:mm:ss"), "2023-01-12T10:11:12.000Z");
  EXPECT_EQ(pattern("Dec 31 23:59:59", "MMM dd HH:mm:ss"), "2023-12-31T23:59:59.000Z");
  EXPECT_EQ(pattern("Feb 29 00:00:00", "MMM dd HH:mm:ss"), "2023-02-28T00:00:00.000Z");
  EXPECT_EQ(pattern("Jul 12 10:11:12", "MMM dd HH:mm:ss", R"(timezone => "Europe/Berlin")"),
            "2023-07-12T08:11:12.000Z");
}

TEST(Date, december_in_january_is_last_years_and_january_in_december_next_years) {
  const auto guessed = [](int64_t now, const std::string& text) {
    ManualClock clock({now, 0});
    Context context = test::test_context();
    context.clock = &clock;
    FilterRun run(date_filter(), R"(match => [ "d", "MMM dd" ] timezone => "UTC" target => "t")",
                  context);
    return run.one("{\"d\":\"" + text + "\"}");
  };
  constexpr int64_t kJanuary = 1'704'110'400, kDecember = 1'703'980'800;  // of 2024, of 2023
  EXPECT_EQ(guessed(kJanuary, "Dec 31"), R"({"d":"Dec 31","t":"2023-12-31T00:00:00.000Z"})");
  EXPECT_EQ(guessed(kDecember, "Jan 01"), R"({"d":"Jan 01","t":"2024-01-01T00:00:00.000Z"})");
}

TEST(Date, unix_seconds) {
  EXPECT_EQ(stamp("1700000000", "\"UNIX\""), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(stamp("1700000000.5", "\"UNIX\""), "2023-11-14T22:13:20.500Z");
  EXPECT_EQ(stamp("\"1700000000.1239\"", "\"UNIX\""), "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(stamp("\"-1\"", "\"UNIX\""), "1969-12-31T23:59:59.000Z");
  EXPECT_EQ(stamp("2147483648", "\"UNIX\""), "failed");
  EXPECT_EQ(stamp("\"1700000000.\"", "\"UNIX\""), "failed");
  EXPECT_EQ(stamp("\"abc\"", "\"UNIX\""), "failed");
}

TEST(Date, unix_milliseconds) {
  EXPECT_EQ(stamp("1700000000123", "\"UNIX_MS\""), "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(stamp("\"-1\"", "\"UNIX_MS\""), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(stamp("\"1700000000.123\"", "\"UNIX_MS\""), "failed");
}

TEST(Date, tai64n) {
  EXPECT_EQ(stamp("\"@4000000050d506482dbdf024\"", "\"TAI64N\""), "2012-12-22T01:00:46.767Z");
  EXPECT_EQ(stamp("\"4000000050d506482dbdf024\"", "\"TAI64N\""), "2012-12-22T01:00:46.767Z");
  for (const char* text : {"\"\"", "\"@40\"", "\"@4000000050d506482dbdf02x\"", "\"@x\""})
    EXPECT_EQ(stamp(text, "\"TAI64N\""), "failed") << text;
}

TEST(Date, formats_are_tried_in_order) {
  EXPECT_EQ(stamp("\"21/Nov/2026\"", R"("ISO8601", "UNIX", "dd/MMM/yyyy")"),
            "2026-11-21T00:00:00.000Z");
  EXPECT_EQ(stamp("12", R"("ISO8601", "UNIX")"), "1970-01-01T00:00:12.000Z");
}

TEST(Date, other_values_fail_and_missing_ones_are_left_alone) {
  EXPECT_EQ(stamp("[\"2026-11-21\"]", "\"ISO8601\""), "failed");
  EXPECT_EQ(stamp("true", "\"ISO8601\""), "failed");
  EXPECT_EQ(stamp("12", "\"yyyy\""), "failed");
  EXPECT_EQ(stamp("null", "\"ISO8601\""), R"({"d":null})");
  FilterRun run(date_filter(), R"(match => [ "missing", "ISO8601" ])");
  EXPECT_EQ(run.one(R"({"a":1})"), R"({"a":1})");
  EXPECT_FALSE(run.matched());
}

TEST(Date, the_zone_may_come_from_the_event) {
  FilterRun run(date_filter(), R"(match => [ "d", "yyyy-MM-dd HH" ] timezone => "%{tz}"
                                  target => "t")");
  EXPECT_EQ(run.one(R"({"d":"2026-07-01 12","tz":"Europe/Berlin"})"),
            R"({"d":"2026-07-01 12","t":"2026-07-01T10:00:00.000Z","tz":"Europe/Berlin"})");
  EXPECT_EQ(run.one(R"({"d":"2026-07-01 12","tz":"Asia/Tokyo"})"),
            R"({"d":"2026-07-01 12","t":"2026-07-01T03:00:00.000Z","tz":"Asia/Tokyo"})");
  for (const char* zone : {"../../etc/passwd", "Mars/Base", ""}) {
    const std::string tz = zone;
    EXPECT_EQ(run.one("{\"d\":\"2026-07-01 12\",\"tz\":\"" + tz + "\"}"),
              "{\"d\":\"2026-07-01 12\",\"tags\":[\"_dateparsefailure\"],\"tz\":\"" + tz + "\"}");
  }
}

TEST(Date, the_same_text_twice_gives_the_same_instant) {
  FilterRun run(date_filter(), R"(match => [ "d", "yyyy-MM-dd" ] timezone => "UTC" target => "t")");
  const std::string first = run.one(R"({"d":"2026-07-01"})");
  run.one(R"({"d":"2026-07-02"})");
  EXPECT_EQ(run.one(R"({"d":"2026-07-01"})"), first);
  EXPECT_EQ(run.one(R"({"d":"2026-07-01"})"), first);
}

TEST(Date, wrong_options_are_refused) {
  const auto error = [](std::string_view options) {
    return test::make_error(date_filter(), options);
  };
  EXPECT_NE(error(R"(match => [ "d" ])").find("at least one format"), std::string::npos);
  EXPECT_NE(error(R"(match => [ "d", "yyyy-bb" ])").find("`b`"), std::string::npos);
  EXPECT_NE(error(R"(match => [ "d", "ISO8601" ] timezone => "Mars/Base")").find("Mars/Base"),
            std::string::npos);
}

}  // namespace
}  // namespace penstock
