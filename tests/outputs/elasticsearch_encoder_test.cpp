#include <gtest/gtest.h>

#include "outputs/elasticsearch/backoff.h"
#include "outputs/elasticsearch/document_encoder.h"
#include "outputs/elasticsearch/hosts.h"
#include "outputs/elasticsearch/templates.h"
#include "tests/support/events.h"

namespace penstock::elastic {
namespace {

std::string encoded(const ItemConfig& config, std::string_view json,
                    std::string* refusal = nullptr) {
  auto encoder = DocumentEncoder::make(config, nullptr);
  if (!encoder.ok()) return encoder.error().message;
  Batch batch;
  const Row row = test::add_event(batch, json);
  Bulk bulk;
  const auto refused = encoder.value().append(batch[row], row, bulk);
  if (refusal && refused) *refusal = refused->reason;
  return std::string(bulk.body.view());
}

ItemConfig index_config(std::string index) {
  ItemConfig config;
  config.index = std::move(index);
  return config;
}

TEST(DocumentEncoder, writes_an_action_line_and_the_document) {
  EXPECT_EQ(encoded(index_config("logs-%{+YYYY.MM.dd}"),
                    R"({"@timestamp":"2026-11-21T10:00:00Z","n":1})"),
            "{\"index\":{\"_index\":\"logs-2026.11.21\"}}\n"
            "{\"@timestamp\":\"2026-11-21T10:00:00.000Z\",\"n\":1}\n");
}

TEST(DocumentEncoder, writes_every_parameter_of_an_action) {
  ItemConfig config = index_config("logs");
  config.action = "create";
  config.document_id = "%{id}";
  config.routing = "%{user}";
  config.pipeline = "p";
  config.version = "%{n}";
  config.version_type = "external";
  EXPECT_EQ(encoded(config, R"({"id":"a","user":"u","n":7})"),
            R"({"create":{"_index":"logs","version_type":"external","_id":"a","routing":"u",)"
            R"("pipeline":"p","version":"7"}})"
            "\n"
            R"({"id":"a","user":"u","n":7})"
            "\n");
}

TEST(DocumentEncoder, an_event_cannot_forge_an_action_line) {
  ItemConfig config = index_config("%{i}");
  config.document_id = "%{i}";
  const std::string body =
      encoded(config, R"({"i":"a\"}}\n{\"delete\":{\"_index\":\"x\"}}\n","k\n":["\n{}\n"]})");
  EXPECT_EQ(std::count(body.begin(), body.end(), '\n'), 2);
  EXPECT_TRUE(body.starts_with(R"({"index":{"_index":"a\"}}\n{\"delete\":)"));
}

TEST(DocumentEncoder, updates_carry_the_event_inside) {
  ItemConfig config = index_config("logs");
  config.action = "update";
  config.document_id = "1";
  config.doc_as_upsert = true;
  EXPECT_EQ(encoded(config, R"({"n":1})"),
            "{\"update\":{\"_index\":\"logs\",\"retry_on_conflict\":1,\"_id\":\"1\"}}\n"
            "{\"doc\":{\"n\":1},\"doc_as_upsert\":true}\n");
  config.doc_as_upsert = false;
  config.upsert = R"({"c":1})";
  EXPECT_TRUE(
      encoded(config, R"({"n":1})").ends_with("{\"doc\":{\"n\":1},\"upsert\":{\"c\":1}}\n"));
}

TEST(DocumentEncoder, a_delete_has_no_document) {
  ItemConfig config = index_config("logs");
  config.action = "delete";
  config.document_id = "1";
  EXPECT_EQ(encoded(config, R"({"n":1})"), "{\"delete\":{\"_index\":\"logs\",\"_id\":\"1\"}}\n");
}

TEST(DocumentEncoder, refuses_an_index_name_with_a_hole) {
  std::string refusal;
  encoded(index_config("logs-%{service}"), R"({"n":1})", &refusal);
  EXPECT_EQ(refusal, "the index name could not be resolved: logs-%{service}");
  refusal.clear();
  ItemConfig config = index_config("logs-%{service}");
  config.refuse_unresolved_index = false;
  encoded(config, R"({"n":1})", &refusal);
  EXPECT_EQ(refusal, "");
}

TEST(DocumentEncoder, takes_the_action_from_the_event) {
  ItemConfig config = index_config("logs");
  config.action = "%{[@metadata][action]}";
  EXPECT_TRUE(encoded(config, R"({"@metadata":{"action":"create"}})").starts_with("{\"create\""));
  std::string refusal;
  encoded(config, R"({"@metadata":{"action":"explode"}})", &refusal);
  EXPECT_EQ(refusal, "there is no bulk action `explode`");
}

TEST(DocumentEncoder, routes_to_data_streams) {
  ItemConfig config;
  config.data_stream = true;
  config.action = "create";
  EXPECT_EQ(encoded(config, R"({"n":1})"),
            "{\"create\":{\"_index\":\"logs-generic-default\"}}\n"
            "{\"n\":1,\"data_stream\":{\"type\":\"logs\",\"dataset\":\"generic\",\"namespace\":"
            "\"default\"}}\n");
  EXPECT_TRUE(encoded(config, R"({"data_stream":{"dataset":"nginx"}})")
                  .starts_with("{\"create\":{\"_index\":\"logs-nginx-default\"}}\n"));
}

TEST(DocumentEncoder, names_the_option_that_is_wrong) {
  ItemConfig config = index_config("logs");
  config.action = "destroy";
  EXPECT_EQ(encoded(config, "{}"),
            "action: must be index, create, update or delete, got `destroy`");
  config = index_config("logs");
  config.upsert = "{\n}";
  EXPECT_EQ(encoded(config, "{}"), "upsert: must be a JSON object on one line");
}

TEST(Bulk, takes_documents_with_all_that_belongs_to_them) {
  auto encoder = DocumentEncoder::make(index_config("logs"), nullptr).value();
  Batch batch;
  for (const char* json : {R"({"n":1})", R"({"n":2,"@metadata":{"k":"v"}})", R"({"n":3})"})
    test::add_event(batch, json);
  const auto share = std::make_shared<Share>(Delivery(), 3);
  Bulk bulk, copy;
  for (Row row = 0; row < 3; ++row) {
    bulk.own(share);
    ASSERT_FALSE(encoder.append(batch[row], row, bulk));
  }
  copy.take(bulk, 1);
  copy.take(bulk, 2);
  EXPECT_EQ(copy.event_json(0), R"({"n":2})");
  EXPECT_EQ(copy.metadata_json(0), R"({"k":"v"})");
  EXPECT_EQ(copy.event_json(1), R"({"n":3})");
  EXPECT_EQ(copy.metadata_json(1), "");
  EXPECT_EQ(copy.documents[1].row, 2U);
  settle_all(copy);
  EXPECT_EQ(share->open(), 1U);
}

TEST(Backoff, doubles_up_to_its_limit_and_draws_from_the_upper_half) {
  using std::chrono::milliseconds;
  Backoff backoff(milliseconds(100), milliseconds(1'000), 7);
  for (int round = 0; round < 50; ++round)
    for (const auto& [attempt, full] :
         {std::pair{1U, 100}, {2U, 200}, {4U, 800}, {5U, 1'000}, {4'000'000'000U, 1'000}}) {
      const auto wait = backoff.wait(attempt);
      EXPECT_LE(wait, milliseconds(full));
      EXPECT_GE(wait, milliseconds(full / 2));
    }
}

TEST(Concurrency, grows_by_one_a_round_and_halves_once_per_overload) {
  const auto start = std::chrono::steady_clock::time_point() + std::chrono::hours(1);
  Concurrency concurrency(8);
  EXPECT_EQ(concurrency.limit(), 2U);
  for (int i = 0; i < 100; ++i) concurrency.answered();
  EXPECT_EQ(concurrency.limit(), 8U);
  concurrency.overloaded(start, start + std::chrono::seconds(1));
  concurrency.overloaded(start, start + std::chrono::seconds(2));  // sent before the cut
  EXPECT_EQ(concurrency.limit(), 4U);
  for (int i = 3; i < 20; ++i)
    concurrency.overloaded(start + std::chrono::seconds(i), start + std::chrono::seconds(i));
  EXPECT_EQ(concurrency.limit(), 1U);
}

TEST(ParseHost, takes_what_logstash_takes) {
  const auto base = [](std::string_view text, HostDefaults defaults = {}) {
    auto parsed = parse_host(text, defaults);
    return parsed.ok() ? parsed.value().base : "error: " + parsed.error().message;
  };
  EXPECT_EQ(base("es1"), "http://es1:9200");
  EXPECT_EQ(base("es1:9201"), "http://es1:9201");
  EXPECT_EQ(base("//127.0.0.1"), "http://127.0.0.1:9200");
  EXPECT_EQ(base("https://es1"), "https://es1:9200");
  EXPECT_EQ(base("https://u:p%40ss@es1:443/a/"), "https://es1:443/a");
  EXPECT_EQ(base("[::1]:9200"), "http://[::1]:9200");
  EXPECT_EQ(base("es1", {true, "x", 9200}), "https://es1:9200/x");
  EXPECT_TRUE(base("http://es1", {true, "", 9200}).starts_with("error: "));
  EXPECT_TRUE(base("ftp://u:geheim@es1").starts_with("error: "));
  EXPECT_EQ(base("http://u:geheim@[").find("geheim"), std::string::npos);
  EXPECT_EQ(parse_host("https://u:p%40ss@es1", {}).value().password, "p@ss");
}

TEST(ParseCloudId, finds_the_engines_address) {
  // base64 of "host.example:9243$abc$def"
  EXPECT_EQ(parse_cloud_id("my:aG9zdC5leGFtcGxlOjkyNDMkYWJjJGRlZg==").value(),
            "https://abc.host.example:9243");
  EXPECT_EQ(parse_cloud_id("my:aG9zdC5leGFtcGxlJGFiYyRkZWY").value(),
            "https://abc.host.example:443");
  for (const char* bad : {"", "x", "x:", "x:!!!!", "x:JCQk"})
    EXPECT_FALSE(parse_cloud_id(bad).ok());
}

TEST(Hosts, asks_a_dead_host_less_and_less_often) {
  using std::chrono::milliseconds;
  std::vector<HostUrl> urls(2);
  Hosts hosts(urls, milliseconds(1'000));
  auto now = std::chrono::steady_clock::time_point();
  hosts.mark_down(0, now);
  EXPECT_EQ(hosts.choose(), 1U);
  EXPECT_EQ(hosts.choose(), 1U);
  EXPECT_FALSE(hosts.due(now).has_value());
  EXPECT_EQ(*hosts.next_due() - now, milliseconds(100));
  EXPECT_EQ(hosts.due(now + milliseconds(100)), 0U);
  EXPECT_FALSE(hosts.due(now + milliseconds(100)).has_value());  // being asked
  for (const int wait : {200, 400, 800, 1'000, 1'000}) {
    hosts.mark_down(0, now);
    EXPECT_EQ(*hosts.next_due() - now, milliseconds(wait));
  }
  hosts.mark_down(1, now);
  EXPECT_FALSE(hosts.choose().has_value());
  hosts.mark_up(0);
  EXPECT_EQ(hosts.choose(), 0U);
}

TEST(Templates, take_the_form_that_the_engine_knows) {
  const IndexTemplate composable = default_template("t", "x-*", TemplateApi::automatic);
  EngineVersion old;
  old.major = 7;
  old.minor = 7;
  EXPECT_EQ(template_path(composable, EngineVersion()), "/_index_template/t");
  EXPECT_EQ(template_path(composable, old), "/_template/t");
  const std::string legacy = template_body(composable, old);
  EXPECT_TRUE(legacy.starts_with(R"({"index_patterns":["x-*"],"order":200,"settings":)")) << legacy;
  IndexTemplate given;
  given.name = "t";
  given.composable = false;
  given.body = R"({"index_patterns":["a"],"order":3,"settings":{"a":1},"mappings":{"b":2}})";
  given.api = TemplateApi::composable;
  EXPECT_EQ(
      template_body(given, EngineVersion()),
      R"({"index_patterns":["a"],"priority":3,"template":{"settings":{"a":1},"mappings":{"b":2}}})");
}

TEST(Templates, of_the_folder_are_read) {
  const auto loaded = load_templates(PENSTOCK_SOURCE_DIR "/templates", "", TemplateApi::automatic);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  ASSERT_EQ(loaded.value().size(), 4U);
  EXPECT_EQ(loaded.value()[0].name, "aura-logs");
  EXPECT_TRUE(loaded.value()[0].composable);
  EXPECT_FALSE(load_templates("/nowhere", "", TemplateApi::automatic).ok());
}

TEST(EngineVersion, is_read_from_what_the_engine_says) {
  const auto version =
      parse_engine_version(R"({"version":{"number":"2.19.4","distribution":"opensearch"}})");
  ASSERT_TRUE(version.has_value());
  EXPECT_TRUE(version->opensearch);
  EXPECT_TRUE(version->has_composable());
  for (const char* bad : {"", "{}", R"({"version":1})", R"({"version":{"number":"x"}})"})
    EXPECT_FALSE(parse_engine_version(bad).has_value());
}

}  // namespace
}  // namespace penstock::elastic
