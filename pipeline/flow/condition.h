// Condition: an `if` of the configuration, compiled. Semantics are Logstash's (logstash-core's
// EventCondition.java, and what a real Logstash was seen to do):
//
// - A field alone is true unless it is missing, null, "" or "false". `0` and `[]` are true.
// - `==` and `!=` never fail: a missing field equals no constant. 5 never equals "5". A constant
//   `5` equals a field's 5.0, but `5.0` equals floats only.
// - `<` and its like fail when a side is missing or the sides are not both numbers, or both
//   strings.
// - `=~` matches strings only. `in` looks into strings and lists; see contains() in the source.
//
// Immutable but for scratch: one Condition per worker. Costs a walk to each field and a
// comparison; allocates nothing once warm.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "pipeline/base/result.h"
#include "pipeline/config/ast.h"
#include "pipeline/event/event.h"

namespace penstock {

// failed: Logstash would raise. The program takes it for `no` and tags the event.
enum class Truth : uint8_t { no, yes, failed };

class Condition {
 public:
  static Result<Condition> compile(const Expression& expression);
  Condition(Condition&&) noexcept;
  Condition& operator=(Condition&&) noexcept;
  ~Condition();

  Truth evaluate(const Event& event) const;
  // The outcome, when no event can change it.
  std::optional<bool> constant() const;

 private:
  struct Node;
  class Compiler;
  explicit Condition(std::unique_ptr<Node> root);
  std::unique_ptr<Node> root_;
};

}  // namespace penstock
