#include "filters/xml.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pipeline/event/json_writer.h"
#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

std::string event_of(std::string_view xml) {
  ByteBuffer quoted;
  write_json_string(xml, quoted);
  return "{\"x\":" + std::string(quoted.view()) + "}";
}

// The event without its source.
std::string parsed(std::string_view options, std::string_view xml) {
  FilterRun run(xml_filter(), "source => \"x\" " + std::string(options));
  const std::string out = run.one(event_of(xml));
  const std::string source = event_of(xml);
  const std::string_view member(source.data() + 1, source.size() - 2);
  const size_t at = out.find(member);
  std::string rest = out.substr(0, at) + out.substr(at + member.size());
  if (rest.ends_with(",}")) rest.erase(rest.size() - 2, 1);
  return rest;
}

std::string stored(std::string_view xml, std::string_view options = "") {
  return parsed("target => \"d\" " + std::string(options), xml);
}

TEST(Xml, elements_become_lists_and_texts) {
  EXPECT_EQ(stored("<foo><key>v1</key><key>v2</key></foo>"), R"({"d":{"key":["v1","v2"]}})");
  EXPECT_EQ(stored("<foo><a><b>v</b></a></foo>"), R"({"d":{"a":[{"b":["v"]}]}})");
  EXPECT_EQ(stored("<foo>text</foo>"), R"({"d":"text"})");
  EXPECT_EQ(stored("<foo>&lt;&#65;<![CDATA[<&]]></foo>"), R"({"d":"<A<&"})");
}

TEST(Xml, without_force_array_single_elements_are_no_lists) {
  EXPECT_EQ(stored("<foo><a>1</a><b>2</b><b>3</b></foo>", "force_array => false"),
            R"({"d":{"a":"1","b":["2","3"]}})");
}

TEST(Xml, attributes_and_content) {
  EXPECT_EQ(stored(R"(<foo a="1&amp;2"><y b="2">text</y></foo>)"),
            R"({"d":{"a":"1&2","y":[{"b":"2","content":"text"}]}})");
  EXPECT_EQ(stored(R"(<foo a="1"><a>2</a></foo>)"), R"({"d":{"a":["1","2"]}})");
  EXPECT_EQ(
      stored(R"(<o><x>t1</x><y a="2">t2</y></o>)", "force_array => false force_content => true"),
      R"({"d":{"x":{"content":"t1"},"y":{"a":"2","content":"t2"}}})");
}

TEST(Xml, empty_elements_are_left_out_unless_the_parent_has_attributes) {
  EXPECT_EQ(stored("<foo><key>v</key><key></key><k> </k></foo>"), R"({"d":{"key":["v"]}})");
  EXPECT_EQ(stored("<foo><key>v</key><key/></foo>", "suppress_empty => false"),
            R"({"d":{"key":["v",{}]}})");
  EXPECT_EQ(stored(R"(<foo a="1"><key/></foo>)"), R"({"d":{"a":"1","key":[null]}})");
  EXPECT_EQ(stored("<foo/>"), R"({"d":null})");
}

TEST(Xml, mixed_content_keeps_its_texts_as_written) {
  EXPECT_EQ(stored("<p>a &amp; b<i>c</i></p>"), R"({"d":{"content":"a &amp; b","i":["c"]}})");
  EXPECT_EQ(stored("<p>a<i>c</i>b</p>"), R"({"d":{"content":["a","b"],"i":["c"]}})");
}

TEST(Xml, names_lose_their_prefix_in_elements_and_keep_it_in_attributes) {
  EXPECT_EQ(stored(R"(<h:a xmlns:h="u" h:b="1"><h:c>2</h:c></h:a>)"),
            R"({"d":{"c":["2"],"h:b":"1","xmlns:h":"u"}})");
}

TEST(Xml, malformed_text_is_tagged) {
  for (const char* xml : {"<foo /", "<foo>", "text", "<a></b>", "<a/><b/>", "<a b=1/>", "<h:a/>"})
    EXPECT_EQ(stored(xml), R"({"tags":["_xmlparsefailure"]})") << xml;
}

TEST(Xml, sources_of_other_types) {
  FilterRun run(xml_filter(), R"(source => "x" target => "d")");
  EXPECT_EQ(run.one(R"({"x":["<a>1</a>"]})"), R"({"d":"1","x":["<a>1</a>"]})");
  EXPECT_EQ(run.one(R"({"x":["<a/>","b"]})"), R"({"tags":["_xmlparsefailure"],"x":["<a/>","b"]})");
  EXPECT_EQ(run.one(R"({"x":5})"), R"({"tags":["_xmlparsefailure"],"x":5})");
  for (const char* json : {R"({"x":"  "})", R"({"x":null})", R"({"y":"<a/>"})"}) {
    EXPECT_EQ(run.one(json), json);
    EXPECT_FALSE(run.matched());
  }
}

std::string picked(std::string_view path, std::string_view xml, std::string_view more = "") {
  return parsed(
      fmt::format("store_xml => false xpath => {{ \"{}\" => \"[p][q]\" }} {}", path, more), xml);
}

TEST(XmlPath, texts_nodes_and_attributes) {
  constexpr std::string_view kXml = R"(<foo><k a="1&lt;2">v&amp;1</k><k>v2</k></foo>)";
  EXPECT_EQ(picked("/foo/k/text()", kXml), R"({"p":{"q":["v&amp;1","v2"]}})");
  EXPECT_EQ(picked("/foo/k/@a", kXml), R"({"p":{"q":["1<2"]}})");
  EXPECT_EQ(picked("/foo/k[2]", kXml), R"({"p":{"q":["<k>v2</k>"]}})");
  EXPECT_EQ(picked("/foo/nothing", kXml), "{}");
}

TEST(XmlPath, functions_give_strings_numbers_and_truths) {
  constexpr std::string_view kXml = "<foo><k>1</k><k>2</k></foo>";
  EXPECT_EQ(picked("count(/foo/k)", kXml), R"({"p":{"q":["2.0"]}})");
  EXPECT_EQ(picked("string(/foo/k[2])", kXml), R"({"p":{"q":["2"]}})");
  EXPECT_EQ(picked("count(/foo/k) = 2", kXml), R"({"p":{"q":["true"]}})");
  EXPECT_EQ(picked("count(/foo/k) = 3", kXml), "{}");
}

TEST(XmlPath, force_array_false_gives_a_single_result_alone) {
  EXPECT_EQ(picked("/a/text()", "<a>1</a>", "force_array => false"), R"({"p":{"q":"1"}})");
}

TEST(XmlPath, malformed_text_gives_what_could_be_read) {
  constexpr std::string_view kXml = "<e><f>bbb</f><g>e3f<g></e>";
  EXPECT_EQ(picked("/e/f/text()", kXml), R"({"p":{"q":["bbb"]}})");
  EXPECT_EQ(picked("/e/f/text()", kXml, R"(parse_options => "strict")"),
            R"({"tags":["_xmlparsefailure"]})");
}

TEST(XmlPath, namespaces_of_the_root_or_as_given) {
  constexpr std::string_view kXml = R"(<foo xmlns:h="urn:x"><h:d>C</h:d></foo>)";
  EXPECT_EQ(picked("/foo/h:d", kXml), R"({"p":{"q":["<h:d>C</h:d>"]}})");
  EXPECT_EQ(picked("/foo/z:d/text()", kXml, R"(namespaces => { "z" => "urn:x" })"),
            R"({"p":{"q":["C"]}})");
  EXPECT_EQ(picked("/foo/z:d", kXml), R"({"tags":["_xmlparsefailure"]})");
  EXPECT_EQ(picked("/foo/d/text()", kXml), "{}");
  EXPECT_EQ(picked("/foo/d/text()", kXml, "remove_namespaces => true"), R"({"p":{"q":["C"]}})");
  EXPECT_EQ(picked("/xmlns:foo/text()", R"(<foo xmlns="urn:y">D</foo>)"), R"({"p":{"q":["D"]}})");
}

TEST(Xml, nothing_outside_of_the_text_is_read) {
  for (const char* xml : {R"(<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>)",
                          R"(<!DOCTYPE a [<!ENTITY % e SYSTEM "file:///etc/passwd"> %e;]><a/>)",
                          R"(<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>)"})
    EXPECT_EQ(stored(xml, R"x(xpath => { "string(/a)" => "p" })x"),
              R"({"tags":["_xmlparsefailure"]})")
        << xml;
  EXPECT_EQ(stored(R"(<!DOCTYPE a SYSTEM "file:///etc/passwd"><a>x</a>)"), R"({"d":"x"})");
  const std::string include = R"(<a xmlns:xi="http://www.w3.org/2001/XInclude">)"
                              R"(<xi:include href="/etc/passwd" parse="text"/></a>)";
  EXPECT_EQ(stored(include).find("root:"), std::string::npos);
}

TEST(Xml, entity_bombs_and_deep_nesting_are_failures) {
  std::string bomb = "<!DOCTYPE a [<!ENTITY l0 \"lol\">";
  for (int i = 1; i < 10; ++i)
    bomb += fmt::format("<!ENTITY l{} \"&l{};&l{};&l{};&l{};\">", i, i - 1, i - 1, i - 1, i - 1);
  bomb += "]><a>&l9;</a>";
  EXPECT_EQ(stored(bomb), R"({"tags":["_xmlparsefailure"]})");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_EQ(stored(deep), R"({"tags":["_xmlparsefailure"]})");
  EXPECT_NE(picked("//a[not(.//b)]", deep), "");
}

TEST(Xml, many_documents_on_one_parser) {
  FilterRun run(xml_filter(), R"(source => "x" target => "d")");
  for (int i = 0; i < 2500; ++i)
    EXPECT_EQ(run.one(fmt::format(R"({{"x":"<a{}>1</a{}>"}})", i, i)).find("tags"),
              std::string::npos);
}

TEST(Xml, malformed_options_are_refused) {
  const auto error = [](std::string_view options) {
    return test::make_error(xml_filter(), "source => \"x\" " + std::string(options));
  };
  EXPECT_NE(error(""), "");
  EXPECT_NE(error(R"(target => "d" xpath => { "/a[" => "p" })"), "");
  EXPECT_NE(error(R"(store_xml => false parse_options => "strict,invalid0")")
                .find(R"(unsupported parse option: "invalid0")"),
            std::string::npos);
  EXPECT_NE(error(R"(store_xml => false parse_options => "no_ent")").find("NOENT"),
            std::string::npos);
  EXPECT_EQ(error(R"(store_xml => false parse_options => "no_blanks | recover")"), "");
}

}  // namespace
}  // namespace penstock
