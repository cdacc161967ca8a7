// RuleSet: rules compiled for matching, shared by workers. Inspector: one worker's hands.
//
// A text goes through one scan for all literals and telling bytes. No hit: done, at about 10 bytes
// a nanosecond. Otherwise the families of detectors and the rules that were hit look at it, in
// lower case; if it has escapes, so they do at the text with one layer taken off, and with two.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "filters/threat/fragments.h"
#include "filters/threat/literal_scanner.h"
#include "filters/threat/rule_file.h"
#include "filters/threat/signal.h"
#include "pipeline/base/clean_texts.h"

namespace penstock::threat {

// Beyond it the rest of a text is not looked at.
inline constexpr size_t kInspectBytesMax = 256 << 10;
// Layers of encoding taken off.
inline constexpr int kLayersMax = 3;

class RuleSet {
 public:
  // REQUIRES: rules came from parse_rules() without errors.
  explicit RuleSet(std::vector<Rule> rules);
  ~RuleSet();

  const std::vector<Rule>& rules() const { return rules_; }
  // Rule numbers by signal; kNoRule when no rule asks for it.
  std::span<const uint32_t> rules_of(Signal signal) const {
    return by_signal_[static_cast<size_t>(signal)];
  }

 private:
  friend class Inspector;
  struct Compiled;
  struct Trigger {
    uint16_t families = 0;
    std::vector<uint32_t> rules;
  };

  std::vector<Rule> rules_;
  std::vector<Compiled> compiled_;
  std::vector<uint32_t> always_;   // rules without literals
  std::vector<Trigger> triggers_;  // by literal
  std::array<std::vector<uint32_t>, kSignals> by_signal_;
  size_t literals_ = 0;
  Signals wanted_ = 0;
  LiteralScanner scanner_;
  bool tokens_are_clean_ = false;  // no literal is found in a token (see token.h)
  bool by_field_ = false;          // what a text gives may depend on its field's name
};

// The rules that fired, each once.
class Findings {
 public:
  void clear() { rules_.clear(); }
  void add(uint32_t rule) {
    for (const uint32_t have : rules_)
      if (have == rule) return;
    rules_.push_back(rule);
  }
  bool has(uint32_t rule) const {
    for (const uint32_t have : rules_)
      if (have == rule) return true;
    return false;
  }
  bool empty() const { return rules_.empty(); }
  std::span<const uint32_t> rules() const { return rules_; }

 private:
  std::vector<uint32_t> rules_;
};

class Inspector {
 public:
  explicit Inspector(std::shared_ptr<const RuleSet> rules);

  // `field_name` is for rules that are limited to fields. Findings are added.
  void inspect(std::string_view text, FieldKind kind, std::string_view field_name, Findings& out);

  const RuleSet& rules() const { return *rules_; }

 private:
  struct View {
    std::string_view text;
    uint8_t classes = 0;
    int layers = 0;
  };
  void inspect_hits(std::string_view text, uint8_t classes);
  void look(const View& view);
  void run_detectors(uint16_t families, const View& view);
  void run_rule(uint32_t rule, const View& view);
  uint16_t families_of(const View& view) const;

  std::shared_ptr<const RuleSet> rules_;
  CleanTexts clean_;
  HitSet hits_;
  std::string folded_;
  std::string layers_[kLayersMax];
  std::vector<Fragment> fragments_;
  // Of the text being looked at.
  FieldKind kind_ = FieldKind::text;
  Mode mode_ = Mode::text;
  std::string_view field_name_;
  Findings* out_ = nullptr;
};

}  // namespace penstock::threat
