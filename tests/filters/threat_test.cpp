#include "filters/threat.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;
using test::make_error;

// Every test counts on its own: the watch is a shared resource of a pipeline.
Context own_context() {
  static std::vector<std::unique_ptr<SharedResources>> kept;
  Context context = test::test_context();
  kept.push_back(std::make_unique<SharedResources>());
  context.resources = kept.back().get();
  return context;
}

FilterRun threat(std::string_view options = "") {
  return FilterRun(threat_filter(), options, own_context());
}

bool has(const std::string& json, std::string_view what) {
  return json.find(what) != std::string::npos;
}

TEST(Threat, tags_an_attack_with_type_score_and_rules) {
  FilterRun run = threat();
  const std::string out =
      run.one(R"({"url":"/items?id=1%27%20UNION%20SELECT%20a,b%20FROM%20users--"})");
  EXPECT_TRUE(has(out, R"("security_event":true)")) << out;
  EXPECT_TRUE(has(out, R"("threat_type":"sql_injection")")) << out;
  EXPECT_TRUE(has(out, R"("sqli-union")")) << out;
  EXPECT_TRUE(has(out, R"("threat_score":)")) << out;
  EXPECT_TRUE(has(out, R"("framework":"MITRE ATT&CK")")) << out;
  EXPECT_TRUE(run.matched());
}

TEST(Threat, tells_remote_scripts_in_parameters_from_links) {
  FilterRun run = threat();
  for (const std::string_view url :
       {"/i?id=http://files.example/a.php", "/i?tpl=https://files.example/a.txt?",
        "/i?f=%5C%5Cfiles.example%5Cshare%5Ca"})
    EXPECT_TRUE(has(run.one("{\"url\":\"" + std::string(url) + "\"}"), "file_inclusion")) << url;
  for (const std::string_view url :
       {"/login?next=https://www.example.com/index.php", "/share?url=https://blog.example/a.php",
        "/img?src=https://cdn.example.com/a.png", "/a?callback_url=https://app.example.com/cb.php"})
    EXPECT_FALSE(has(run.one("{\"url\":\"" + std::string(url) + "\"}"), "security_event")) << url;
  EXPECT_TRUE(has(run.one(R"({"query":"host={cat,/etc/passwd}"})"), "cmd-brace"));
}

TEST(Threat, finds_an_attack_in_what_was_clean_as_another_kind_of_field) {
  FilterRun run = threat();
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(has(run.one(R"({"message":"please select a from b"})"), "security_event"));
  EXPECT_TRUE(has(run.one(R"({"query":"please' or '1'='1"})"), "sql_injection"));
}

TEST(Threat, leaves_a_clean_event_alone) {
  FilterRun run = threat();
  const std::string_view clean =
      R"({"message":"GET /cart took 12 ms","url":"/cart?item=12&page=3"})";
  EXPECT_EQ(run.one(clean), test::normalized(clean));
  EXPECT_FALSE(run.matched());
}

TEST(Threat, names_the_worst_type_first_and_lists_several) {
  FilterRun run = threat();
  const std::string out =
      run.one(R"({"url":"/a?x=${jndi:ldap://e.example/a}&y=%3Cscript%3Ealert(1)%3C/script%3E"})");
  EXPECT_TRUE(has(out, R"("threat_type":"log4shell")")) << out;
  EXPECT_TRUE(has(out, R"("threat_types":["log4shell","xss")")) << out;
  EXPECT_TRUE(has(out, R"("threat_score":10)")) << out;
}

TEST(Threat, adds_ecs_fields_without_destroying_values) {
  FilterRun run = threat();
  const std::string out = run.one(
      R"({"message":"Failed password for root from 192.0.2.7 port 22 ssh2","event":{"kind":"event","category":["host"]}})");
  EXPECT_TRUE(has(out, R"("kind":["event","alert"])")) << out;
  EXPECT_TRUE(has(out, R"("category":["host","authentication"])")) << out;
  EXPECT_TRUE(has(out, R"("technique":{"id":["T1110"])")) << out;
}

TEST(Threat, looks_through_nested_objects_and_arrays) {
  FilterRun run = threat();
  EXPECT_TRUE(
      has(run.one(R"({"http":{"request":{"body":["x","1' or '1'='1"]}}})"), "sql_injection"));
}

TEST(Threat, looks_at_fields_only_when_told) {
  FilterRun run = threat(R"(fields => ["[http][query]"])");
  const std::string_view other = R"({"message":"${jndi:ldap://x/a}"})";
  EXPECT_EQ(run.one(other), test::normalized(other));
  EXPECT_TRUE(has(run.one(R"({"http":{"query":"q=${jndi:ldap://x/a}"}})"), "log4shell"));
}

TEST(Threat, leaves_excepted_fields_alone) {
  FilterRun run = threat(R"(except => ["[audit][sql]"])");
  const std::string_view event = R"({"audit":{"sql":"${jndi:ldap://x/a}"}})";
  EXPECT_EQ(run.one(event), test::normalized(event));
}

TEST(Threat, disables_rules_by_id_and_by_type) {
  FilterRun run = threat(R"(disable => ["log4shell", "sqli-union"])");
  EXPECT_FALSE(has(run.one(R"({"message":"${jndi:ldap://x/a}"})"), "log4shell"));
  EXPECT_FALSE(has(run.one(R"({"query":"id=1 union select 1,2"})"), "sqli-union"));
  EXPECT_TRUE(has(make_error(threat_filter(), R"(disable => ["log4shel"])"), "log4shell"));
}

TEST(Threat, keeps_quiet_below_the_least_score) {
  FilterRun run = threat("min_score => 10 ecs_fields => false");
  EXPECT_FALSE(run.one(R"({"message":"Failed password for root from 192.0.2.7"})").empty());
  EXPECT_FALSE(run.matched());
  EXPECT_TRUE(has(make_error(threat_filter(), "min_score => 11"), "1 to 10"));
}

TEST(Threat, writes_into_a_target_and_tags) {
  FilterRun run = threat(R"(target => "[security]" tag => "attack" ecs_fields => false)");
  const std::string out = run.one(R"({"message":"${jndi:ldap://x/a}"})");
  EXPECT_TRUE(has(out, R"("security":{"security_event":true)")) << out;
  EXPECT_TRUE(has(out, R"("tags":["attack"])")) << out;
}

TEST(Threat, knows_http_401_as_a_number_or_text) {
  FilterRun run = threat();
  EXPECT_TRUE(has(run.one(R"({"status":401})"), "authentication_failed"));
  EXPECT_TRUE(has(run.one(R"({"http":{"response":{"status_code":"401"}}})"), "auth-status"));
  EXPECT_FALSE(has(run.one(R"({"status":404})"), "authentication_failed"));
}

std::string failed(int second, std::string_view source, std::string_view user) {
  char stamp[40];
  std::snprintf(stamp, sizeof stamp, "2026-11-21T10:%02d:%02d.000Z", second / 60, second % 60);
  return std::string(R"({"message":"login failed","@timestamp":")") + stamp + R"(","client_ip":")" +
         std::string(source) + R"(","username":")" + std::string(user) + "\"}";
}

TEST(Threat, tells_brute_force_from_the_threshold_on) {
  FilterRun run = threat("brute_force_threshold => 5 brute_force_window => 60");
  for (int i = 0; i < 4; ++i)
    EXPECT_FALSE(has(run.one(failed(i, "192.0.2.1", "root")), "brute_force")) << i;
  EXPECT_FALSE(has(run.one(failed(4, "192.0.2.2", "root")), "brute_force"));
  EXPECT_TRUE(has(run.one(failed(5, "192.0.2.1", "root")), R"("threat_type":"brute_force")"));
}

TEST(Threat, forgets_failures_older_than_the_window) {
  FilterRun run = threat("brute_force_threshold => 3 brute_force_window => 60");
  EXPECT_FALSE(has(run.one(failed(0, "192.0.2.1", "root")), "brute_force"));
  EXPECT_FALSE(has(run.one(failed(1, "192.0.2.1", "root")), "brute_force"));
  EXPECT_FALSE(has(run.one(failed(90, "192.0.2.1", "root")), "brute_force"));
}

TEST(Threat, tells_password_spraying_by_different_users) {
  FilterRun run = threat("brute_force_threshold => 0 spraying_threshold => 3");
  EXPECT_FALSE(has(run.one(failed(0, "192.0.2.1", "ann")), "spraying"));
  EXPECT_FALSE(has(run.one(failed(1, "192.0.2.1", "bob")), "spraying"));
  EXPECT_FALSE(has(run.one(failed(2, "192.0.2.1", "bob")), "spraying"));
  EXPECT_TRUE(has(run.one(failed(3, "192.0.2.1", "eve")), "password_spraying"));
}

TEST(Threat, finds_source_and_user_in_the_message) {
  FilterRun run = threat("brute_force_threshold => 2 spraying_threshold => 2");
  run.one(R"({"message":"Failed password for invalid user ann from 192.0.2.1 port 4 ssh2"})");
  const std::string out =
      run.one(R"({"message":"Failed password for invalid user bob from 192.0.2.1 port 5 ssh2"})");
  EXPECT_TRUE(has(out, "brute_force")) << out;
  EXPECT_TRUE(has(out, "password_spraying")) << out;
}

TEST(Threat, tells_floods_of_requests) {
  FilterRun run = threat("flood_threshold => 20 flood_window => 10");
  int flagged = 0;
  for (int i = 0; i < 25; ++i)
    flagged +=
        has(run.one(R"({"url":"/","client_ip":"192.0.2.1","@timestamp":"2026-11-21T10:00:00Z"})"),
            "request_flood");
  EXPECT_EQ(flagged, 6);
}

TEST(Threat, refuses_bad_limits) {
  EXPECT_TRUE(has(make_error(threat_filter(), "spraying_threshold => 99"), "0 to 32"));
  EXPECT_TRUE(has(make_error(threat_filter(), "max_keys => 1"), "max_keys"));
  EXPECT_TRUE(has(make_error(threat_filter(), "flood_window => 0"), "7 days"));
}

TEST(Threat, says_which_rule_file_cannot_be_read) {
  EXPECT_TRUE(
      has(make_error(threat_filter(), R"(rules => ["/nowhere/rules.yml"])"), "/nowhere/rules.yml"));
}

}  // namespace
}  // namespace penstock
