#include "pipeline/event/date_format.h"

#include <gtest/gtest.h>

#include "pipeline/event/date/zone_rules.h"
#include "pipeline/event/value.h"

namespace penstock {
namespace {

constexpr Instant kInstant{1'795'255'272, 123'456'789};  // 2026-11-21T10:01:12.123456789Z

std::string printed(std::string_view pattern, DateSyntax syntax = DateSyntax::joda,
                    std::string_view zone = "UTC", std::string_view locale = "en") {
  const auto format = DateFormat::compile(pattern, syntax, locale);
  if (!format.ok()) return format.error().message;
  std::string out;
  format.value().append(kInstant, *TimeZone::find(zone).value(), out);
  return out;
}

TEST(DateFormat, prints_jodas_letters) {
  EXPECT_EQ(printed("G C YYYY yy x ww e EEEE EEE"), "AD 20 2026 26 2026 47 6 Saturday Sat");
  EXPECT_EQ(printed("MMMM MMM MM M dd d DDD"), "November Nov 11 11 21 21 325");
  EXPECT_EQ(printed("a K h H k m s S SSS SSSSSSSSS"), "AM 10 10 10 10 1 12 1 123 123456789");
  EXPECT_EQ(printed("Z ZZ ZZZ"), "+0000 +00:00 UTC");
  EXPECT_EQ(printed("HH:mm Z ZZ ZZZ z", DateSyntax::joda, "Europe/Berlin"),
            "11:01 +0100 +01:00 Europe/Berlin CET");
  EXPECT_EQ(printed("yyyyyy-'it''s' 'T'''"), "002026-it's T'");
}

TEST(DateFormat, prints_javas_letters) {
  const auto java = [](std::string_view pattern, std::string_view zone = "UTC") {
    return printed(pattern, DateSyntax::java, zone);
  };
  EXPECT_EQ(java("uuuu yy YYYY QQQ Q D LLL MMMMM"), "2026 26 2026 Q4 4 325 Nov N");
  EXPECT_EQ(java("EEEE E EEEEE e w W F"), "Saturday Sat S 6 47 3 3");
  EXPECT_EQ(java("X XX XXX x xxx Z ZZZZ ZZZZZ O"), "Z Z Z +00 +00:00 +0000 GMT Z GMT");
  EXPECT_EQ(java("X XX XXX x Z O VV", "Asia/Kolkata"),
            "+0530 +0530 +05:30 +0530 +0530 GMT+5:30 Asia/Kolkata");
  EXPECT_EQ(java("A N n SSS ppppH[:mm]"), "36072123 36072123456789 123456789 123   10:01");
}

TEST(DateFormat, prints_names_of_other_languages) {
  EXPECT_EQ(printed("EEEE, d. MMMM", DateSyntax::joda, "UTC", "de"), "Samstag, 21. November");
  EXPECT_EQ(printed("EEE d MMM", DateSyntax::joda, "UTC", "fr_FR"), "sam. 21 nov.");
}

TEST(DateFormat, refuses_unknown_letters_and_languages) {
  for (const char* pattern : {"", "b", "yyyy-bb"})
    EXPECT_FALSE(DateFormat::compile(pattern, DateSyntax::joda).ok()) << pattern;
  for (const char* pattern : {"yyyy'", "HHH", "{", "p", "ppp:", "SSSSSSSSSS", "r"})
    EXPECT_FALSE(DateFormat::compile(pattern, DateSyntax::java).ok()) << pattern;
  EXPECT_FALSE(DateFormat::compile("yyyy", DateSyntax::joda, "tlh").ok());
}

TEST(DateFormat, knows_how_often_its_output_changes) {
  const auto granularity = [](std::string_view pattern) {
    return DateFormat::compile(pattern, DateSyntax::joda).value().granularity_seconds();
  };
  EXPECT_EQ(granularity("YYYY.MM.dd"), 86'400);
  EXPECT_EQ(granularity("xxxx.ww"), 86'400);
  EXPECT_EQ(granularity("yyyy-MM-dd-HH a"), 3600);
  EXPECT_EQ(granularity("HH:mm"), 60);
  EXPECT_EQ(granularity("HH:mm:ss"), 1);
  EXPECT_EQ(granularity("HH:mm:ss.SSS"), 0);
}

TEST(TimeZone, finds_names_and_offsets_and_nothing_else) {
  EXPECT_EQ(TimeZone::find("+02:00").value()->offset_at(0), 7200);
  EXPECT_EQ(TimeZone::find("-0530").value()->offset_at(0), -19'800);
  EXPECT_EQ(TimeZone::find("europe/BERLIN").value()->id(), "Europe/Berlin");
  for (const char* name : {"", "../etc/passwd", "/etc/passwd", "Europe", "Europe/Berlin/", "+25:00",
                           "+2", "zone.tab", "Mars/Base"})
    EXPECT_FALSE(TimeZone::find(name).ok()) << name;
}

TEST(TimeZone, a_gap_moves_forward_and_an_overlap_is_the_earlier) {
  const auto berlin = TimeZone::find("Europe/Berlin").value();
  constexpr int64_t kGap = 1'774'751'400;  // 2026-03-29T02:30 on the wall
  EXPECT_FALSE(berlin->to_utc_strict(kGap));
  EXPECT_EQ(berlin->to_utc(kGap), kGap - 3600);
  constexpr int64_t kOverlap = 1'792'895'400;  // 2026-10-25T02:30
  EXPECT_EQ(berlin->to_utc(kOverlap), kOverlap - 7200);
  EXPECT_EQ(berlin->to_utc_strict(kOverlap + 1800), kOverlap + 1800 - 3600);
}

TEST(TimeZone, rules_hold_for_ever) {
  const auto berlin = TimeZone::find("Europe/Berlin").value();
  for (const int64_t year : {2030, 2037, 2038, 2100, 2499, 2500, 2501, 9999}) {
    const int64_t july = days_from_civil(year, 7, 1) * 86'400;
    const int64_t january = days_from_civil(year, 1, 15) * 86'400;
    EXPECT_EQ(berlin->offset_at(july), 7200) << year;
    EXPECT_EQ(berlin->offset_at(january), 3600) << year;
    EXPECT_EQ(berlin->to_utc(july), july - 7200) << year;
    EXPECT_EQ(berlin->name_at(july), "CEST") << year;
  }
}

TEST(ZoneRules, refuse_broken_files) {
  EXPECT_FALSE(date::ZoneRules::read(""));
  EXPECT_FALSE(date::ZoneRules::read(std::string(44, 'T')));
  EXPECT_FALSE(date::ZoneRules::read("TZif2" + std::string(200, '\xFF')));
}

}  // namespace
}  // namespace penstock
