#include "pipeline/config/scanner.h"

#include <algorithm>

#include "pipeline/base/text.h"

namespace penstock {
namespace {

// Characters of the text that an error quotes.
constexpr size_t kFoundMax = 24;
// After so many quotes without a partner no more are looked for, or a text full of them would take
// a time that grows with its square.
constexpr uint32_t kUnclosedMax = 200;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_tail(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

Scanner::Scanner(std::string_view text, std::string file)
    : text_(text), source_(std::make_shared<Source>()) {
  source_->file = std::move(file);
  source_->line_starts.push_back(0);
  for (size_t i = 0; i < text_.size(); ++i)
    if (text_[i] == '\n') source_->line_starts.push_back(i + 1);
  take("\xEF\xBB\xBF");  // a byte order mark
}

bool Scanner::skip_gap() {
  const size_t before = at_;
  while (!at_end()) {
    if (is_space(peek()))
      ++at_;
    else if (peek() == '#')
      at_ = line_end();
    else
      break;
  }
  return at_ != before;
}

bool Scanner::take(std::string_view literal) {
  if (!text_.substr(at_).starts_with(literal)) return false;
  at_ += literal.size();
  return true;
}

std::string_view Scanner::word() {
  const size_t from = at_;
  while (is_letter(peek()) || is_digit(peek()) || peek() == '-') ++at_;
  return slice(from, at_);
}

std::string_view Scanner::bareword() {
  const size_t from = at_;
  if (!is_letter(peek())) return {};
  while (is_letter(peek()) || is_digit(peek())) ++at_;
  return slice(from, at_);
}

std::string_view Scanner::number() {
  const size_t from = at_;
  if (!is_digit(peek(peek() == '-' ? 1 : 0))) return {};
  if (peek() == '-') ++at_;
  while (is_digit(peek())) ++at_;
  if (peek() == '.') {
    ++at_;
    while (is_digit(peek())) ++at_;
  }
  return slice(from, at_);
}

bool Scanner::quoted(char quote, std::string_view& content) {
  if (peek() != quote || source_->unclosed >= kUnclosedMax) return false;
  for (size_t i = at_ + 1; i < text_.size(); ++i) {
    if (text_[i] == '\\' && i + 1 < text_.size() && text_[i + 1] == quote) {
      ++i;
    } else if (text_[i] == quote) {
      content = slice(at_ + 1, i);
      at_ = i + 1;
      return true;
    }
  }
  ++source_->unclosed;
  return false;
}

size_t Scanner::line_end() const { return std::min(text_.find('\n', at_), text_.size()); }

Where Scanner::where(size_t position) const {
  position = std::min(position, text_.size());
  Source& source = *source_;
  const auto& starts = source.line_starts;
  const auto after = std::upper_bound(starts.begin(), starts.end(), position);
  const size_t start = *(after - 1);
  if (source.counted_from != start || source.counted_to > position) {
    source.counted_from = source.counted_to = start;
    source.counted = 0;
  }
  const std::string_view more = slice(source.counted_to, position);
  source.counted += static_cast<size_t>(
      std::count_if(more.begin(), more.end(), [](char c) { return !is_tail(c); }));
  source.counted_to = position;
  return {source.file, static_cast<uint32_t>(after - starts.begin()),
          static_cast<uint32_t>(source.counted + 1)};
}

std::string Scanner::found() const {
  if (at_end()) return "the end of the text";
  Scanner ahead = *this;
  std::string_view shown = ahead.word();
  if (shown.empty() && (peek() == '"' || peek() == '\'')) {
    const size_t end = text_.find(peek(), at_ + 1);
    shown = slice(at_, std::min(end, text_.size() - 1) + 1);
  }
  if (shown.empty()) {
    size_t end = at_ + 1;
    while (end < text_.size() && is_tail(text_[end])) ++end;
    shown = slice(at_, end);
  }
  shown = shown.substr(0, shown.find('\n', 1));
  if (shown == "\n") return "the end of the line";
  if (shown.size() <= kFoundMax) return "`" + escape_invalid_utf8(shown) + "`";
  size_t cut = kFoundMax;
  while (cut > 0 && is_tail(shown[cut])) --cut;
  return "`" + escape_invalid_utf8(shown.substr(0, cut)) + "...`";
}

}  // namespace penstock
