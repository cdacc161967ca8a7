// A tree of nodes, each with what it needs resolved at compile time. `and` and `or` chains are
// flat, constants are folded where that can't hide a failure.
//
// Where Java's types decide in Logstash (its fields hold JRuby objects), the functions below say
// so; the facts are from logstash-core's EventCondition.java (9.x) and JRuby's equals methods.
#include "pipeline/flow/condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "pipeline/base/regex.h"
#include "pipeline/base/text.h"

namespace penstock {
namespace {

using Op = Expression::Op;

// A constant list longer than this is searched by halves.
constexpr size_t kLinearMax = 8;

Truth truth(bool holds) { return holds ? Truth::yes : Truth::no; }

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

// -1, 0, 1; empty when the two can't be compared, which Logstash answers with an exception.
std::optional<int> compare(const Value& a, const Value& b) {
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

bool holds(Op op, int order) {
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

bool is_leaf(const Expression& e) {
  return e.op == Op::field || e.op == Op::string || e.op == Op::number || e.op == Op::regex ||
         e.op == Op::array;
}

}  // namespace

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

  Step step = Step::constant;
  Truth value = Truth::no;  // constant
  Op op = Op::equal;        // the comparison, with the field on the left
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
  const auto order = compare(*found, *other);
  return order ? truth(holds(op, *order)) : Truth::failed;
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

class Condition::Compiler {
 public:
  using NodePtr = std::unique_ptr<Node>;
  using Step = Node::Step;

  Result<NodePtr> compile(const Expression& e) {
    switch (e.op) {
      case Op::and_:
      case Op::or_:
        return chain(e);
      case Op::xor_:
      case Op::nand:
        return pair(e);
      case Op::not_:
        return negation(e);
      case Op::equal:
      case Op::not_equal:
        return equality(e);
      case Op::match:
      case Op::not_match:
        return pattern(e);
      case Op::in:
      case Op::not_in:
        return membership(e);
      default:
        break;
    }
    return is_leaf(e) ? truth_test(e) : comparison(e);
  }

 private:
  static NodePtr node(Step step) {
    auto made = std::make_unique<Node>();
    made->step = step;
    return made;
  }

  static NodePtr constant(bool value) {
    NodePtr made = node(Step::constant);
    made->value = truth(value);
    return made;
  }

  static Error error(const Expression& e, std::string message) {
    return {Errc::bad_config, std::move(message), e.where};
  }

  static Result<FieldRef> field(const Expression& e) {
    auto parsed = FieldRef::parse(e.text);
    if (!parsed.ok()) return error(e, parsed.error().message);
    return parsed;
  }

  static void set_constant(Node& out, const Expression& e) {
    out.text = e.text;
    if (e.op == Op::number) {
      const bool fraction = e.text.find('.') != std::string::npos;
      if (const auto integer = parse_integer(e.text); integer && !fraction)
        out.constant = Value::of_integer(*integer);
      else
        out.constant = Value::of_real(real(e.text));
    } else {
      out.constant = Value::string(out.text);
    }
  }

  // The grammar allows "3.".
  static double real(std::string_view text) {
    if (text.ends_with('.')) text.remove_suffix(1);
    return parse_real(text).value_or(0);
  }

  static Result<NodePtr> negated_if(bool negate, NodePtr inner) {
    if (!negate) return inner;
    if (inner->step == Step::constant) return constant(inner->value == Truth::no);
    NodePtr made = node(Step::negate);
    made->children.push_back(std::move(inner));
    return made;
  }

  Result<NodePtr> chain(const Expression& e) {
    const bool all = e.op == Op::and_;
    NodePtr made = node(all ? Step::all : Step::any);
    for (const auto& operand : e.operands) {
      TRY(NodePtr child, compile(*operand));
      if (child->step == made->step) {
        for (NodePtr& inner : child->children) made->children.push_back(std::move(inner));
      } else {
        made->children.push_back(std::move(child));
      }
    }
    fold(*made, all);
    if (made->children.empty()) return constant(all);
    if (made->children.size() == 1) return std::move(made->children[0]);
    return made;
  }

  // Leaves out what decides nothing, and what comes after a child that decides everything.
  static void fold(Node& chain, bool all) {
    const Truth neutral = truth(all);
    std::vector<NodePtr> kept;
    for (NodePtr& child : chain.children) {
      const bool known = child->step == Step::constant;
      if (known && child->value == neutral) continue;
      kept.push_back(std::move(child));
      if (known) break;
    }
    chain.children = std::move(kept);
  }

  Result<NodePtr> pair(const Expression& e) {
    NodePtr made = node(e.op == Op::xor_ ? Step::one : Step::not_both);
    bool known = true;
    for (const auto& operand : e.operands) {
      TRY(NodePtr child, compile(*operand));
      known = known && child->step == Step::constant;
      made->children.push_back(std::move(child));
    }
    if (!known) return made;
    const bool a = made->children[0]->value == Truth::yes;
    const bool b = made->children[1]->value == Truth::yes;
    return constant(e.op == Op::xor_ ? a != b : !(a && b));
  }

  Result<NodePtr> negation(const Expression& e) {
    TRY(NodePtr inner, compile(*e.operands[0]));
    return negated_if(true, std::move(inner));
  }

  Result<NodePtr> truth_test(const Expression& e) {
    if (e.op == Op::regex) return error(e, "a pattern alone is no condition; write `[a] =~ /.../`");
    if (e.op != Op::field) return constant(!e.text.empty() && e.text != "false");
    NodePtr made = node(Step::truthy);
    TRY(made->left, field(e));
    return made;
  }

  Result<NodePtr> equality(const Expression& e) {
    const Expression *a = e.operands[0].get(), *b = e.operands[1].get();
    const bool negate = e.op == Op::not_equal;
    if (a->op != Op::field) std::swap(a, b);
    if (a->op != Op::field) return negated_if(negate, constant(a->op == b->op && same(*a, *b)));
    NodePtr made = node(b->op == Op::field ? Step::equals_field : Step::equals_constant);
    TRY(made->left, field(*a));
    if (b->op == Op::field) {
      TRY(made->right, field(*b));
    } else {
      set_constant(*made, *b);
    }
    return negated_if(negate, std::move(made));
  }

  static bool same(const Expression& a, const Expression& b) {
    Node x, y;
    set_constant(x, a);
    set_constant(y, b);
    return x.constant.is_float() == y.constant.is_float() && equal(x.constant, y.constant);
  }

  Result<NodePtr> comparison(const Expression& e) {
    const Expression *a = e.operands[0].get(), *b = e.operands[1].get();
    Op op = e.op;
    if (a->op != Op::field && b->op == Op::field) {
      std::swap(a, b);
      op = op == Op::less         ? Op::greater
           : op == Op::greater    ? Op::less
           : op == Op::less_equal ? Op::greater_equal
                                  : Op::less_equal;
    }
    NodePtr made = node(b->op == Op::field ? Step::compare_field : Step::compare_constant);
    made->op = op;
    if (a->op != Op::field) return constants_compared(e, *a, *b);
    TRY(made->left, field(*a));
    if (b->op == Op::field) {
      TRY(made->right, field(*b));
    } else {
      set_constant(*made, *b);
    }
    return made;
  }

  static Result<NodePtr> constants_compared(const Expression& e, const Expression& a,
                                            const Expression& b) {
    Node x, y;
    set_constant(x, a);
    set_constant(y, b);
    const auto order = compare(x.constant, y.constant);
    if (!order) return error(e, "a number and a string can't be compared");
    return constant(holds(e.op, *order));
  }

  static Result<NodePtr> pattern(const Expression& e) {
    const Expression &a = *e.operands[0], &b = *e.operands[1];
    if (b.op == Op::array) return error(b, "a list is no pattern");
    auto compiled = Regex::compile(b.text);
    if (!compiled.ok()) return error(b, "invalid pattern: " + compiled.error().message);
    NodePtr made = node(Step::matches);
    made->regex = std::move(compiled).value();
    made->match.emplace();
    if (a.op == Op::field) {
      TRY(made->left, field(a));
    } else {
      const bool found = made->regex->search(a.text, *made->match) == Regex::Outcome::match;
      made = constant(found);
    }
    return negated_if(e.op == Op::not_match, std::move(made));
  }

  static Result<NodePtr> membership(const Expression& e) {
    const Expression &a = *e.operands[0], &b = *e.operands[1];
    TRY(NodePtr made, b.op == Op::field ? in_field(a, b) : in_constant(a, b));
    return negated_if(e.op == Op::not_in, std::move(made));
  }

  static Result<NodePtr> in_field(const Expression& a, const Expression& b) {
    if (a.op == Op::array || a.op == Op::regex)
      return error(a, "only a field, a string or a number can be looked for with `in`");
    NodePtr made = node(a.op == Op::field    ? Step::field_in_field
                        : a.op == Op::string ? Step::text_in_field
                                             : Step::number_in_field);
    if (a.op == Op::field) {
      TRY(made->left, field(a));
      TRY(made->right, field(b));
      return made;
    }
    set_constant(*made, a);
    TRY(made->left, field(b));
    return made;
  }

  static Result<NodePtr> in_constant(const Expression& a, const Expression& b) {
    if (a.op == Op::array || a.op == Op::regex || b.op == Op::regex)
      return error(a,
                   "`in` takes a field, a string or a number, and then a field, a string or a "
                   "list");
    NodePtr made = node(b.op == Op::array ? Step::field_in_list : Step::field_in_text);
    made->text = b.text;
    for (const auto& item : b.operands) made->texts.push_back(text_form(*item));
    if (made->texts.size() > kLinearMax) std::sort(made->texts.begin(), made->texts.end());
    if (a.op == Op::field) {
      TRY(made->left, field(a));
      return made;
    }
    const std::string wanted = text_form(a);
    return constant(b.op == Op::array ? made->has_text(wanted)
                                      : made->text.find(wanted) != std::string::npos);
  }

  static std::string text_form(const Expression& e) {
    Node held;
    set_constant(held, e);
    return to_text(held.constant);
  }
};

Condition::Condition(std::unique_ptr<Node> root) : root_(std::move(root)) {}
Condition::Condition(Condition&&) noexcept = default;
Condition& Condition::operator=(Condition&&) noexcept = default;
Condition::~Condition() = default;

Result<Condition> Condition::compile(const Expression& expression) {
  TRY(std::unique_ptr<Node> root, Compiler().compile(expression));
  return Condition(std::move(root));
}

Truth Condition::evaluate(const Event& event) const { return root_->evaluate(event); }

std::optional<bool> Condition::constant() const {
  if (root_->step != Node::Step::constant) return std::nullopt;
  return root_->value == Truth::yes;
}

}  // namespace penstock
