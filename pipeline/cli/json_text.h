// JsonText: writes a JSON document piece by piece, commas and quotes kept right. For the API and
// the summary, not for events.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/base/byte_buffer.h"

namespace penstock {

class JsonText {
 public:
  JsonText& open(std::string_view key = {});        // {
  JsonText& open_array(std::string_view key = {});  // [
  JsonText& close();                                // } or ], whichever is due
  JsonText& text(std::string_view key, std::string_view value);
  JsonText& number(std::string_view key, uint64_t value);
  JsonText& number(std::string_view key, int64_t value);
  JsonText& real(std::string_view key, double value);
  JsonText& boolean(std::string_view key, bool value);
  JsonText& null(std::string_view key);

  std::string take() { return std::string(out_.view()); }

 private:
  void begin(std::string_view key);

  ByteBuffer out_;
  std::string closers_;
  bool first_ = true;
};

}  // namespace penstock
