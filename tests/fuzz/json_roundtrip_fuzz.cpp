// JSON to values to JSON, against simdjson's DOM: both must accept the same texts, and what we
// write must be one line and read back equal.
#include <simdjson.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/base/check.h"
#include "pipeline/base/limits.h"
#include "pipeline/event/json_reader.h"
#include "pipeline/event/json_writer.h"

namespace penstock {
namespace {

// simdjson refuses numbers that don't fit its types; we keep digits. Strings must agree exactly.
bool same(const Value& ours, const simdjson::dom::element& theirs) {
  using simdjson::dom::element_type;
  switch (theirs.type()) {
    case element_type::NULL_VALUE:
      return ours.is_null();
    case element_type::BOOL:
      return ours.kind == Kind::boolean && ours.truth() == bool(theirs.get_bool().value_unsafe());
    case element_type::INT64:
      return ours.as_integer() == theirs.get_int64().value_unsafe();
    case element_type::UINT64:
      return ours.is_number();
    case element_type::DOUBLE: {
      const auto real = ours.as_real();
      return real && *real == theirs.get_double().value_unsafe();
    }
    case element_type::STRING:
      return ours.is_string() && ours.view() == theirs.get_string().value_unsafe();
    case element_type::ARRAY: {
      const simdjson::dom::array items = theirs.get_array().value_unsafe();
      uint32_t i = 0;
      if (!ours.is_array()) return false;
      for (const auto item : items)
        if (i >= ours.size || !same(ours.items[i++], item)) return false;
      return i == ours.size;
    }
    case element_type::OBJECT: {
      const simdjson::dom::object members = theirs.get_object().value_unsafe();
      if (!ours.is_object()) return false;
      for (const Member& member : ours.entries()) {
        // Of two members with one name the last counts with us; at_key() gives the first.
        size_t times = 0;
        simdjson::dom::element last;
        for (const auto field : members)
          if (field.key == member.name()) {
            ++times;
            last = field.value;
          }
        if (times == 0 || !same(member.value, last)) return false;
      }
      return true;
    }
  }
  return false;
}

void check(std::string_view text) {
  Arena arena;
  JsonReader reader;
  Value ours;
  const auto outcome = reader.read(text, arena, ours);
  const simdjson::padded_string padded(text);
  simdjson::dom::parser parser(limits::kRecordBytesMax);
  simdjson::dom::element theirs;
  const auto error = parser.parse(padded).get(theirs);
  if (outcome != JsonReader::Outcome::ok) {
    // Lone surrogates: simdjson refuses some of what we replace, never the other way round.
    CHECK(error != simdjson::SUCCESS || outcome == JsonReader::Outcome::too_deep,
          "simdjson takes a text that we refuse");
    return;
  }
  if (error == simdjson::SUCCESS) CHECK(same(ours, theirs), "simdjson reads something else");
  ByteBuffer written;
  write_json(ours, written);
  for (const char c : written.view())
    CHECK(static_cast<unsigned char>(c) >= 0x20, "a document must be one line");
  Value again;
  const std::string copy(written.view());
  CHECK(reader.read(copy, arena, again) == JsonReader::Outcome::ok, "what we write must be JSON");
  CHECK(equal(ours, again), "what we write must read back equal");
}

}  // namespace
}  // namespace penstock

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  penstock::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
