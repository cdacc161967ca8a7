#include "pipeline/base/arena.h"

#include <gtest/gtest.h>

#include <string>

namespace penstock {
namespace {

TEST(Arena, gives_aligned_memory_that_does_not_overlap) {
  Arena arena;
  uintptr_t last_end = 0;
  for (size_t size = 1; size < 200; ++size) {
    for (const size_t align : {size_t{1}, size_t{2}, size_t{8}, size_t{16}}) {
      char* at = static_cast<char*>(arena.allocate(size, align));
      EXPECT_EQ(reinterpret_cast<uintptr_t>(at) % align, 0U);
      std::memset(at, 0xAB, size);  // ASan sees a block that is too small
      const auto from = reinterpret_cast<uintptr_t>(at);
      EXPECT_TRUE(from >= last_end || from + size <= last_end - 1);
      last_end = from + size;
    }
  }
}

TEST(Arena, serves_what_is_larger_than_a_block) {
  Arena arena;
  const std::string large(Arena::kBlockBytes * 3, 'x');
  EXPECT_EQ(arena.copy(large), large);
  EXPECT_EQ(arena.copy("small"), "small");
}

TEST(Arena, padding_after_any_allocation_is_readable) {
  Arena arena;
  for (int i = 0; i < 5000; ++i) {
    const std::string_view text = arena.copy("0123456789abcdef0");
    volatile char sum = 0;
    for (size_t j = 0; j < limits::kPadding; ++j)
      sum = static_cast<char>(sum + text.data()[text.size() + j - 1]);
  }
}

TEST(Arena, reset_keeps_memory_for_the_next_batch_but_not_a_giant_one) {
  Arena arena;
  arena.copy(std::string(1000, 'a'));
  arena.reset();
  const size_t warm = arena.bytes_reserved();
  EXPECT_GE(warm, Arena::kBlockBytes);
  arena.copy(std::string(1000, 'b'));
  EXPECT_EQ(arena.bytes_reserved(), warm);
  arena.copy(std::string(Arena::kKeepBytes * 4, 'c'));
  arena.reset();
  EXPECT_LE(arena.bytes_reserved(), Arena::kKeepBytes);
}

TEST(Arena, an_empty_copy_is_not_null) { EXPECT_NE(Arena().copy("").data(), nullptr); }

}  // namespace
}  // namespace penstock
