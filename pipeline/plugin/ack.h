// Acknowledgement from end to end. An input hands out an AckToken with each parcel; the token
// settles exactly once, when every event of the parcel is delivered, dead-lettered or dropped.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

namespace penstock {

// What an input is told about a position: forget it, or be ready to send it again.
enum class Verdict : uint8_t { done, replay };

struct Position {
  uint32_t stream = 0;
  uint64_t sequence = 0;
};

class Settler {
 public:
  virtual ~Settler() = default;
  virtual void settle(Position position,
                      Verdict verdict) noexcept = 0;  // any thread; must not block
};

// Destroyed without a verdict means replay, so a forgotten path shows up as a duplicate in a test
// and never as a loss in production. A default token belongs to an input that needs no answer.
class AckToken {
 public:
  AckToken() = default;
  AckToken(Settler& settler, Position position) : settler_(&settler), position_(position) {}
  AckToken(AckToken&& other) noexcept
      : settler_(std::exchange(other.settler_, nullptr)),
        position_(other.position_),
        held_(std::move(other.held_)) {}
  AckToken& operator=(AckToken&& other) noexcept {
    if (this != &other) {
      settle(Verdict::replay);
      settler_ = std::exchange(other.settler_, nullptr);
      position_ = other.position_;
      held_ = std::move(other.held_);
    }
    return *this;
  }
  ~AckToken() { settle(Verdict::replay); }

  void settle(Verdict verdict) noexcept {
    if (auto* settler = std::exchange(settler_, nullptr)) settler->settle(position_, verdict);
    held_.reset();
  }

  // Keeps `what` until after the token has settled: a sign of life for whoever gave the token out.
  void hold(const std::shared_ptr<const void>& what) { held_ = what; }

 private:
  Settler* settler_ = nullptr;
  Position position_;
  std::shared_ptr<const void> held_;
};

}  // namespace penstock
