#include "pipeline/event/json_writer.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>

namespace penstock {
namespace {

std::string written(const Value& value) {
  ByteBuffer out;
  write_json(value, out);
  return std::string(out.view());
}

// What simdjson reads back from a document with this one name and this one text.
std::pair<std::string, std::string> read_back(std::string_view name, std::string_view text) {
  Arena arena;
  Value object = Value::object();
  object_set(arena, object, Name(name), Value::string(text));
  simdjson::dom::parser parser;
  const simdjson::padded_string json(written(object));
  simdjson::dom::object read;
  if (parser.parse(json).get(read) != simdjson::SUCCESS) return {"unreadable", std::string(json)};
  for (const auto field : read)
    return {std::string(field.key), std::string(field.value.get_string().value())};
  return {};
}

TEST(JsonWriter, every_byte_survives_at_every_place_of_a_name_and_a_text) {
  for (size_t size = 1; size <= 40; ++size) {
    for (size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 0x80; ++byte) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(byte);
        ASSERT_EQ(read_back(text, text), std::pair(text, text)) << size << " " << at << " " << byte;
      }
    }
  }
}

TEST(JsonWriter, a_document_is_one_line_whatever_is_in_it) {
  Arena arena;
  Value object = Value::object();
  const std::string_view forged = "x\"}\n{\"index\":{\"_index\":\"other\"}}\r\n{\"a\":\"";
  object_set(arena, object, Name(forged), Value::string(forged));
  const std::string json = written(object);
  EXPECT_EQ(json.find_first_of("\r\n"), std::string::npos) << json;
}

TEST(JsonWriter, numbers_stay_numbers_and_what_json_lacks_is_null) {
  EXPECT_EQ(written(Value::of_integer(INT64_MIN)), "-9223372036854775808");
  EXPECT_EQ(written(Value::of_real(1)), "1.0");
  EXPECT_EQ(written(Value::of_real(0.1)), "0.1");
  EXPECT_EQ(written(Value::of_real(1.0 / 0.0)), "null");
  EXPECT_EQ(written(Value::raw_number("12345678901234567890.10", true)), "12345678901234567890.10");
}

}  // namespace
}  // namespace penstock
