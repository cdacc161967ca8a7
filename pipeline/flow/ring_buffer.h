// RingBuffer: what lies between the inputs' loops and the workers. Bounded in count and in bytes,
// many producers, many consumers, no lock; one pointer per element crosses.
//
// The idea is Dmitry Vyukov's bounded queue, with the layout that rigtorp's MPMCQueue argues for: a
// ticket gives a slot, and the slot's `turn` says whose it is. For ticket t, lap = t / capacity:
//   turn == 2 * lap      the slot is free for the producer with ticket t
//   turn == 2 * lap + 1  it holds the element for the consumer with ticket t
// A try_ that finds the wrong turn gives up (full, empty) instead of waiting for it, so nobody
// spins for another thread; sleeping is the business of the EventCount beside the ring (Intake).
//
// Bytes are reserved before the push and given back after the pop. An element larger than the
// whole allowance passes when the ring holds no bytes, so that it can't stop the stream.
//
// Orders are seq_cst where a sleeper's second look must see a change (see EventCount); the rest
// pairs acquire with release per slot. Tested by ring_buffer_test.cpp.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "pipeline/base/check.h"
#include "pipeline/base/limits.h"

namespace penstock {

inline constexpr size_t kCacheLine = 64;

template <class T>
class RingBuffer {
 public:
  // REQUIRES: capacity is a power of two.
  explicit RingBuffer(uint32_t capacity = limits::kRingParcelsMax,
                      size_t bytes_max = limits::kRingBytesMax)
      : mask_(capacity - 1),
        lap_shift_(static_cast<unsigned>(std::countr_zero(capacity))),
        bytes_max_(bytes_max),
        slots_(new Slot[capacity]) {
    CHECK(std::has_single_bit(capacity), "the ring's capacity must be a power of two");
  }
  RingBuffer(const RingBuffer&) = delete;
  RingBuffer& operator=(const RingBuffer&) = delete;

  // False when full: the element is still the caller's. `claimed` runs when a place is certain and
  // before a consumer can see the element: the moment to count it.
  template <class Claimed>
  bool try_push(std::unique_ptr<T>& element, size_t bytes, Claimed claimed) {
    if (!reserve(bytes)) return false;
    uint64_t ticket = head_.load(std::memory_order_relaxed);
    for (;;) {
      Slot& slot = slots_[ticket & mask_];
      // acquire: pairs with the release of the pop that emptied the slot
      if (slot.turn.load(std::memory_order_acquire) == turn_to_push(ticket)) {
        if (!head_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_relaxed)) continue;
        claimed();
        slot.element = std::move(element);
        slot.bytes = bytes;
        slot.turn.store(turn_to_pop(ticket), std::memory_order_seq_cst);
        return true;
      }
      // Either the ring is full, or another producer was faster: then head_ has moved.
      const uint64_t seen = ticket;
      ticket = head_.load(std::memory_order_relaxed);
      if (ticket == seen) break;
    }
    bytes_.fetch_sub(bytes, std::memory_order_seq_cst);
    return false;
  }

  bool try_push(std::unique_ptr<T>& element, size_t bytes) {
    return try_push(element, bytes, [] {});
  }

  // nullptr when empty.
  std::unique_ptr<T> try_pop() {
    uint64_t ticket = tail_.load(std::memory_order_relaxed);
    for (;;) {
      Slot& slot = slots_[ticket & mask_];
      // seq_cst: the second look of a sleeper; also acquires what the push released
      if (slot.turn.load(std::memory_order_seq_cst) == turn_to_pop(ticket)) {
        if (!tail_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_relaxed)) continue;
        std::unique_ptr<T> element = std::move(slot.element);
        const size_t bytes = slot.bytes;
        slot.turn.store(turn_to_push(ticket + mask_ + 1), std::memory_order_seq_cst);
        bytes_.fetch_sub(bytes, std::memory_order_seq_cst);
        return element;
      }
      const uint64_t seen = ticket;
      ticket = tail_.load(std::memory_order_relaxed);
      if (ticket == seen) return nullptr;
    }
  }

  // Snapshots: exact only when nobody else is at work.
  uint32_t size() const {
    const uint64_t tail = tail_.load(std::memory_order_relaxed);
    const uint64_t head = head_.load(std::memory_order_relaxed);
    return head > tail ? static_cast<uint32_t>(head - tail) : 0;
  }
  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  bool empty() const { return size() == 0; }
  // Room enough that waking a producer is worth it: it won't be refused again at once.
  bool half_empty() const { return size() <= (mask_ + 1) / 2 && bytes() <= bytes_max_ / 2; }
  uint32_t capacity() const { return static_cast<uint32_t>(mask_ + 1); }
  size_t bytes_max() const { return bytes_max_; }

 private:
  struct alignas(kCacheLine) Slot {
    std::atomic<uint64_t> turn{0};
    std::unique_ptr<T> element;
    size_t bytes = 0;
  };
  static_assert(sizeof(Slot) == kCacheLine, "a slot is a cache line, or neighbours would contend");
  static_assert(std::atomic<uint64_t>::is_always_lock_free);

  uint64_t turn_to_push(uint64_t ticket) const { return 2 * (ticket >> lap_shift_); }
  uint64_t turn_to_pop(uint64_t ticket) const { return turn_to_push(ticket) + 1; }

  bool reserve(size_t bytes) {
    size_t held = bytes_.load(std::memory_order_seq_cst);
    do {
      if (held != 0 && held + bytes > bytes_max_) return false;
    } while (!bytes_.compare_exchange_weak(held, held + bytes, std::memory_order_seq_cst));
    return true;
  }

  const uint64_t mask_;
  const unsigned lap_shift_;
  const size_t bytes_max_;
  const std::unique_ptr<Slot[]> slots_;
  alignas(kCacheLine) std::atomic<uint64_t> head_{0};  // next ticket to push
  alignas(kCacheLine) std::atomic<uint64_t> tail_{0};  // next ticket to pop
  alignas(kCacheLine) std::atomic<size_t> bytes_{0};
};

}  // namespace penstock
