// The syntax tree of Logstash's configuration language, as the parser leaves it: nothing is
// checked against plugins yet, `${ENV}` is already substituted. Plain data.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/base/result.h"

namespace penstock {

struct PluginNode;

// The right side of `name => value`.
struct ConfigValue {
  enum class Kind : uint8_t { string, bareword, number, array, hash, plugin };

  Kind kind = Kind::string;
  Where where;
  std::string text;                    // string: its content; bareword, number: as written
  std::vector<ConfigValue> items;      // array: its items; hash: keys at even, values at odd places
  std::shared_ptr<PluginNode> plugin;  // a codec

  bool is_scalar() const { return kind <= Kind::number; }
  bool is_float() const { return kind == Kind::number && text.find('.') != std::string::npos; }
};

struct Attribute {
  std::string name;
  Where where;
  ConfigValue value;
};

struct PluginNode {
  std::string name;
  Where where;
  std::vector<Attribute> attributes;  // a repeated one appears repeatedly
  bool damaged = false;  // its text has errors, so nobody can tell what is missing in it
};

// A condition. `and` binds tighter than `or`; `xor` and `nand` stand alone, as in Logstash.
struct Expression {
  enum class Op : uint8_t {
    or_,
    xor_,
    and_,
    nand,
    not_,  // on operands
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    match,
    not_match,
    in,
    not_in,
    field,
    string,
    number,
    regex,
    array,  // leaves; a leaf alone is a truth test
  };
  Op op = Op::field;
  Where where;
  std::string text;  // leaf: field reference "[a][b]", text, digits, pattern
  std::vector<std::shared_ptr<Expression>> operands;
};

struct Branch;

struct Statement {  // exactly one is set
  std::shared_ptr<PluginNode> plugin;
  std::shared_ptr<Branch> branch;
};
using Block = std::vector<Statement>;

struct Branch {
  struct Arm {
    std::shared_ptr<Expression> condition;  // null: else
    Block block;
  };
  Where where;
  std::vector<Arm> arms;  // if, else if ..., else
};

enum class SectionKind : uint8_t { input, filter, output };

struct Section {
  SectionKind kind = SectionKind::input;
  Where where;
  Block block;
};

struct ConfigTree {
  std::vector<Section> sections;
  std::vector<Error> warnings;  // legal, but surely not what the author meant
};

}  // namespace penstock
