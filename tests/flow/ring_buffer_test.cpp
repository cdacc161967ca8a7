#include "pipeline/flow/ring_buffer.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <thread>
#include <vector>

#include "pipeline/flow/event_count.h"

namespace penstock {
namespace {

using Ring = RingBuffer<uint64_t>;

bool push(Ring& ring, uint64_t value, size_t bytes = 1) {
  auto element = std::make_unique<uint64_t>(value);
  const bool pushed = ring.try_push(element, bytes);
  EXPECT_EQ(pushed, element == nullptr) << "a refused element stays with the caller";
  return pushed;
}

TEST(RingBuffer, gives_back_what_went_in_in_order) {
  Ring ring(4);
  EXPECT_EQ(ring.try_pop(), nullptr);
  for (uint64_t lap = 0; lap < 5; ++lap) {
    for (uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(push(ring, lap * 10 + i));
    for (uint64_t i = 0; i < 3; ++i) EXPECT_EQ(*ring.try_pop(), lap * 10 + i);
  }
  EXPECT_TRUE(ring.empty());
}

TEST(RingBuffer, refuses_more_than_its_count) {
  Ring ring(2);
  EXPECT_TRUE(push(ring, 1));
  EXPECT_TRUE(push(ring, 2));
  EXPECT_FALSE(push(ring, 3));
  EXPECT_EQ(ring.bytes(), 2U) << "a refused push gives its bytes back";
  ring.try_pop();
  EXPECT_TRUE(push(ring, 3));
}

TEST(RingBuffer, refuses_more_than_its_bytes) {
  Ring ring(8, 100);
  EXPECT_TRUE(push(ring, 1, 60));
  EXPECT_FALSE(push(ring, 2, 41));
  EXPECT_TRUE(push(ring, 2, 40));
  EXPECT_EQ(ring.bytes(), 100U);
}

TEST(RingBuffer, takes_a_giant_alone) {
  Ring ring(8, 100);
  EXPECT_TRUE(push(ring, 1, 1000));
  EXPECT_FALSE(push(ring, 2, 1));
  ring.try_pop();
  EXPECT_EQ(ring.bytes(), 0U);
  EXPECT_TRUE(push(ring, 2, 1));
}

// Every sequence of pushes and pops of a given length, against a deque.
TEST(RingBuffer, equals_a_deque_for_every_short_sequence_of_operations) {
  constexpr unsigned kSteps = 14;
  for (unsigned sequence = 0; sequence < (1U << kSteps); ++sequence) {
    Ring ring(2, 3);
    std::deque<uint64_t> model;
    for (unsigned step = 0; step < kSteps; ++step) {
      if (sequence >> step & 1) {
        const bool fits = model.size() < 2;
        ASSERT_EQ(push(ring, step), fits);
        if (fits) model.push_back(step);
      } else {
        const auto popped = ring.try_pop();
        ASSERT_EQ(popped != nullptr, !model.empty());
        if (!popped) continue;
        ASSERT_EQ(*popped, model.front());
        model.pop_front();
      }
    }
  }
}

TEST(RingBuffer, counts_before_a_consumer_can_see) {
  Ring ring(2);
  auto element = std::make_unique<uint64_t>(1);
  bool seen_inside = true;
  EXPECT_TRUE(ring.try_push(element, 1, [&] { seen_inside = ring.try_pop() != nullptr; }));
  EXPECT_FALSE(seen_inside);
  EXPECT_NE(ring.try_pop(), nullptr);
}

// Values are producer << 32 | number. Each consumer must see each producer's numbers ascending, and
// all consumers together each value once.
struct Race {
  uint64_t producers, consumers, each;
  uint32_t capacity;
};

void run_race(const Race& race) {
  Ring ring(race.capacity, race.capacity);
  EventCount ready;
  std::atomic<uint64_t> popped{0};
  const uint64_t total = race.producers * race.each;
  std::vector<std::vector<uint64_t>> seen(race.consumers);
  std::vector<std::thread> threads;
  for (uint64_t c = 0; c < race.consumers; ++c)
    threads.emplace_back([&, c] {
      while (popped.load() < total) {
        const uint32_t key = ready.prepare();
        if (auto element = ring.try_pop()) {
          ready.cancel();
          seen[c].push_back(*element);
          if (++popped == total) ready.notify_all();
        } else if (popped.load() >= total) {
          ready.cancel();
        } else {
          ready.wait(key);
        }
      }
    });
  for (uint64_t p = 0; p < race.producers; ++p)
    threads.emplace_back([&, p] {
      for (uint64_t i = 0; i < race.each;) {
        auto element = std::make_unique<uint64_t>(p << 32 | i);
        if (ring.try_push(element, 1)) {
          ready.notify_one();
          ++i;
        } else {
          std::this_thread::yield();
        }
      }
    });
  for (std::thread& thread : threads) thread.join();

  std::vector<std::vector<bool>> once(race.producers, std::vector<bool>(race.each));
  for (const auto& values : seen) {
    std::vector<int64_t> last(race.producers, -1);
    for (const uint64_t value : values) {
      const uint64_t p = value >> 32;
      const auto number = static_cast<int64_t>(value & 0xffffffff);
      ASSERT_GT(number, last[p]) << "order of one producer";
      last[p] = number;
      ASSERT_FALSE(once[p][static_cast<size_t>(number)]) << "seen twice";
      once[p][static_cast<size_t>(number)] = true;
    }
  }
  EXPECT_EQ(popped.load(), total);
  EXPECT_EQ(ring.bytes(), 0U);
}

TEST(RingBuffer, loses_and_doubles_nothing_among_many_threads) {
  for (const Race race : {Race{1, 1, 30'000, 4}, Race{4, 1, 8'000, 2}, Race{1, 4, 20'000, 8},
                          Race{3, 3, 10'000, 4}, Race{4, 4, 6'000, 256}})
    run_race(race);
}

TEST(EventCount, times_out) {
  EventCount ready;
  const auto before = std::chrono::steady_clock::now();
  ready.wait(ready.prepare(), std::chrono::milliseconds(5));
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(5));
}

TEST(EventCount, a_notify_after_prepare_is_not_lost) {
  EventCount ready;
  const uint32_t key = ready.prepare();
  ready.notify_one();
  ready.wait(key);  // returns at once
}

}  // namespace
}  // namespace penstock
