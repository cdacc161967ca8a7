#include "codecs/graphite.h"

#include "tests/codecs/codec_run.h"

namespace penstock {
namespace {

using test::decoded, test::encoded;

TEST(GraphiteCodec, reads_name_value_and_time) {
  EXPECT_EQ(decoded("graphite", "", "a.b 1.5 1000000000", Ecs::disabled, false, true),
            R"({"@timestamp":"2001-09-09T01:46:40.000Z","a.b":1.5})");
  EXPECT_EQ(decoded("graphite", "", "a 1 0\n\nb  2 0"), "{\"a\":1.0}\n{\"b\":2.0}");
}

TEST(GraphiteCodec, what_is_missing_is_zero) {
  EXPECT_EQ(decoded("graphite", "", "a", Ecs::disabled, false, true),
            R"({"@timestamp":"1970-01-01T00:00:00.000Z","a":0.0})");
}

const char* const kEvent =
    R"({"@timestamp":"2001-09-09T01:46:40Z","host":"h","load":0.5,"n":"7 x","%{no}":1})";

TEST(GraphiteCodec, writes_the_metrics_named) {
  EXPECT_EQ(encoded("graphite",
                    R"(metrics => { "hosts.%{host}.load" => "%{load}" "%{gone}" => "1" })", kEvent),
            "hosts.h.load 0.5 1000000000\n");
}

TEST(GraphiteCodec, writes_fields_as_metrics) {
  EXPECT_EQ(encoded("graphite", R"(fields_are_metrics => true exclude_metrics => ["^host", "%"]
                                   metrics_format => "foo.%{host}.*.bar")",
                    kEvent),
            "foo.h.load.bar 0.5 1000000000\nfoo.h.n.bar 7.0 1000000000\n");
  EXPECT_EQ(encoded("graphite", R"(fields_are_metrics => true include_metrics => ["^l"])", kEvent),
            "load 0.5 1000000000\n");
}

TEST(GraphiteCodec, writes_nothing_where_there_is_no_metric) {
  EXPECT_EQ(encoded("graphite", "", kEvent), "");
}

}  // namespace
}  // namespace penstock
