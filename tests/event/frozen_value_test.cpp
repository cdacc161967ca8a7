#include "pipeline/event/frozen_value.h"

#include <gtest/gtest.h>

#include <limits>

#include "pipeline/event/json_writer.h"

namespace penstock {
namespace {

std::string written(const Value& value) {
  ByteBuffer out;
  write_json(value, out);
  return std::string(out.view());
}

Value read(JsonReader& reader, Arena& arena, std::string_view json) {
  Value out;
  EXPECT_EQ(reader.read(json, arena, out), JsonReader::Outcome::ok) << json;
  return out;
}

constexpr std::string_view kRecords[] = {
    "{}",
    "[]",
    R"({"a":1,"b":"x","c":{"d":[1,2,{"e":null}],"f":-1.5e3},"g":true})",
    R"([[],{},[{"a":[]}],"x"])",
    R"({"quote\"d":"a \"b\" \\ \n","":"empty","c":{"tab\t":["\"",""]}})",
};

TEST(FrozenValue, copies_are_equal_and_written_alike) {
  JsonReader reader;
  for (const std::string_view json : kRecords) {
    Arena arena, kept, events;
    Freezer freezer;
    const Value value = read(reader, arena, json);
    const FrozenValue* frozen = freezer.freeze(kept, value);
    for (int i = 0; i < 3; ++i) {
      const Value copy = frozen->thaw(events);
      EXPECT_TRUE(equal(copy, value)) << json;
      EXPECT_EQ(written(copy), written(value)) << json;
    }
  }
}

TEST(FrozenValue, needs_nothing_of_what_it_was_made_of) {
  JsonReader reader;
  Arena kept, events;
  Freezer freezer;
  const FrozenValue* frozen = nullptr;
  {
    Arena arena;
    const auto json = std::make_unique<std::string>(kRecords[4]);
    frozen = freezer.freeze(kept, read(reader, arena, *json));
  }
  Arena arena;
  EXPECT_TRUE(equal(frozen->thaw(events), read(reader, arena, kRecords[4])));
}

TEST(FrozenValue, a_changed_copy_is_written_as_changed_and_leaves_the_others) {
  JsonReader reader;
  Arena arena, kept, events;
  Freezer freezer;
  const FrozenValue* frozen = freezer.freeze(kept, read(reader, arena, kRecords[2]));
  Value copy = frozen->thaw(events);
  const Name a("a"), b("b"), c("c"), d("d"), more("more"), most("most");
  object_set(events, copy, b, Value::string("y", Value::kClean));
  array_append(events, *object_find(*object_find(copy, c), d), Value::of_integer(3));
  object_erase(copy, a);
  object_append(events, copy, more, Value::of_integer(7));
  object_append(events, copy, most, Value::of_integer(8));
  EXPECT_EQ(written(copy),
            R"({"b":"y","c":{"d":[1,2,{"e":null},3],"f":-1.5e3},"g":true,"more":7,"most":8})");
  EXPECT_EQ(written(frozen->thaw(events)), kRecords[2]);
}

TEST(FrozenValue, keeps_what_json_does_not_say) {
  Arena arena, kept, events;
  Freezer freezer;
  Value value = Value::object();
  const Name name("name"), when("when"), none("none"), real("real");
  object_set(arena, value, name, Value::string("Berlin", Value::kInert));
  object_set(arena, value, when, Value::timestamp({1, 5}));
  object_set(arena, value, none, Value::of_real(std::numeric_limits<double>::infinity()));
  object_set(arena, value, real, Value::of_real(51.5142));
  const Value copy = freezer.freeze(kept, value)->thaw(events);
  EXPECT_TRUE(object_find(copy, name)->flags & Value::kInert);
  EXPECT_EQ(object_find(copy, when)->kind, Kind::timestamp);
  EXPECT_EQ(object_find(copy, none)->kind, Kind::real);
  EXPECT_EQ(object_find(copy, real)->as_real(), 51.5142);
  EXPECT_EQ(written(copy), written(value));
}

}  // namespace
}  // namespace penstock
