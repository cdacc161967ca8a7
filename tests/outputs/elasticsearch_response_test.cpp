#include "outputs/elasticsearch/bulk_response.h"

#include <gtest/gtest.h>

namespace penstock::elastic {
namespace {

class BulkResponse : public testing::Test {
 protected:
  // "" when all is stored, the positions and statuses of what isn't, or why it is no answer.
  std::string read(std::string_view text, uint32_t documents) {
    const auto parsed = parser_.parse(text, documents);
    if (!parsed.ok()) return parsed.error().message;
    std::string out;
    for (const ItemFailure& failure : parsed.value())
      out += std::to_string(failure.document) + ":" + std::to_string(failure.outcome.status) + " ";
    return out;
  }
  BulkResponseParser parser_;
};

TEST_F(BulkResponse, everything_stored_in_whatever_form_it_is_said) {
  for (
      const std::string_view text :
      {R"({"errors":false,"items":[{"index":{"status":201}},{"index":{"status":200}}]})",
       R"({"errors":false,"items":[{"index":{"status":201}},{"index":{"status":201}}]})",
       R"({"errors":false,"items":[{"create":{"status":201}},{"delete":{"status":200}}]})",
       R"({"errors":false,"items":[{"index":{"status":201}}, {"index":{"status":201}}]})",
       R"({"took":3,"errors":false,"items":[{"index":{"_id":"1","status":201}},{"index":{"status":201}}]})"})
    EXPECT_EQ(read(text, 2), "") << text;
}

TEST_F(BulkResponse, what_is_nearly_so_is_no_answer) {
  EXPECT_EQ(read(R"({"errors":false,"items":[{"index":{"status":201}}]})", 2),
            "the answer has fewer items than were sent");
  EXPECT_EQ(read(R"({"errors":false,"items":[{"index":{"status":201}}]})", 0),
            "the answer has more items than were sent");
  for (const std::string_view text :
       {R"({"errors":false,"items":[{"index":{"status":201}})", R"({"errors":false,"items":[)",
        R"({"errors":false,"items":[{"index":{"status":201}}]}})",
        R"({"errors":false,"items":[{"index":{"status":201}},]})"})
    EXPECT_EQ(read(text, 1), "the answer is not a JSON object") << text;
  EXPECT_EQ(read(R"({"errors":false,"items":[{"index":{"status":2010}}]})", 1),
            "an item of the answer has no status");
}

TEST_F(BulkResponse, items_speak_for_themselves_whatever_the_head_says) {
  EXPECT_EQ(
      read(R"({"errors":false,"items":[{"index":{"status":201}},{"index":{"status":429}}]})", 2),
      "1:429 ");
  EXPECT_EQ(read(R"({"errors":true,"items":[{"index":{"status":201}}]})", 1), "");
}

}  // namespace
}  // namespace penstock::elastic
