#include "filters/tld.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "filters/tld/suffix_list.h"
#include "tests/support/own_state.h"

namespace penstock {
namespace {

constexpr std::string_view kList =
    "// comment\n\ncom\nuk\nco.uk\n*.ck\n!www.ck\n// ===BEGIN PRIVATE DOMAINS===\n"
    "blogspot.com\n公司.cn\n";

class TldTest : public testing::Test {
 protected:
  TldTest() {
    char folder[] = "/tmp/tld-test-XXXXXX";
    own_.context.path_data = mkdtemp(folder);
    std::filesystem::create_directory(own_.context.path_data + "/tld");
    std::ofstream(own_.context.path_data + "/tld/public_suffix_list.dat") << kList;
  }
  ~TldTest() override { std::filesystem::remove_all(own_.context.path_data); }

  std::string parts(std::string_view name) {
    test::FilterRun run(tld_filter(), R"(source => "h")", own_.context);
    const std::string source = R"({"h":")" + std::string(name) + "\"";
    const std::string out = run.one(source + "}");
    return run.matched() ? out.substr(source.size() + 1) : "";
  }
  test::OwnState own_;
};

TEST_F(TldTest, takes_a_name_apart) {
  EXPECT_EQ(parts("WWW.Example.co.uk."),
            R"("tld":{"domain":"example.co.uk","sld":"example","subdomain":"www.example.co.uk",)"
            R"("tld":"co.uk","top_level_domain":"co.uk","trd":"www"}})");
  EXPECT_EQ(parts(" a.b.example.com "),
            R"("tld":{"domain":"example.com","sld":"example","subdomain":"a.b.example.com",)"
            R"("tld":"com","top_level_domain":"com","trd":"a.b"}})");
  EXPECT_EQ(parts("example.com"),
            R"("tld":{"domain":"example.com","sld":"example","subdomain":null,)"
            R"("tld":"com","top_level_domain":"com","trd":null}})");
}

TEST_F(TldTest, what_is_no_registered_name_stays) {
  for (const char* name :
       {"com", "co.uk", "localhost", "", ".com", "http://a.com", "example.unknown", "ck", "x.ck"})
    EXPECT_EQ(parts(name), "") << name;
}

TEST(TldSuffixList, longest_rules_wildcards_and_exceptions) {
  const auto list = tld::SuffixList::parse(kList).value();
  EXPECT_EQ(list->suffix_of("a.blogspot.com"), "blogspot.com");
  EXPECT_EQ(list->suffix_of("a.b.ck"), "b.ck");
  EXPECT_EQ(list->suffix_of("www.ck"), "ck");
  EXPECT_EQ(list->suffix_of("a.www.ck"), "ck");
  EXPECT_EQ(list->suffix_of("a.公司.cn"), "公司.cn");
  EXPECT_EQ(list->suffix_of("a.cn"), std::nullopt);
  EXPECT_EQ(list->suffix_of(".ck"), std::nullopt);
}

TEST(TldSuffixList, hostile_names_end) {
  const auto list = tld::SuffixList::parse(kList).value();
  EXPECT_EQ(list->suffix_of(std::string(100'000, '.')), std::nullopt);
  EXPECT_EQ(list->suffix_of(""), std::nullopt);
  EXPECT_FALSE(tld::SuffixList::parse("// nothing").ok());
}

}  // namespace
}  // namespace penstock
