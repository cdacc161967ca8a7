#include "pipeline/event/ruby_numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace penstock {
namespace {

TEST(RubyNumbers, reads_what_the_text_begins_with) {
  EXPECT_EQ(leading_real("1.5abc"), 1.5);
  EXPECT_EQ(leading_real(" -1_000.5e2 kg"), -100050);
  EXPECT_EQ(leading_real("2."), 2);
  EXPECT_EQ(leading_real("1e"), 1);
  EXPECT_EQ(leading_integer("+42.9"), 42);
  EXPECT_EQ(leading_integer("1__2"), 1);
}

TEST(RubyNumbers, what_is_no_number_is_zero) {
  for (const char* text : {"", "abc", ".5", "-", "inf", "nan", "_1", "%{x}"}) {
    EXPECT_EQ(leading_real(text), 0) << text;
    EXPECT_EQ(leading_integer(text), 0) << text;
  }
}

TEST(RubyNumbers, is_bounded) {
  EXPECT_TRUE(std::isinf(leading_real("1e999")));
  EXPECT_EQ(leading_real("1e-999"), 0);
  EXPECT_EQ(leading_integer("99999999999999999999"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(leading_integer("-99999999999999999999"), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(leading_integer("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(leading_real("-1e999"), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isfinite(leading_real(std::string(300, '9'))));
}

}  // namespace
}  // namespace penstock
