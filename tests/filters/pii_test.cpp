#include "filters/pii.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;
using test::make_error;
using test::normalized;

std::string run(std::string_view options, std::string_view json) {
  return FilterRun(pii_filter(), options).one(json);
}

TEST(Pii, masks_in_every_string_field) {
  EXPECT_EQ(run("", R"({"message":"mail bob@x.org","a":{"b":["1",{"c":"ssn 123-45-6789"}]}})"),
            normalized(R"({"message":"mail [EMAIL]","a":{"b":["1",{"c":"ssn [US_SSN]"}]},
                "pii":{"entities":["email","us_ssn"],"count":2}})"));
}

TEST(Pii, leaves_clean_events_as_they_are) {
  FilterRun filter(pii_filter(), "");
  const std::string event = R"({"message":"took 12 ms","n":1795068000000,"ok":true})";
  EXPECT_EQ(filter.one(event), normalized(event));
  EXPECT_FALSE(filter.matched());
}

TEST(Pii, covers_the_original) {
  EXPECT_EQ(run("", R"({"event":{"original":"{\"m\":\"bob@x.org\",\"password\":\"p w\"}"}})"),
            normalized(R"({"event":{"original":"{\"m\":\"[EMAIL]\",\"password\":\"[PASSWORD]\"}"},
                "pii":{"entities":["email","password"],"count":2}})"));
}

TEST(Pii, scrubs_by_the_fields_name) {
  EXPECT_EQ(run("entities => [\"password\", \"us_ssn\", \"date_of_birth\"] target => \"[x]\"",
                R"({"password":"two words","ssn":123456789,"user":{"dateOfBirth":"1980"}})"),
            normalized(R"({"password":"[PASSWORD]","ssn":"[US_SSN]",
                "user":{"dateOfBirth":"[DATE_OF_BIRTH]"},
                "x":{"entities":["us_ssn","password","date_of_birth"],"count":3}})"));
}

TEST(Pii, scrubs_cards_that_are_numbers) {
  EXPECT_NE(run("", R"({"card":4111111111111111})").find("\"[PAYMENT_CARD]\""), std::string::npos);
  EXPECT_EQ(run("", R"({"order_id":4111111111111111})"), R"({"order_id":4111111111111111})");
  EXPECT_EQ(run("", R"({"order_id":"4111111111111111"})"), R"({"order_id":"4111111111111111"})");
}

TEST(Pii, leaves_metadata_unless_it_is_named) {
  const std::string_view event = R"({"@metadata":{"to":"bob@x.org"},"a":1})";
  EXPECT_EQ(FilterRun(pii_filter(), "").one(event, true), normalized(event));
  EXPECT_NE(
      FilterRun(pii_filter(), "fields => [\"[@metadata][to]\"]").one(event, true).find("[EMAIL]"),
      std::string::npos);
}

TEST(Pii, looks_into_the_named_fields_only) {
  EXPECT_EQ(run("fields => [\"[a]\", \"[list][1]\"] target => \"t\"",
                R"({"a":{"x":"b@x.org"},"b":"b@x.org","list":["b@x.org","b@x.org"]})"),
            normalized(R"({"a":{"x":"[EMAIL]"},"b":"b@x.org","list":["b@x.org","[EMAIL]"],
                "t":{"entities":["email"],"count":2}})"));
}

TEST(Pii, leaves_excepted_fields) {
  EXPECT_EQ(run("except => [\"[user]\"]", R"({"user":{"mail":"b@x.org"}})"),
            R"({"user":{"mail":"b@x.org"}})");
}

TEST(Pii, addresses_of_machines_are_off_by_default) {
  const std::string_view event = R"({"m":"from 10.1.2.3 and 2001:db8::1"})";
  EXPECT_EQ(run("", event), event);
  EXPECT_NE(run("entities => [\"default\", \"ip_address\"]", event)
                .find("from [IP_ADDRESS] and [IP_ADDRESS]"),
            std::string::npos);
  EXPECT_NE(run("entities => \"all\"", event).find("[IP_ADDRESS]"), std::string::npos);
}

TEST(Pii, partial_keeps_the_last_four) {
  EXPECT_NE(run("action => partial", R"({"m":"card 4111-1111-1111-1111"})").find("card ****1111"),
            std::string::npos);
  EXPECT_NE(
      run("action => partial", R"({"m":"password=hunter2secret"})").find("password=[PASSWORD]"),
      std::string::npos);
}

// Expected: python3 -c 'import hmac; print(hmac.new(b"k", b"bob@x.org",
// "sha256").hexdigest()[:32])'
TEST(Pii, hash_names_a_value_the_same_way_everywhere) {
  FilterRun filter(pii_filter(), "action => hash hash_key => \"k\"");
  const std::string first = filter.one(R"({"m":"a bob@x.org"})");
  EXPECT_NE(first.find("a [EMAIL:fd029075e291c0938dce340d8d041a67]"), std::string::npos) << first;
  const std::string token = first.substr(first.find("[EMAIL:"), 40);
  EXPECT_NE(filter.one(R"({"x":["Bob%40X.org"]})").find(token), std::string::npos);
  EXPECT_EQ(filter.one(R"({"m":"eve@x.org"})").find(token), std::string::npos);
}

TEST(Pii, remove_cuts_the_text_out) {
  EXPECT_NE(run("action => remove", R"({"m":"to bob@x.org now","ssn":123456789})")
                .find(R"("m":"to  now")"),
            std::string::npos);
}

TEST(Pii, tag_changes_nothing_but_tags) {
  EXPECT_EQ(run("action => tag", R"({"m":"bob@x.org"})"),
            normalized(R"({"m":"bob@x.org","tags":["pii_email"],
                "pii":{"entities":["email"],"count":1}})"));
}

TEST(Pii, actions_are_by_entity) {
  const std::string out =
      run("actions => { \"email\" => \"remove\" }", R"({"m":"bob@x.org 123-45-6789"})");
  EXPECT_NE(out.find(R"("m":" [US_SSN]")"), std::string::npos) << out;
}

TEST(Pii, records_findings_in_characters_of_the_original) {
  EXPECT_EQ(run("findings => \"[f]\"", R"({"a":{"m":["Größe: bob@x.org"]}})"),
            normalized(R"({"a":{"m":["Größe: [EMAIL]"]},"pii":{"entities":["email"],"count":1},
                "f":[{"type":"email","field":"[a][m][0]","start":7,"end":16}]})"));
}

TEST(Pii, finds_custom_patterns) {
  EXPECT_NE(run(R"(custom => { "employee" => "EMP-\d{4}" })", R"({"m":"by EMP-1234 and b@x.org"})")
                .find("by [EMPLOYEE] and [EMAIL]"),
            std::string::npos);
}

TEST(Pii, a_bad_pattern_is_an_error_with_its_place) {
  EXPECT_NE(make_error(pii_filter(), "custom => { \"x\" => \"(\" }").find("test:2:"),
            std::string::npos);
  EXPECT_NE(make_error(pii_filter(), "custom => { \"email\" => \"a\" }"), "");
  EXPECT_NE(make_error(pii_filter(), "custom => { \"a b\" => \"a\" }"), "");
  EXPECT_NE(make_error(pii_filter(), "custom => { \"x\" => \"a*\" }"), "");
}

TEST(Pii, hash_wants_a_key) {
  EXPECT_NE(make_error(pii_filter(), "action => hash").find("hash_key"), std::string::npos);
  EXPECT_NE(make_error(pii_filter(), "actions => { \"emial\" => \"hash\" }"), "");
  EXPECT_NE(make_error(pii_filter(), "actions => { \"email\" => \"burn\" }"), "");
}

TEST(Pii, a_second_filter_adds_to_the_first_ones_report) {
  Batch batch;
  const Row row =
      test::add_event(batch, R"({"m":"b@x.org","pii":{"entities":["phone"],"count":3}})");
  auto filter = pii_filter().make(test::settings_of(PluginKind::filter, pii_filter().info, ""),
                                  test::test_context());
  std::vector<Row> matched;
  filter.value()->apply(batch, std::span(&row, 1), matched);
  EXPECT_EQ(test::to_json(batch[row]),
            normalized(R"({"m":"[EMAIL]","pii":{"entities":["phone","email"],"count":4}})"));
}

TEST(Pii, a_rewritten_string_forgets_how_it_was_received) {
  EXPECT_NE(run("", R"({"m":"tab\tbob@x.org\u0041"})").find(R"("m":"tab\t[EMAIL])"),
            std::string::npos);
}

TEST(Pii, scrubs_our_own_log) {
  EXPECT_EQ(scrub_text("refused: http://elastic:s3cret@es:9200 for bob@x.org"),
            "refused: http://elastic:[PASSWORD]@es:9200 for [EMAIL]");
}

}  // namespace
}  // namespace penstock
