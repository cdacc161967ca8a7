#include "filters/de_dot.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

std::string renamed(std::string_view json, const std::string& options = "") {
  FilterRun run(de_dot_filter(), options);
  return run.one(json);
}

TEST(DeDot, dots_become_the_separator) {
  EXPECT_EQ(renamed(R"({"a.b":1,"c":2,"x.y.z":3})"), R"({"a_b":1,"c":2,"x_y_z":3})");
  EXPECT_EQ(renamed(R"({"a.b":1})", R"(separator => "")"), R"({"ab":1})");
}

TEST(DeDot, nested_dots_make_objects) {
  EXPECT_EQ(renamed(R"({"a.b":1,"a.c":2,"d.e.f":3})", "nested => true"),
            R"({"a":{"b":1,"c":2},"d":{"e":{"f":3}}})");
}

TEST(DeDot, inner_names_only_if_asked) {
  EXPECT_EQ(renamed(R"({"h":{"x.y":3}})"), R"({"h":{"x.y":3}})");
  EXPECT_EQ(renamed(R"({"h":{"x.y":{"z.z":3}}})", "recursive => true"),
            R"({"h":{"x_y":{"z_z":3}}})");
  EXPECT_EQ(renamed(R"({"h":{"x.y":{"z.z":3}}})", "recursive => true nested => true"),
            R"({"h":{"x":{"y":{"z":{"z":3}}}}})");
}

TEST(DeDot, chosen_fields) {
  EXPECT_EQ(renamed(R"({"a.b":1,"c.d":2,"h":{"x.y":3,"k":4}})",
                    R"(fields => ["a.b", "[h][x.y]", "none.there"])"),
            R"({"a_b":1,"c.d":2,"h":{"k":4,"x_y":3}})");
}

TEST(DeDot, what_cannot_be_renamed_is_tagged) {
  EXPECT_EQ(renamed(R"({"a":1,"a.b":2})", "nested => true"),
            R"({"a":1,"a.b":2,"tags":["_de_dot_error"]})");
  EXPECT_EQ(renamed(R"({"a..b":2})", "nested => true"), R"({"a..b":2,"tags":["_de_dot_error"]})");
  EXPECT_NE(test::make_error(de_dot_filter(), R"(separator => ".")"), "");
}

}  // namespace
}  // namespace penstock
