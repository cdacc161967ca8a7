// From the parser's expression to the nodes of a Condition.
#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/text.h"
#include "pipeline/flow/condition_node.h"

namespace penstock {
namespace {

using Op = Expression::Op;

bool is_leaf(const Expression& e) {
  return e.op == Op::field || e.op == Op::string || e.op == Op::number || e.op == Op::regex ||
         e.op == Op::array;
}

}  // namespace

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
    const auto order = order_of(x.constant, y.constant);
    if (!order) return error(e, "a number and a string can't be compared");
    return constant(order_holds(e.op, *order));
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
    if (made->texts.size() > Node::kLinearMax) std::sort(made->texts.begin(), made->texts.end());
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

Result<Condition> Condition::compile(const Expression& expression) {
  TRY(std::unique_ptr<Node> root, Compiler().compile(expression));
  return Condition(std::move(root));
}

}  // namespace penstock
