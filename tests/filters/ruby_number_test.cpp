#include "filters/ruby_number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace penstock {
namespace {

TEST(RubyNumber, reads_what_the_text_begins_with) {
  EXPECT_EQ(ruby_real("1.5abc"), 1.5);
  EXPECT_EQ(ruby_real(" -1_000.5e2 kg"), -100050);
  EXPECT_EQ(ruby_real("2."), 2);
  EXPECT_EQ(ruby_real("1e"), 1);
  EXPECT_EQ(ruby_integer("+42.9"), 42);
  EXPECT_EQ(ruby_integer("1__2"), 1);
}

TEST(RubyNumber, what_is_no_number_is_zero) {
  for (const char* text : {"", "abc", ".5", "-", "inf", "nan", "_1", "%{x}"}) {
    EXPECT_EQ(ruby_real(text), 0) << text;
    EXPECT_EQ(ruby_integer(text), 0) << text;
  }
}

TEST(RubyNumber, is_bounded) {
  EXPECT_TRUE(std::isinf(ruby_real("1e999")));
  EXPECT_EQ(ruby_real("1e-999"), 0);
  EXPECT_EQ(ruby_integer("99999999999999999999"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(ruby_integer("-99999999999999999999"), std::numeric_limits<int64_t>::min());
  EXPECT_TRUE(std::isfinite(ruby_real(std::string(300, '9'))));
}

}  // namespace
}  // namespace penstock
