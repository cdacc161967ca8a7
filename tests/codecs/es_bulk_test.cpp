#include "codecs/es_bulk.h"

#include "tests/codecs/codec_run.h"

namespace penstock {
namespace {

using test::decoded, test::framed_anyhow;
using Lines = std::vector<std::string>;

const char* const kRequest = R"({ "index" : { "_index" : "test", "_id" : "1" } }
{ "field1" : "value1" }
{ "delete" : { "_index" : "test", "_id" : "2" } }
{ "create" : { "_id" : "3" } }
{ "field1" : "value3" }
)";

const char* const kEvents =
    R"({"@metadata":{"_id":"1","_index":"test","action":"index"},"field1":"value1"})"
    "\n"
    R"({"@metadata":{"_id":"2","_index":"test","action":"delete"}})"
    "\n"
    R"({"@metadata":{"_id":"3","action":"create"},"field1":"value3"})";

TEST(EsBulkCodec, reads_a_whole_request) {
  EXPECT_EQ(decoded("es_bulk", "", kRequest, Ecs::disabled, true), kEvents);
}

TEST(EsBulkCodec, keeps_the_metadata_apart_under_ecs) {
  EXPECT_EQ(decoded("es_bulk", "", "{\"index\":{\"_id\":1}}\n{\"a\":1}", Ecs::v8, true),
            R"({"@metadata":{"codec":{"es_bulk":{"_id":1,"action":"index"}}},"a":1})");
}

TEST(EsBulkCodec, cuts_a_stream_into_actions_with_their_documents) {
  const auto records = framed_anyhow("es_bulk", "", kRequest);
  ASSERT_EQ(records.size(), 3U);
  std::string all;
  for (const std::string& record : records)
    all += (all.empty() ? "" : "\n") + decoded("es_bulk", "", record, Ecs::disabled, true);
  EXPECT_EQ(all, kEvents);
}

TEST(EsBulkCodec, puts_documents_into_the_target) {
  EXPECT_EQ(decoded("es_bulk", R"(target => "doc")", "{\"index\":{}}\n{\"a\":1}"),
            R"({"doc":{"a":1}})");
}

TEST(EsBulkCodec, tags_lines_that_are_not_json_and_goes_on) {
  EXPECT_EQ(decoded("es_bulk", "", "x\n{\"index\":{}}\n{\"a\":\n{\"index\":{}}\n{\"a\":1}"),
            "{\"message\":\"x\",\"tags\":[\"_jsonparsefailure\"]}\n"
            "{\"message\":\"{\\\"a\\\":\",\"tags\":[\"_jsonparsefailure\"]}\n{\"a\":1}");
  EXPECT_NE(decoded("es_bulk", "", "{\"index\":5}\n{}").find("_jsonparsefailure"),
            std::string::npos);
}

TEST(EsBulkCodec, an_action_without_its_document_is_kept) {
  EXPECT_EQ(framed_anyhow("es_bulk", "", "{\"index\":{}}\n"), Lines{"{\"index\":{}}"});
}

}  // namespace
}  // namespace penstock
