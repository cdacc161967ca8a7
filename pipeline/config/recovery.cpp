// Where the parser goes on after an error. None of these adds errors; each ends at a place from
// which a rule can start, or at the end of the text.
#include "pipeline/config/syntax.h"

namespace penstock {

// Reads on right after an opening quote whose partner is missing, as if the rest of the line were
// no string: the brackets there belong to the config.
void Syntax::skip_quote(size_t position) {
  scan_.seek(position + 1);
  raw_until_ = scan_.line_end();
}

bool Syntax::at_attribute() const {
  Scanner ahead = scan_;
  std::string_view text;
  if (ahead.word().empty() && !ahead.quoted('"', text) && !ahead.quoted('\'', text)) return false;
  ahead.skip_gap();
  return ahead.take("=>");
}

bool Syntax::at_plugin() const {
  Scanner ahead = scan_;
  if (ahead.word().empty()) return false;
  ahead.skip_gap();
  return ahead.peek() == '{';
}

// A word, a string or a character. Always moves.
bool Syntax::skip_token() {
  std::string_view text;
  if (!scan_.word().empty()) return true;
  const bool raw = scan_.position() < raw_until_;
  if (!raw && (scan_.quoted('"', text) || scan_.quoted('\'', text))) return true;
  scan_.seek(scan_.position() + 1);
  return true;
}

// At the next `name =>` of the plugin in hand or at the `}` that ends it.
void Syntax::resume_at_attribute() {
  while (scan_.skip_gap(), !scan_.at_end()) {
    const bool in_hash = open_.find('{') != std::string::npos;
    if (!in_hash && at_attribute()) break;
    const char c = scan_.peek();
    if (c == '}' && !in_hash) break;
    if (c == '{' || c == '[') open_ += c;
    if (c == '}') open_.resize(open_.rfind('{'));
    if (c == ']' && !open_.empty() && open_.back() == '[') open_.pop_back();
    skip_token();
  }
  open_.clear();
}

// At the next plugin or branch of the block in hand, or at the `}` that ends it.
void Syntax::resume_at_statement() {
  uint32_t depth = 0;
  while (scan_.skip_gap(), !scan_.at_end()) {
    if (at_section()) return;
    if (depth == 0 && (at_plugin() || at_branch())) return;
    const char c = scan_.peek();
    if (c == '}' && depth == 0) return;
    if (c == '{') ++depth;
    if (c == '}') --depth;
    skip_token();
  }
}

void Syntax::resume_at_section() {
  while (scan_.skip_gap(), !scan_.at_end() && !at_section()) skip_token();
}

}  // namespace penstock
