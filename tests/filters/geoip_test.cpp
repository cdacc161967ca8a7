#include "filters/geoip.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "filters/geoip/database.h"
#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;
using test::normalized;

// MaxMind's own test databases: PENSTOCK_GEOIP_TESTS, or beside the source tree. The small one in
// tests/data has our own records.
std::string database(const std::string& name) {
  return std::string(PENSTOCK_SOURCE_DIR) + "/tests/data/geoip/" + name;
}

std::string options(const std::string& name, const std::string& more = "") {
  return "source => 'ip' database => '" + database(name) + "' " + more;
}

std::string located(const std::string& settings, std::string_view event, Ecs ecs = Ecs::disabled) {
  Context context = test::test_context();
  context.ecs = ecs;
  FilterRun run(geoip_filter(), settings, context);
  return run.one(event);
}

TEST(GeoIp, nested_city_record_in_both_schemas) {
  EXPECT_EQ(located(options("city.mmdb"), R"({"ip":"81.2.69.142"})"),
            normalized(R"({"ip":"81.2.69.142","geoip":{"ip":"81.2.69.142","city_name":"London",
              "continent_code":"EU","country_name":"United Kingdom","country_code2":"GB",
              "country_code3":"GB","region_name":"England","region_code":"ENG","postal_code":"SW1",
              "timezone":"Europe/London","latitude":51.5142,"longitude":-0.0931,
              "location":{"lat":51.5142,"lon":-0.0931}}})"));
  EXPECT_EQ(
      located(options("city.mmdb", "target => '[client]'"), R"({"ip":"81.2.69.142"})", Ecs::v8),
      normalized(R"({"ip":"81.2.69.142","client":{"ip":"81.2.69.142","geo":{
              "city_name":"London","continent_code":"EU","country_name":"United Kingdom",
              "country_iso_code":"GB","region_name":"England","region_iso_code":"GB-ENG",
              "postal_code":"SW1","timezone":"Europe/London",
              "location":{"lat":51.5142,"lon":-0.0931}}}})"));
}

TEST(GeoIp, flat_records_of_the_free_files) {
  EXPECT_EQ(located(options("flat.mmdb"), R"({"ip":"203.0.113.7"})"),
            normalized(R"({"ip":"203.0.113.7","geoip":{"ip":"203.0.113.7","city_name":"Bern",
              "country_code2":"CH","country_code3":"CH","region_name":"Bern","postal_code":"3011",
              "timezone":"Europe/Zurich","latitude":46.95,"longitude":7.45,
              "location":{"lat":46.95,"lon":7.45}}})"));
}

TEST(GeoIp, autonomous_systems) {
  EXPECT_EQ(located(options("asn.mmdb"), R"({"ip":"1.128.0.1"})"),
            R"({"geoip":{"as_org":"Telstra","asn":1221,"ip":"1.128.0.1"},"ip":"1.128.0.1"})");
  EXPECT_EQ(
      located(options("asn.mmdb",
                      "target => 'source' fields => ['network', "
                      "'autonomous_system_number']"),
              R"({"ip":"1.128.0.1"})", Ecs::v8),
      R"({"ip":"1.128.0.1","source":{"as":{"number":1221},"ip_traits":{"network":"1.128.0.0/11"}}})");
}

TEST(GeoIp, addresses_that_are_unknown_or_none_tag_the_event) {
  for (const std::string_view ip :
       {"10.0.0.1", "bad", "1.2.3", "300.1.1.1", "example.com", "::2"}) {
    const std::string event = "{\"ip\":\"" + std::string(ip) + "\"}";
    EXPECT_EQ(located(options("city.mmdb"), event),
              normalized("{\"ip\":\"" + std::string(ip) +
                         "\",\"geoip\":{},\"tags\":[\"_geoip_lookup_failure\"]}"));
  }
  for (const std::string_view event : {R"({"ip":""})", R"({"ip":" "})", R"({"x":1})", R"({"ip":5})",
                                       R"({"ip":[]})", R"({"ip":{"a":1}})"}) {
    const std::string out = located(options("city.mmdb", "tag_on_failure => ['f']"), event);
    EXPECT_NE(out.find(R"("tags":["f"])"), std::string::npos) << out;
    EXPECT_EQ(out.find("geoip"), std::string::npos) << out;
  }
}

TEST(GeoIp, forms_of_addresses) {
  const auto ip = [](std::string_view text) {
    return located(options("city.mmdb", "fields => ['ip']"),
                   "{\"ip\":\"" + std::string(text) + "\"}");
  };
  EXPECT_EQ(ip("2001:218::1"), R"({"geoip":{"ip":"2001:218:0:0:0:0:0:1"},"ip":"2001:218::1"})");
  EXPECT_EQ(ip("[2001:218::1]"), R"({"geoip":{"ip":"2001:218:0:0:0:0:0:1"},"ip":"[2001:218::1]"})");
  EXPECT_EQ(ip("::ffff:81.2.69.142"),
            R"({"geoip":{"ip":"81.2.69.142"},"ip":"::ffff:81.2.69.142"})");
  EXPECT_EQ(
      located(options("city.mmdb", "fields => ['city_name']"), R"({"ip":["81.2.69.142","x"]})"),
      R"({"geoip":{"city_name":"London"},"ip":["81.2.69.142","x"]})");
}

TEST(GeoIp, only_the_usual_form_is_an_ipv4_address) {
  EXPECT_EQ(parse_ipv4("0.0.0.0"), 0U);
  EXPECT_EQ(parse_ipv4("255.1.20.3"), 0xff011403U);
  for (const std::string_view text :
       {"", "1", "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4 ", " 1.2.3.4", "256.1.1.1", "01.2.3.4",
        "1..2.3", "1.2.3.0004", "a.2.3.4"})
    EXPECT_EQ(parse_ipv4(text), std::nullopt) << text;
}

TEST(GeoIp, both_ways_into_the_tree_lead_to_the_same_record) {
  const auto opened = GeoDatabase::open(database("city.mmdb"));
  ASSERT_TRUE(opened.ok());
  uint32_t next = 1;
  for (int i = 0; i < 2000; ++i) {
    next = next * 1664525 + 1013904223;
    // Half of them in the part that has records.
    const uint32_t ipv4 = i % 2 ? next : 0x51020000 | (next & 0xffff);
    const std::string text = std::to_string(ipv4 >> 24) + "." + std::to_string(ipv4 >> 16 & 255) +
                             "." + std::to_string(ipv4 >> 8 & 255) + "." +
                             std::to_string(ipv4 & 255);
    GeoDatabase::Found fast, slow;
    const auto outcome = opened.value()->find(ipv4, fast);
    ASSERT_EQ(outcome, opened.value()->find(*GeoAddress::parse(text), slow)) << text;
    if (outcome == GeoDatabase::Outcome::found) {
      ASSERT_EQ(fast.offset, slow.offset) << text;
      ASSERT_EQ(fast.prefix, slow.prefix) << text;
    }
  }
}

TEST(GeoIp, cached_answers_are_equal_and_independent) {
  Context context = test::test_context();
  FilterRun run(geoip_filter(), options("city.mmdb", "cache_size => 1"), context);
  const std::string first = run.one(R"({"ip":"81.2.69.142"})");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(run.one(R"({"ip":"81.2.69.142"})"), first);
    EXPECT_EQ(run.one(R"({"ip":"10.0.0.1"})"),
              R"({"geoip":{},"ip":"10.0.0.1","tags":["_geoip_lookup_failure"]})");
  }
}

TEST(GeoIp, result_joins_an_existing_target) {
  EXPECT_EQ(located("source => '[client][ip]' fields => ['city_name','location'] database => '" +
                        database("city.mmdb") + "'",
                    R"({"client":{"ip":"81.2.69.142","geo":{"name":"hq"}}})", Ecs::v8),
            normalized(R"({"client":{"ip":"81.2.69.142","geo":{"name":"hq","city_name":"London",
              "location":{"lat":51.5142,"lon":-0.0931}}}})"));
}

TEST(GeoIp, mistakes_are_errors) {
  const auto error = [](const std::string& settings, Ecs ecs = Ecs::disabled) {
    Context context = test::test_context();
    context.ecs = ecs;
    context.path_data = "/nowhere";
    const auto made = geoip_filter().make(
        test::settings_of(PluginKind::filter, geoip_filter().info, settings), context);
    return made.ok() ? "" : made.error().text();
  };
  EXPECT_NE(error("source => 'ip' database => '/no/such.mmdb'").find("/no/such.mmdb: No such file"),
            std::string::npos);
  EXPECT_NE(error("source => 'ip'"), "");
  EXPECT_NE(error(options("city.mmdb", "fields => ['nonsense']")).find("nonsense"),
            std::string::npos);
  EXPECT_NE(error(options("city.mmdb"), Ecs::v8).find("target"), std::string::npos);
}

TEST(GeoIp, damaged_file_is_an_error_or_a_miss) {
  std::ifstream in(database("city.mmdb"), std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(in), {}};
  const std::string path =
      (std::filesystem::temp_directory_path() / "penstock_geoip_damaged.mmdb").string();
  for (size_t i = 0; i < good.size(); i += 13) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x55);
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bad;
    const auto opened = GeoDatabase::open(path);
    if (!opened.ok()) continue;
    GeoDatabase::Found found{};
    for (const char* text : {"81.2.69.142", "2001:218::1", "0.0.0.0", "255.255.255.255"})
      (void)opened.value()->find(*GeoAddress::parse(text), found);
  }
  std::ofstream(path, std::ios::binary | std::ios::trunc) << "not a database";
  EXPECT_FALSE(GeoDatabase::open(path).ok());
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace penstock
