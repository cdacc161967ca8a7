// A condition as a tree of nodes, each with what it needs resolved at compile time. `and` and `or`
// chains are flat, constants are folded where that can't hide a failure. Private to condition*.cpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/base/regex.h"
#include "pipeline/flow/condition.h"

namespace penstock {

struct Condition::Node {
  enum class Step : uint8_t {
    constant,
    all,       // children: and
    any,       // children: or
    not_both,  // two children: nand
    one,       // two children: xor
    negate,    // one child
    truthy,
    equals_constant,
    equals_field,
    compare_constant,
    compare_field,
    matches,
    text_in_field,    // "x" in [f]
    number_in_field,  // 5 in [f]
    field_in_text,    // [f] in "xyz"
    field_in_list,    // [f] in ["a", 5]
    field_in_field,
  };
  // A constant list longer than this is sorted, and searched by halves.
  static constexpr size_t kLinearMax = 8;

  Step step = Step::constant;
  Truth value = Truth::no;                    // constant
  Expression::Op op = Expression::Op::equal;  // the comparison, with the field on the left
  FieldRef left, right;
  std::string text;                // of a constant string
  Value constant;                  // views `text` when it is a string
  std::vector<std::string> texts;  // of a constant list; sorted when long
  std::shared_ptr<const Regex> regex;
  std::vector<std::unique_ptr<Node>> children;
  mutable std::optional<Regex::Match> match;  // with regex
  mutable std::string scratch;

  Truth evaluate(const Event& event) const;
  Truth all_of(const Event& event) const;
  Truth any_of(const Event& event) const;
  Truth exactly_one(const Event& event) const;
  Truth compare_with(const Value* found, const Value* other) const;
  Truth match_field(const Value* found) const;
  bool in_list(const Value* found) const;
  bool has_text(std::string_view wanted) const;
  Truth in_field(const Value* item, const Value* container) const;
};

// -1, 0, 1; empty when the two can't be compared, which Logstash answers with an exception.
std::optional<int> order_of(const Value& a, const Value& b);
// Whether `a op b`, given their order.
bool order_holds(Expression::Op op, int order);

inline Truth truth(bool holds) { return holds ? Truth::yes : Truth::no; }

}  // namespace penstock
