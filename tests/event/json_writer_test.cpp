#include "pipeline/event/json_writer.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>
#include <string>
#include <vector>

#include "pipeline/event/json_reader.h"

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

// The plain way, member by member, to hold the writer's shortcuts against.
void write_plainly(const Value& value, std::string& out) {
  ByteBuffer text;
  if (value.is_object()) {
    out += '{';
    for (uint32_t i = 0; i < value.size; ++i) {
      text.clear();
      write_json_string(value.members[i].name(), text);
      out += (i ? "," : "") + std::string(text.view()) + ":";
      write_plainly(value.members[i].value, out);
    }
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    for (uint32_t i = 0; i < value.size; ++i) {
      if (i) out += ',';
      write_plainly(value.items[i], out);
    }
    out += ']';
  } else if (value.is_string() && value.flags & Value::kHasRaw) {
    out += '"' + std::string(value.raw_json()) + '"';
  } else {
    out += written(value);
  }
}

// A document as a filter chain might leave it: values cut, exchanged, renamed, added, removed.
class Changes {
 public:
  Changes(Arena& arena, uint32_t seed) : arena_(arena), random_(seed) {}

  void change(Value& object) {
    for (uint32_t round = below(4); round > 0 && object.size > 0; --round) {
      Member& member = object.members[below(object.size)];
      Member& other = object.members[below(object.size)];
      switch (below(9)) {
        case 0:
          std::swap(member.value, other.value);
          break;
        case 1:
          std::swap(member.name_text, other.name_text);
          std::swap(member.name_size, other.name_size);
          break;
        case 2:
          object_erase(object, Name(member.name()));
          break;
        case 3:
          cut(member.value);
          break;
        case 4:
          member.value = Value::boolean(below(2));
          break;
        case 5:
          member.value = Value::null();
          break;
        case 6:
          object_set(arena_, object, Name("added"), Value::string("a\"dded"));
          break;
        case 7:
          member.value = Value::string(arena_.copy(member.name()));
          break;
        default:
          if (member.value.is_object()) change(member.value);
      }
    }
  }

 private:
  uint32_t below(uint32_t end) { return static_cast<uint32_t>(random_() % end); }
  // As strip and truncate do: a view of a part.
  void cut(Value& value) {
    if (!value.is_string() || value.size < 2 || value.flags & Value::kHasRaw) return;
    const uint32_t from = below(2);
    value.text += from;
    value.size -= from + below(2);
  }

  Arena& arena_;
  std::minstd_rand random_;
};

TEST(JsonWriter, copies_what_stands_as_it_came_and_nothing_else) {
  const std::string_view documents[] = {
      R"({"a":"one","b":2,"c":true,"d":null,"e":"f\"g","h":[1,"x",{"i":"j"}],"k":{"l":"m","n":{}}})",
      R"({"a" : "one", "b": 2,"c" :true,"d": null,"e":"f\"g", "h":[ 1,"x",{"i": "j"}],"k":{"l":"m"}})",
      R"({"a\"b":"one","a\"c":2,"c":"\ud800","d":false,"false":true,"":"","":{"":[]}})"};
  JsonReader reader;
  for (uint32_t round = 0; round < 4'000; ++round) {
    const std::string_view document = documents[round % 3];
    // Exactly as large as the text, so that reading past it is seen.
    const std::vector<char> bytes(document.begin(), document.end());
    Arena arena;
    Value value;
    ASSERT_EQ(reader.read({bytes.data(), bytes.size()}, arena, value), JsonReader::Outcome::ok);
    Changes(arena, round).change(value);
    std::string wanted;
    write_plainly(value, wanted);
    ASSERT_EQ(written(value), wanted) << document;
  }
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
