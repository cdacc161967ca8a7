#include "filters/extractnumbers.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

std::string numbers(std::string_view json) {
  FilterRun run(extractnumbers_filter(), "source => \"m\"");
  return run.one(json);
}

TEST(ExtractNumbers, integers_and_floats_apart) {
  EXPECT_EQ(numbers(R"({"m":"bla 1234 foo -5 geek 10.43 0x1f 1e3"})"),
            R"({"float1":10.43,"float2":1000.0,"int1":1234,"int2":-5,"int3":31,)"
            R"("m":"bla 1234 foo -5 geek 10.43 0x1f 1e3"})");
}

TEST(ExtractNumbers, only_whole_words_count) {
  EXPECT_EQ(numbers(R"({"m":"12ms 1.2.3 - + . 1_ 09"})"),
            R"({"float1":9.0,"m":"12ms 1.2.3 - + . 1_ 09"})");
}

TEST(ExtractNumbers, of_an_array_the_first_item) {
  EXPECT_EQ(numbers(R"({"m":["7 8",9]})"), R"({"int1":7,"int2":8,"m":["7 8",9]})");
  EXPECT_EQ(numbers(R"({"m":[]})"), R"({"m":[]})");
  EXPECT_EQ(numbers(R"({"m":5})"), R"({"m":5})");
}

}  // namespace
}  // namespace penstock
