#include "pipeline/cli/json_text.h"

#include <fmt/format.h>

#include <cmath>

#include "pipeline/base/text.h"
#include "pipeline/event/json_writer.h"

namespace penstock {

// An empty key stands for none: an item of an array, or the document itself.
void JsonText::begin(std::string_view key) {
  if (!first_) out_.push_back(',');
  first_ = false;
  if (key.empty()) return;
  write_json_string(replace_invalid_utf8(key), out_);
  out_.push_back(':');
}

JsonText& JsonText::open(std::string_view key) {
  begin(key);
  out_.push_back('{');
  closers_ += '}';
  first_ = true;
  return *this;
}

JsonText& JsonText::open_array(std::string_view key) {
  begin(key);
  out_.push_back('[');
  closers_ += ']';
  first_ = true;
  return *this;
}

JsonText& JsonText::close() {
  CHECK(!closers_.empty(), "nothing is open");
  out_.push_back(closers_.back());
  closers_.pop_back();
  first_ = false;
  return *this;
}

JsonText& JsonText::text(std::string_view key, std::string_view value) {
  begin(key);
  write_json_string(replace_invalid_utf8(value), out_);
  return *this;
}

JsonText& JsonText::number(std::string_view key, uint64_t value) {
  begin(key);
  out_.append(fmt::format("{}", value));
  return *this;
}

JsonText& JsonText::number(std::string_view key, int64_t value) {
  begin(key);
  out_.append(fmt::format("{}", value));
  return *this;
}

JsonText& JsonText::real(std::string_view key, double value) {
  begin(key);
  out_.append(std::isfinite(value) ? fmt::format("{}", value) : "null");
  return *this;
}

JsonText& JsonText::boolean(std::string_view key, bool value) {
  begin(key);
  out_.append(value ? "true" : "false");
  return *this;
}

JsonText& JsonText::null(std::string_view key) {
  begin(key);
  out_.append("null");
  return *this;
}

}  // namespace penstock
