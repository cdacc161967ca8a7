// Evaluation; condition_compiler.cpp makes the nodes.
//
// Where Java's types decide in Logstash (its fields hold JRuby objects), the functions below say
// so; the facts are from logstash-core's EventCondition.java (9.x) and JRuby's equals methods.
#include "pipeline/flow/condition.h"

#include <algorithm>

#include "pipeline/base/text.h"
#include "pipeline/flow/condition_node.h"

namespace penstock {
namespace {

using Op = Expression::Op;

Truth negated(Truth truth) {
  if (truth == Truth::failed) return Truth::failed;
  return truth == Truth::yes ? Truth::no : Truth::yes;
}

// A value's string form is not "" and not "false".
bool is_truthy(const Value& value) {
  switch (value.kind) {
    case Kind::null:
      return false;
    case Kind::boolean:
      return value.truth();
    case Kind::string:
      return value.size != 0 && value.view() != "false";
    default:
      return true;
  }
}

// a.equals(b) as JRuby has it: an integer equals a float of its value, a float only floats.
bool equals(const Value& a, const Value& b) {
  if (a.is_float() && b.is_number() && !b.is_float()) return false;
  return equal(a, b);
}

bool list_contains(const Value& list, const Value& item) {
  for (const Value& element : list.elements())
    if (equals(item, element)) return true;
  return false;
}

}  // namespace

std::optional<int> order_of(const Value& a, const Value& b) {
  const auto sign = [](auto x, auto y) { return x < y ? -1 : x > y ? 1 : 0; };
  if (a.is_number() && b.is_number()) {
    if (!a.is_float() && !b.is_float()) {
      const auto x = a.as_integer(), y = b.as_integer();
      if (x && y) return sign(*x, *y);
    }
    const auto x = a.as_real(), y = b.as_real();
    if (!x || !y) return std::nullopt;
    return sign(*x, *y);
  }
  if (a.kind != b.kind) return std::nullopt;
  if (a.kind == Kind::string) return sign(a.view().compare(b.view()), 0);
  if (a.kind == Kind::timestamp) {
    const Instant x = a.instant(), y = b.instant();
    return sign(std::pair(x.seconds, x.nanoseconds), std::pair(y.seconds, y.nanoseconds));
  }
  if (a.kind == Kind::boolean && a.truth() == b.truth()) return 0;
  return std::nullopt;
}

bool order_holds(Op op, int order) {
  switch (op) {
    case Op::less:
      return order < 0;
    case Op::less_equal:
      return order <= 0;
    case Op::greater:
      return order > 0;
    default:
      return order >= 0;
  }
}

Truth Condition::Node::evaluate(const Event& event) const {
  switch (step) {
    case Step::constant:
      return value;
    case Step::all:
      return all_of(event);
    case Step::any:
      return any_of(event);
    case Step::not_both:
      return negated(all_of(event));
    case Step::one:
      return exactly_one(event);
    case Step::negate:
      return negated(children[0]->evaluate(event));
    case Step::truthy: {
      const Value* found = event.find(left);
      return truth(found && is_truthy(*found));
    }
    case Step::equals_constant: {
      const Value* found = event.find(left);
      if (!found) return Truth::no;
      if (constant.is_string()) return truth(found->is_string() && found->view() == text);
      return truth(equals(constant, *found));
    }
    case Step::equals_field: {
      const Value *a = event.find(left), *b = event.find(right);
      return truth(a && b ? equals(*a, *b) : a == b);
    }
    case Step::compare_constant:
      return compare_with(event.find(left), &constant);
    case Step::compare_field:
      return compare_with(event.find(left), event.find(right));
    case Step::matches:
      return match_field(event.find(left));
    case Step::text_in_field: {
      const Value* found = event.find(left);
      if (!found) return Truth::no;
      if (found->is_string()) return truth(found->view().find(text) != std::string_view::npos);
      return truth(found->is_array() && list_contains(*found, constant));
    }
    case Step::number_in_field: {
      // Logstash means to compare a scalar too, but compares it with the field's name.
      const Value* found = event.find(left);
      return truth(found && found->is_array() && list_contains(*found, constant));
    }
    case Step::field_in_text: {
      const Value* found = event.find(left);
      return truth(found && found->is_string() && text.find(found->view()) != std::string::npos);
    }
    case Step::field_in_list:
      return truth(in_list(event.find(left)));
    case Step::field_in_field:
      return in_field(event.find(left), event.find(right));
  }
  return Truth::failed;
}

Truth Condition::Node::all_of(const Event& event) const {
  for (const auto& child : children)
    if (const Truth t = child->evaluate(event); t != Truth::yes) return t;
  return Truth::yes;
}

Truth Condition::Node::any_of(const Event& event) const {
  for (const auto& child : children)
    if (const Truth t = child->evaluate(event); t != Truth::no) return t;
  return Truth::no;
}

Truth Condition::Node::exactly_one(const Event& event) const {
  const Truth a = children[0]->evaluate(event);
  if (a == Truth::failed) return a;
  const Truth b = children[1]->evaluate(event);
  return b == Truth::failed ? b : truth(a != b);
}

Truth Condition::Node::compare_with(const Value* found, const Value* other) const {
  if (!found || !other) return Truth::failed;
  const auto order = order_of(*found, *other);
  return order ? truth(order_holds(op, *order)) : Truth::failed;
}

Truth Condition::Node::match_field(const Value* found) const {
  if (!found || !found->is_string()) return Truth::no;
  switch (regex->search(found->view(), *match)) {
    case Regex::Outcome::match:
      return Truth::yes;
    case Regex::Outcome::no_match:
      return Truth::no;
    case Regex::Outcome::limit:
      break;
  }
  return Truth::failed;
}

bool Condition::Node::has_text(std::string_view wanted) const {
  if (texts.size() > kLinearMax) return std::binary_search(texts.begin(), texts.end(), wanted);
  return std::find(texts.begin(), texts.end(), wanted) != texts.end();
}

// By string forms: 5 is in ["5", "6"].
bool Condition::Node::in_list(const Value* found) const {
  if (!found || found->is_container()) return false;
  if (found->is_string()) return has_text(found->view());
  scratch.clear();
  append_text(*found, scratch);
  return has_text(scratch);
}

Truth Condition::Node::in_field(const Value* item, const Value* container) const {
  if (item && item->is_container()) return Truth::no;
  if (container && container->is_array())
    return item ? truth(list_contains(*container, *item)) : Truth::failed;
  if (!item || !container) return Truth::no;
  if (item->is_string() && container->is_string())
    return truth(container->view().find(item->view()) != std::string_view::npos);
  return truth(equals(*item, *container));
}

Condition::Condition(std::unique_ptr<Node> root) : root_(std::move(root)) {}
Condition::Condition(Condition&&) noexcept = default;
Condition& Condition::operator=(Condition&&) noexcept = default;
Condition::~Condition() = default;

Truth Condition::evaluate(const Event& event) const { return root_->evaluate(event); }

std::optional<bool> Condition::constant() const {
  if (root_->step != Node::Step::constant) return std::nullopt;
  return root_->value == Truth::yes;
}

}  // namespace penstock
