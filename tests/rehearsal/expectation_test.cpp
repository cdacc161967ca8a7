#include "pipeline/rehearsal/expectation.h"

#include <gtest/gtest.h>

#include "pipeline/rehearsal/test_file.h"

namespace penstock {
namespace {

Captured captured(Flat fields, std::string output = "out", uint64_t event = 1) {
  Captured out;
  out.output = std::move(output);
  out.plugin = "plugin";
  out.event = event;
  out.fields = std::move(fields);
  return out;
}

TEST(Expectation, a_subset_leaves_other_fields_alone_and_exact_does_not) {
  Expectation subset, exact;
  subset.subset = {{"[a]", "1"}};
  exact.exact = Flat{{"[a]", "1"}};
  const Captured event = captured({{"[a]", "1"}, {"[b]", "2"}, {"[@version]", "\"1\""}});
  EXPECT_TRUE(compare(subset, event).empty());
  ASSERT_EQ(compare(exact, event).size(), 1U);
  EXPECT_EQ(compare(exact, event)[0].what, "[b]");
}

TEST(Expectation, an_object_is_absent_only_when_all_of_it_is) {
  Expectation expected;
  expected.absent = {"[a]"};
  EXPECT_FALSE(compare(expected, captured({{"[a][b]", "1"}})).empty());
  EXPECT_TRUE(compare(expected, captured({{"[ab]", "1"}})).empty());
}

TEST(Expectation, without_an_output_each_event_counts_once) {
  const std::vector<Captured> both = {captured({{"[a]", "1"}}, "one", 1),
                                      captured({{"[a]", "1"}}, "two", 1)};
  EXPECT_TRUE(compare_all({Expectation()}, {}, both).empty());
  EXPECT_FALSE(compare_all({}, {}, both).empty());
  EXPECT_FALSE(compare_all({Expectation()}, {"two"}, both).empty());
}

TEST(Expectation, changes_tell_added_removed_and_changed_fields) {
  const auto list = changes({{"[a]", "1"}, {"[b]", "2"}}, {{"[b]", "3"}, {"[c]", "4"}});
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].after, "");
  EXPECT_EQ(list[1].before, "2");
  EXPECT_EQ(list[2].before, "");
}

TEST(TestFile, faults_come_all_at_once_with_their_places) {
  TestFile file;
  Errors errors;
  EXPECT_FALSE(parse_test_file("cases:\n- nme: a\n  events: [{a: 1}]\n  expect: [{subst: {}}]\n",
                               "a.test", file, errors));
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].text(), "a.test:2:3: unknown key `nme`; did you mean `name`?");
  EXPECT_EQ(errors[1].where.line, 4U);
}

TEST(TestFile, plain_words_have_their_type_and_quoted_ones_are_texts) {
  TestFile file;
  Errors errors;
  ASSERT_TRUE(parse_test_file(
      "cases:\n- events: [{a: 1, b: \"1\", c: true, d: null, e: 1.5, f: x}]\n  expect: []\n",
      "a.test", file, errors));
  EXPECT_EQ(file.cases[0].feeds[0].events[0],
            R"({"a":1,"b":"1","c":true,"d":null,"e":1.5,"f":"x"})");
}

}  // namespace
}  // namespace penstock
