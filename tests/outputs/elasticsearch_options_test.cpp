#include "outputs/elasticsearch/options.h"

#include <gtest/gtest.h>

#include "outputs/outputs.h"
#include "tests/support/plugins.h"

namespace penstock::elastic {
namespace {

Result<ElasticsearchConfig> read(std::string_view options, Ecs ecs = Ecs::disabled) {
  Context context = test::test_context();
  context.ecs = ecs;
  const auto plugin = elasticsearch_output();
  return read_options(test::settings_of(PluginKind::output, plugin.info, options), context);
}

ElasticsearchConfig good(std::string_view options, Ecs ecs = Ecs::disabled) {
  auto config = read(options, ecs);
  EXPECT_TRUE(config.ok()) << options << ": " << config.error().message;
  return config.ok() ? std::move(config).value() : ElasticsearchConfig();
}

std::string refusal(std::string_view options) {
  const auto config = read(options);
  return config.ok() ? "" : config.error().message;
}

#define EXPECT_REFUSED(options, part) \
  EXPECT_NE(refusal(options).find(part), std::string::npos) << refusal(options)

TEST(ElasticsearchOptions, defaults_are_one_local_host_and_a_daily_index) {
  const auto config = good("");
  ASSERT_EQ(config.session.hosts.size(), 1U);
  EXPECT_EQ(config.session.hosts[0].base, "http://127.0.0.1:9200");
  EXPECT_EQ(config.item.index, "logstash-%{+yyyy.MM.dd}");
  EXPECT_EQ(config.item.action, "index");
  EXPECT_FALSE(config.item.data_stream);
  EXPECT_EQ(config.session.compression_level, 1);
  EXPECT_TRUE(config.session.bulk_path.starts_with("/_bulk?filter_path=errors,"));
  EXPECT_TRUE(config.session.http.tls.verify);
  ASSERT_EQ(config.session.templates.size(), 1U);
}

TEST(ElasticsearchOptions, hosts_take_port_path_and_tls_from_the_options) {
  const auto config =
      good(R"(hosts => ["es1", "https://es2:443/x", "es3:1"] ssl_enabled => true path => "/p")");
  ASSERT_EQ(config.session.hosts.size(), 3U);
  EXPECT_EQ(config.session.hosts[0].base, "https://es1:9200/p");
  EXPECT_EQ(config.session.hosts[1].base, "https://es2:443/x");
  EXPECT_EQ(config.session.hosts[2].base, "https://es3:1/p");
  EXPECT_REFUSED("hosts => []", "at least one host");
  EXPECT_REFUSED(R"(hosts => ["a"] cloud_id => "x:YWIkY2Q=")", "names the hosts itself");
}

TEST(ElasticsearchOptions, credentials_come_from_one_place) {
  EXPECT_EQ(good(R"(hosts => ["https://h"] user => "u" password => "p")").session.authorization,
            "Basic dTpw");
  EXPECT_EQ(good(R"(hosts => ["https://u:p@h"])").session.authorization, "Basic dTpw");
  EXPECT_EQ(good(R"(hosts => ["https://h"] cloud_auth => "u:p")").session.authorization,
            "Basic dTpw");
  EXPECT_EQ(good(R"(hosts => ["https://h"] api_key => "id:key")").session.authorization,
            "ApiKey aWQ6a2V5");
  EXPECT_EQ(good(R"(hosts => ["https://h"] api_key => "encoded==")").session.authorization,
            "ApiKey encoded==");
  EXPECT_EQ(good(R"(hosts => ["https://h"] api_key => "")").session.authorization, "");
  EXPECT_REFUSED(R"(hosts => ["https://h"] user => "u" password => "p" api_key => "k")",
                 "not both");
  EXPECT_REFUSED(R"(cloud_auth => "nobody")", "user:password");
  EXPECT_REFUSED("api_key => \"a\nb\"", "line break");
}

TEST(ElasticsearchOptions, bulk_sizes_are_bounded_and_bound_the_memory) {
  const auto config = good(R"(flush_bytes => "1mib" max_in_flight => 3 flush_size => 7)");
  EXPECT_EQ(config.flush_bytes, size_t{1} << 20);
  EXPECT_EQ(config.flush_documents, 7U);
  EXPECT_EQ(config.session.in_flight_max, 3U);
  EXPECT_EQ(config.session.open_bytes_max, size_t{3} << 20);
  EXPECT_REFUSED("flush_size => 0", "1 to 1000000");
  EXPECT_REFUSED(R"(flush_bytes => "21mib")", "20 MiB");
  EXPECT_REFUSED("max_in_flight => 0", "1 to 256");
}

TEST(ElasticsearchOptions, compression_is_on_unless_it_is_turned_off) {
  EXPECT_EQ(good("compression_level => 6").session.compression_level, 6);
  EXPECT_EQ(good("http_compression => false").session.compression_level, 0);
  EXPECT_EQ(good("http_compression => true").session.compression_level, 1);
  EXPECT_REFUSED("compression_level => 10", "0 to 9");
}

TEST(ElasticsearchOptions, requests_carry_the_given_headers_and_parameters) {
  const auto config = good(
      R"(custom_headers => { "X-A" => "b" } parameters => { "p q" => "r&s" } bulk_path => "my/_bulk")");
  ASSERT_EQ(config.session.headers.size(), 1U);
  EXPECT_EQ(config.session.headers[0], "X-A: b");
  EXPECT_TRUE(config.session.bulk_path.starts_with("/my/_bulk?filter_path="));
  EXPECT_TRUE(config.session.bulk_path.ends_with("&p%20q=r%26s"));
  EXPECT_REFUSED("custom_headers => { \"X\" => \"a\r\nY: b\" }", "line break");
}

TEST(ElasticsearchOptions, data_streams_are_chosen_as_in_logstash) {
  EXPECT_TRUE(good("", Ecs::v8).item.data_stream);
  EXPECT_EQ(good("", Ecs::v8).item.action, "create");
  EXPECT_FALSE(good(R"(index => "x")", Ecs::v8).item.data_stream);
  EXPECT_FALSE(good(R"(document_id => "%{id}")", Ecs::v8).item.data_stream);
  EXPECT_TRUE(good(R"(action => "create")", Ecs::v8).item.data_stream);
  EXPECT_FALSE(good(R"(data_stream => false)", Ecs::v8).item.data_stream);
  const auto config = good(R"(data_stream => true data_stream_dataset => "nginx")");
  EXPECT_TRUE(config.item.data_stream);
  EXPECT_EQ(config.item.data_stream_dataset, "nginx");
  EXPECT_TRUE(config.session.templates.empty());
  EXPECT_REFUSED(R"(data_stream => true index => "x")", "data_stream_type");
  EXPECT_REFUSED(R"(data_stream => true action => "index")", "only `create`");
}

TEST(ElasticsearchOptions, items_that_cannot_work_are_refused_at_start) {
  EXPECT_REFUSED(R"(action => "delete")", "needs a document_id");
  EXPECT_REFUSED(R"(action => "upsert")", "must be index, create, update or delete");
  EXPECT_REFUSED(R"(action => "update" document_id => "1" upsert => "[1]")", "JSON object");
  EXPECT_REFUSED(R"(ilm_enabled => true)", "aren't supported");
  EXPECT_REFUSED(R"(template_name => "a/b")", "can't hold");
  EXPECT_EQ(good(R"(index => "x" action => "%{a}")").item.action, "%{a}");
}

TEST(ElasticsearchOptions, statuses_for_the_dead_letter_queue_are_checked) {
  EXPECT_TRUE(good("dlq_custom_codes => [451]").session.dead_letter_codes.count(451));
  EXPECT_REFUSED("dlq_custom_codes => [409]", "other than 409");
  EXPECT_REFUSED("dlq_custom_codes => [200]", "300 to 599");
}

TEST(ElasticsearchOptions, tls_files_are_looked_at_before_anything_starts) {
  EXPECT_REFUSED(R"(ssl_certificate => "/nonexistent/c.pem")", "belong together");
  EXPECT_REFUSED(R"(ssl_certificate_authorities => ["/nonexistent/ca.pem"])", "cannot be read");
  EXPECT_REFUSED(R"(ca_trusted_fingerprint => "abc")", "64 hexadecimal digits");
  EXPECT_FALSE(good(R"(ssl_verification_mode => "none")").session.http.tls.verify);
  EXPECT_EQ(good(R"(ssl_supported_protocols => ["TLSv1.2", "TLSv1.3"])").session.http.tls.protocols,
            "TLSv1.2,TLSv1.3");
}

}  // namespace
}  // namespace penstock::elastic
