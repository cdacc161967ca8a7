// Where records come from: one Origin per stream (a file, a connection, a peer), shared by the
// parcels of that stream. Immutable after it is made; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "pipeline/event/field_ref.h"

namespace penstock {

class SourceLedger;

// A field that the stream gives to each of its events, unless the event already has it.
struct OriginField {
  FieldRef field;
  std::string text;
  bool is_integer = false;  // the text is the digits of an integer (a port)
};

struct Origin {
  uint32_t input = 0;  // index of the input plugin in its pipeline: picks the decoder
  std::string stream;  // for people: a path, a peer's address
  std::vector<OriginField> fields;
  SourceLedger* ledger = nullptr;  // borrowed from the pipeline, which outlives its streams
};

}  // namespace penstock
