// Syntax: the grammar of Logstash's configuration language as a recursive descent, one function
// per rule (facts from logstash-core's lscl_grammar.treetop, 9.x). Private to the parser.
//
// A rule that fails has added its error and returns false or null. Whoever can go on does:
// attributes at the next `name =>`, blocks at the next `name {`, the text at the next section, so
// that one run finds every mistake. `open_` is what makes this work: the brackets of the value
// in hand that are still open where it failed.
#pragma once

#include <string>
#include <string_view>

#include "pipeline/config/parser.h"
#include "pipeline/config/scanner.h"

namespace penstock {

class Syntax {
 public:
  Syntax(std::string_view text, const std::string& file, const ParseOptions& options,
         ConfigTree& tree, Errors& errors);

  void config();
  bool value(ConfigValue& out);
  const Scanner& scanner() const { return scan_; }

 private:
  using ExpressionPtr = std::shared_ptr<Expression>;

  // Blocks (parser.cpp).
  bool section();
  void block(Block& out, size_t opened);
  bool statement(Block& out);
  bool plugin_statement(Block& out);
  bool branch(Block& out);
  bool arm(Branch& out, bool conditional, size_t keyword);
  bool at_branch() const;
  bool at_section() const;

  // Plugins and values (parse_value.cpp).
  bool plugin_body(PluginNode& out, size_t opened);
  bool attribute(PluginNode& out);
  bool name(std::string& out, std::string_view what);
  bool unclosed_before(const std::string& name, const PluginNode& plugin, size_t start);
  bool word_value(ConfigValue& out);
  bool string_value(ConfigValue& out);
  bool array(ConfigValue& out);
  bool hash(ConfigValue& out);
  bool hash_entry(ConfigValue& out);
  bool hash_key(ConfigValue& out);
  bool codec(std::string plugin_name, size_t start, ConfigValue& out);
  bool quoted(std::string_view& content);
  bool substituted(std::string_view raw, size_t position, std::string& out);

  // Conditions (parse_condition.cpp).
  ExpressionPtr condition();
  ExpressionPtr expression();
  ExpressionPtr negation();
  ExpressionPtr comparison();
  ExpressionPtr pattern_match(ExpressionPtr left, Expression::Op op);
  ExpressionPtr rvalue();
  ExpressionPtr selector();
  ExpressionPtr string_literal();
  ExpressionPtr regex_literal();
  ExpressionPtr array_literal();
  bool comparison_operator(Expression::Op& op);
  bool boolean_operator(Expression::Op& op);
  void compare_with_array(Expression& comparison);
  void warn_of_list_read_as_field(const Expression& field);

  // Errors.
  bool fail(const std::string& expected);
  bool fail_at(size_t position, std::string message);
  bool too_deep();
  void give_up();

  // Going on after an error (recovery.cpp).
  void resume_at_attribute();
  void resume_at_statement();
  void resume_at_section();
  bool skip_token();
  void skip_quote(size_t position);
  bool at_attribute() const;
  bool at_plugin() const;

  struct Nested {
    explicit Nested(Syntax& syntax) : syntax_(syntax) { ++syntax.depth_; }
    ~Nested() { --syntax_.depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;
    Syntax& syntax_;
  };

  Scanner scan_;
  const ParseOptions& options_;
  ConfigTree& tree_;
  Errors& errors_;
  uint32_t depth_ = 0;
  std::string open_;
  // The last string that spans lines: where an error right after it most likely comes from.
  size_t long_string_from_ = 0, long_string_to_ = 0;
  // Up to here quotes mean nothing: the rest of a line with a string that isn't closed.
  size_t raw_until_ = 0;
  bool stopped_ = false;  // no further errors
};

}  // namespace penstock
