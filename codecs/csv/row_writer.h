// Events as rows of separated values, as Ruby's CSV writes them: a value is quoted when it is empty
// or holds a line end, a quote or a character of the separator. One per encoder.
#pragma once

#include <string>

#include "pipeline/base/byte_buffer.h"
#include "pipeline/event/value.h"

namespace penstock::csv {

class RowWriter {
 public:
  RowWriter(std::string separator, std::string quote)
      : separator_(std::move(separator)),
        quote_(std::move(quote)),
        special_("\r\n" + separator_ + quote_) {}

  void begin() { first_ = true; }
  void add(std::string_view text, ByteBuffer& out);
  // nullptr and null are empty; objects and arrays in Ruby's notation.
  void add(const Value* value, ByteBuffer& out);
  void end(ByteBuffer& out) { out.push_back('\n'); }

 private:
  void separate(ByteBuffer& out);

  std::string separator_, quote_, special_;
  std::string text_;
  bool first_ = true;
};

// What Ruby's inspect shows: {"a"=>1, "b"=>[nil, "x"]}.
void append_inspected(const Value& value, std::string& out);

}  // namespace penstock::csv
