#include "pipeline/event/json_reader.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>
#include <string>

#include "pipeline/base/limits.h"
#include "pipeline/base/text.h"
#include "pipeline/event/json_writer.h"

namespace penstock {
namespace {

using Outcome = JsonReader::Outcome;

class JsonReaderTest : public testing::Test {
 protected:
  Outcome read(std::string_view text) {
    // Exactly sized on the heap, so that ASan sees a read past the end.
    text_ = std::make_unique<char[]>(text.size());
    std::copy(text.begin(), text.end(), text_.get());
    return reader_.read({text_.get(), text.size()}, arena_, value_);
  }
  std::string rewritten(std::string_view text) {
    if (const Outcome outcome = read(text); outcome != Outcome::ok)
      return std::string(JsonReader::describe(outcome));
    ByteBuffer out;
    write_json(value_, out);
    return std::string(out.view());
  }

  JsonReader reader_;
  Arena arena_;
  Value value_;
  std::unique_ptr<char[]> text_;
};

TEST_F(JsonReaderTest, leaves_untouched_json_as_it_came) {
  for (const std::string_view text :
       {R"({"a":1,"b":[true,false,null],"c":{"d":"e"}})",
        R"({"n":12345678901234567890123,"m":1.500,"e":1E+2,"z":-0})",
        R"({"s":"tab\tquote\"slash\/u\u00e9\ud83d\ude00"})", R"("top")", "[]", "{}", "12"})
    EXPECT_EQ(rewritten(text), text);
}

TEST_F(JsonReaderTest, removes_white_space_between_tokens_so_a_document_is_one_line) {
  EXPECT_EQ(rewritten("\n{ \"a\" :\r\n [ 1 ,\t2 ] ,\n\"b\": \"x\" }\n"), R"({"a":[1,2],"b":"x"})");
}

TEST_F(JsonReaderTest, unescapes_for_filters_and_keeps_the_raw_form_for_output) {
  ASSERT_EQ(read(R"({"k\u0065y":"a\nb\u0000\ud83d\ude00"})"), Outcome::ok);
  const Value* found = object_find(value_, Name("key"));
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->view(), std::string_view("a\nb\0\xF0\x9F\x98\x80", 8));
  EXPECT_EQ(found->raw_json(), R"(a\nb\u0000\ud83d\ude00)");
}

TEST_F(JsonReaderTest, finds_escapes_wherever_they_stand) {
  for (const std::string_view text :
       {R"({"a":"x","b":"\\","c":"y","d\n":"z","e":"","f":"\"","g":"w"})",
        R"(["\n","a","","\t","\\\\","b"])", R"({"":"\/"})", R"({"\/":""})"}) {
    ASSERT_EQ(read(text), Outcome::ok) << text;
    ByteBuffer ours;
    write_json(detach(arena_, value_), ours);  // which forgets the raw forms
    simdjson::dom::parser wanted, found;
    EXPECT_EQ(simdjson::minify(found.parse(simdjson::padded_string(ours.view())).value()),
              simdjson::minify(wanted.parse(simdjson::padded_string(text)).value()));
  }
}

TEST_F(JsonReaderTest, lone_surrogate_becomes_replacement_character) {
  EXPECT_EQ(rewritten(R"(["\ud800","\udc00x","\ud800\u0041"])"),
            "[\"\xEF\xBF\xBD\",\"\xEF\xBF\xBDx\",\"\xEF\xBF\xBD"
            "A\"]");
}

TEST_F(JsonReaderTest, last_duplicate_key_wins_at_the_first_place) {
  EXPECT_EQ(rewritten(R"({"a":1,"b":2,"a":3})"), R"({"a":3,"b":2})");
  std::string many = "{", wanted = "{";
  for (int i = 0; i < 1000; ++i)
    many += "\"k" + std::to_string(i) + "\":" + std::to_string(i) + ",";
  for (int i = 0; i < 1000; ++i)
    wanted += "\"k" + std::to_string(i) + "\":" + std::to_string(i == 7 ? -1 : i) + ",";
  many += "\"k7\":-1}";
  wanted.back() = '}';
  EXPECT_EQ(rewritten(many), wanted);
  // Whatever the names' hashes, near and far, in a small object and in an inner one.
  for (int last = 0; last < 40; ++last) {
    std::string text = "{", kept = "{";
    for (int i = 0; i < 40; ++i) {
      text += "\"k" + std::to_string(i) + "\":" + std::to_string(i) + ",";
      kept += "\"k" + std::to_string(i) + "\":" + (i == last ? "\"x\"" : std::to_string(i)) + ",";
    }
    text += "\"k" + std::to_string(last) + "\":\"x\"}";
    kept.back() = '}';
    EXPECT_EQ(rewritten(text), kept);
    EXPECT_EQ(rewritten("[" + text + "]"), "[" + kept + "]");
  }
}

TEST_F(JsonReaderTest, refuses_what_is_not_json) {
  for (const std::string_view text :
       {"{",           "[1,]",      "{\"a\":}", "{\"a\" 1}", "{a:1}",     "01",
        "1.",          "-",         "+1",       ".5",        "1e",        "tru",
        "nul",         "\"abc",     "\"a\\x\"", "\"\\u12\"", "[1] 2",     "1 2",
        "{\"a\":1,}",  "{,}",       "[,]",      "]",         ":",         "\"a\"b",
        "\"a\"\"b\"",  "NaN",       "'a'",      "[1}",       "{\"a\":1]", "\"line\nbreak\"",
        "[\"tab\t\"]", "truefalse", "1a",       "--1"})
    EXPECT_EQ(read(text), Outcome::malformed) << text;
  EXPECT_EQ(read(""), Outcome::empty);
  EXPECT_EQ(read(" \n "), Outcome::empty);
  EXPECT_EQ(read("\"\xC3\""), Outcome::invalid_utf8);
}

TEST_F(JsonReaderTest, depth_is_limited) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(read(nested(limits::kDepthMax)), Outcome::ok);
  EXPECT_EQ(read(nested(limits::kDepthMax + 1)), Outcome::too_deep);
  EXPECT_EQ(read(nested(100'000)), Outcome::too_deep);
}

TEST_F(JsonReaderTest, agrees_with_simdjson_on_mutated_documents) {
  const std::string seed =
      R"({"a":[1,2.5e3,-0.1,{"b":null}],"c":"x\u00e9\\\"","d":true,"e":{},"f":"é"})";
  std::minstd_rand random(1);
  simdjson::dom::parser parser;
  const std::string_view alphabet = "{}[]:,\"\\0123456789.eE+-tfn \xC3\xA9";
  for (int round = 0; round < 20'000; ++round) {
    std::string text = seed;
    for (unsigned change = 0; change <= random() % 3; ++change)
      text[random() % text.size()] = alphabet[random() % alphabet.size()];
    simdjson::dom::element element;
    const auto error = parser.parse(text).get(element);
    // Numbers that don't fit a double are simdjson's limit, not ours; its lone surrogates are
    // errors.
    if (error == simdjson::NUMBER_ERROR) continue;
    ASSERT_EQ(read(text) == Outcome::ok, error == simdjson::SUCCESS)
        << text << " " << simdjson::error_message(error);
    if (error == simdjson::SUCCESS) {
      ByteBuffer out;
      write_json(value_, out);
      ASSERT_TRUE(is_utf8(out.view()));
      ASSERT_EQ(parser.parse(std::string(out.view())).error(), simdjson::SUCCESS) << out.view();
    }
  }
}

}  // namespace
}  // namespace penstock
