#include "pipeline/event/image.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "tests/support/events.h"

namespace penstock {
namespace {

struct Block {
  explicit Block(const Event& event) : size(measure_image(event)) {
    bytes.reset(static_cast<char*>(std::aligned_alloc(kImageAlign, size.bytes())));
    write_image(event, size, bytes.get());
  }
  std::string_view view() const { return {bytes.get(), size.bytes()}; }
  struct Free {
    void operator()(char* p) const { std::free(p); }
  };
  ImageSize size;
  std::unique_ptr<char, Free> bytes;
};

constexpr const char* kDocument =
    R"({"@timestamp":"2020-01-02T03:04:05.678901Z","a":{"b":[1,2.50,[],{},"",null,true]},)"
    R"("long":12345678901234567890,"text":"ä\n\"","tags":["x","y"],"@metadata":{"k":["v"]}})";

TEST(Image, the_event_outlives_the_batch_it_came_from) {
  auto first = std::make_unique<Batch>();
  const Row row = test::add_event(*first, kDocument);
  const std::string before = test::to_json((*first)[row], true);
  const Block block((*first)[row]);
  first.reset();

  Batch second;
  const Row taken = second.append();
  read_image(block.view(), second[taken]);
  EXPECT_EQ(test::to_json(second[taken], true), before);
  ASSERT_NE(second[taken].timestamp(), nullptr);
  EXPECT_EQ(second[taken].timestamp()->instant().nanoseconds, 678'901'000U);
}

TEST(Image, what_took_it_up_may_change_it) {
  Batch first, second;
  const Block block(first[test::add_event(first, kDocument)]);
  Event& event = second[second.append()];
  read_image(block.view(), event);
  ASSERT_TRUE(event.set(FieldRef::of("[a][new][deep]"), Value::of_integer(1)));
  ASSERT_TRUE(event.set(FieldRef::of("[a][b][9]"), Value::of_integer(2)));
  for (int i = 0; i < 100; ++i) event.tag("tag" + std::to_string(i));
  EXPECT_TRUE(event.erase(FieldRef::of("text")));
  ASSERT_TRUE(event.set(FieldRef::of("[@metadata][more]"), Value::boolean(true)));
  EXPECT_TRUE(event.has_tag("tag99") && event.has_tag("x"));
  EXPECT_EQ(event.find(FieldRef::of("[a][new][deep]"))->as_integer(), 1);
}

TEST(Image, two_images_of_an_event_have_nothing_in_common) {
  Batch first, second;
  const Row row = test::add_event(first, kDocument);
  const Block one(first[row]), two(first[row]);
  const Row a = second.append(), b = second.append();
  read_image(one.view(), second[a]);
  read_image(two.view(), second[b]);
  ASSERT_TRUE(second[a].set(FieldRef::of("[a][b][0]"), Value::of_integer(7)));
  EXPECT_EQ(second[b].find(FieldRef::of("[a][b][0]"))->as_integer(), 1);
  EXPECT_EQ(first[row].find(FieldRef::of("[a][b][0]"))->as_integer(), 1);
}

TEST(Image, an_empty_event_has_one_too) {
  Batch first, second;
  const Block block(first[test::add_event(first, "{}")]);
  Event& event = second[second.append()];
  read_image(block.view(), event);
  EXPECT_EQ(block.view().size() % kImageAlign, 0U);
}

}  // namespace
}  // namespace penstock
