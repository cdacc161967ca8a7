#include "pipeline/base/clean_texts.h"

#include <gtest/gtest.h>

#include <string>

namespace penstock {
namespace {

TEST(CleanTexts, keeps_a_text_that_comes_twice) {
  CleanTexts texts;
  CleanTexts::Key key = 0;
  EXPECT_FALSE(texts.has("Mozilla/5.0", 3, key));
  texts.add(key);
  EXPECT_FALSE(texts.has("Mozilla/5.0", 3, key));
  texts.add(key);
  EXPECT_TRUE(texts.has("Mozilla/5.0", 3, key));
  EXPECT_FALSE(texts.has("Mozilla/5.1", 3, key));
  EXPECT_FALSE(texts.has("Mozilla/5.0", 2, key));
}

TEST(CleanTexts, knows_only_what_it_was_given_whatever_pushes_it_out) {
  CleanTexts texts;
  const auto text_of = [](size_t i) { return std::string(i % 240, 'x') + std::to_string(i); };
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < 3 * CleanTexts::kSets; ++i) {
      CleanTexts::Key key = 0;
      const std::string text = text_of(i);
      const bool had = texts.has(text, 0, key);
      EXPECT_TRUE(i % 2 == 0 || !had) << text;
      if (i % 2 == 0) texts.add(key), texts.add(key);
    }
  }
}

TEST(CleanTexts, tells_texts_apart_by_every_byte) {
  for (size_t size = 1; size < 70; ++size) {
    CleanTexts texts;
    const std::string text(size, 'a');
    CleanTexts::Key key = 0;
    texts.has(text, 0, key);
    texts.add(key), texts.add(key);
    ASSERT_TRUE(texts.has(text, 0, key));
    for (size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = 'b';
      EXPECT_FALSE(texts.has(other, 0, key)) << size << " " << at;
    }
    EXPECT_FALSE(texts.has(text + "a", 0, key));
  }
}

TEST(CleanTexts, keeps_no_long_text) {
  CleanTexts texts;
  const std::string text(CleanTexts::kTextBytesMax + 1, 'a');
  CleanTexts::Key key = 0;
  texts.has(text, 0, key);
  texts.add(key), texts.add(key);
  EXPECT_FALSE(texts.has(text, 0, key));
}

}  // namespace
}  // namespace penstock
