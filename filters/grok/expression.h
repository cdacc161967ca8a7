// GrokExpression: one pattern of a grok filter, compiled: the regular expression and where each of
// its groups goes. Immutable; the regular expression is shared by workers and by equal patterns.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pipeline/base/regex.h"
#include "pipeline/event/event.h"
#include "pipeline/patterns/dictionary.h"
#include "pipeline/plugin/context.h"

namespace penstock {

enum class GrokCast : uint8_t { none, integer, real };

struct GrokCapture {
  uint32_t group;
  GrokCast cast;
  bool overwrite;  // an existing value is replaced and not joined by this one
  FieldRef field;  // the target already before it

  // The event's member that the field is or lies in; none for @metadata's.
  const FieldRef::Segment* top() const {
    return field.is_metadata() || field.segments().empty() ? nullptr : field.segments().data();
  }
};

struct GrokExpressionOptions {
  bool named_captures_only = true;
  uint32_t time_limit_ms = 1000;
  std::string target;                  // "[a][b]", or "" for the event itself
  std::vector<std::string> overwrite;  // fields
};

struct GrokExpression {
  std::shared_ptr<const Regex> regex;
  // In the order in which values are set: by the first place of each name.
  std::vector<GrokCapture> captures;

  static Result<GrokExpression> compile(std::string_view pattern, const GrokDictionary& dictionary,
                                        const GrokExpressionOptions& options,
                                        SharedResources& resources);
};

// The text as Ruby's String#to_i and #to_f read it: the number at its start, 0 when there is none.
Value grok_integer(std::string_view text, Arena& arena);
Value grok_real(std::string_view text);

}  // namespace penstock
