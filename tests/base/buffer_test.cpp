#include "pipeline/base/buffer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

#include "pipeline/base/byte_buffer.h"
#include "pipeline/base/limits.h"

namespace penstock {
namespace {

TEST(Slab, lives_as_long_as_its_last_reference) {
  SlabRef kept;
  {
    const SlabRef made = Slab::make();
    std::memset(made.get()->data(), 'x', made.get()->capacity());
    kept = made;
  }
  EXPECT_EQ(kept->data()[Slab::kBytes - 1], 'x');
}

TEST(Slab, has_readable_padding_after_its_capacity) {
  const SlabRef large = Slab::make(Slab::kBytes * 2 + 1);
  EXPECT_GE(large.get()->capacity(), Slab::kBytes * 2 + 1);
  for (size_t i = 0; i < limits::kPadding; ++i)
    EXPECT_EQ(large.get()->data()[large.get()->capacity() + i], 0);
}

TEST(Slab, may_be_released_on_any_thread) {
  std::vector<std::thread> threads;
  const SlabRef shared = Slab::make();
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([shared] {
      for (int round = 0; round < 1000; ++round) {
        const SlabRef copy = shared;
        const SlabRef own = Slab::make();
        own.get()->data()[0] = 'y';
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(ByteBuffer, keeps_its_bytes_when_it_grows) {
  ByteBuffer buffer;
  std::string wanted;
  for (int i = 0; i < 20'000; ++i) {
    const std::string piece = std::to_string(i);
    buffer.append(piece);
    buffer.push_back(',');
    wanted += piece + ",";
  }
  EXPECT_EQ(buffer.view(), wanted);
  buffer.truncate(3);
  EXPECT_EQ(buffer.view(), wanted.substr(0, 3));
  ByteBuffer other(std::move(buffer));
  EXPECT_EQ(other.view(), wanted.substr(0, 3));
}

}  // namespace
}  // namespace penstock
