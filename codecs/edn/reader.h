// EDN, Clojure's notation of data, to Values. https://github.com/edn-format/edn
//
// Keywords, symbols and characters become text, lists and sets arrays, #inst a timestamp; other
// tags are passed over. One per thread.
#pragma once

#include <string_view>
#include <vector>

#include "pipeline/base/byte_buffer.h"
#include "pipeline/event/value.h"

namespace penstock::edn {

// Values in one document, containers and keys included.
inline constexpr uint32_t kValuesMax = 1'000'000;

class Reader {
 public:
  // The first value of `text`, which is well-formed UTF-8 and outlives `out`. False when it is
  // none.
  bool read(std::string_view text, Arena& arena, Value& out);

 private:
  bool value(Value& out, uint32_t depth);
  bool sequence(char close, Value& out, uint32_t depth);
  bool map(Value& out, uint32_t depth);
  bool dispatch(Value& out, uint32_t depth);
  bool tagged(Value& out, uint32_t depth);
  bool text(Value& out);
  bool escape(char*& to);
  bool character(Value& out);
  bool atom(Value& out);
  bool skip_blanks(uint32_t depth);
  std::string_view token();

  std::string_view rest_;
  Arena* arena_ = nullptr;
  uint32_t left_ = 0;            // values that may still come
  std::vector<Member> members_;  // of the maps being read, a stack
  std::vector<Value> items_;     // of the sequences being read, a stack
};

// The value in EDN, as Ruby's gem writes it.
void write(const Value& value, ByteBuffer& out);

}  // namespace penstock::edn
