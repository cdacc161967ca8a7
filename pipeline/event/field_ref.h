// FieldRef: "[geo][ip]" or "message", split and hashed once when the config is loaded, so the hot
// path never parses a path. Immutable, thread-safe.
//
// The syntax is Logstash's strict one: no brackets at all names a top-level field as it stands
// ("a.b" is one key); otherwise the whole text is a run of [segments]. A run inside brackets is the
// same as the run: [[a][b]][c] is [a][b][c]. Segments that read as
// integers index arrays (negative from the end) and name members of objects.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/result.h"
#include "pipeline/event/value.h"

namespace penstock {

class FieldRef {
 public:
  struct Segment {
    std::string text;
    uint32_t hash = 0;
    bool is_index = false;
    int32_t index = 0;

    Name name() const { return {text, hash}; }
  };

  static Result<FieldRef> parse(std::string_view text);
  // For references written in the code. REQUIRES: well-formed.
  static FieldRef of(std::string_view text);

  // Inside [@metadata], which is never part of a document. The segments then leave it out.
  bool is_metadata() const { return metadata_; }
  const std::vector<Segment>& segments() const { return segments_; }
  // Always bracketed: "[geo][ip]", "[@metadata][x]".
  std::string text() const;

  friend bool operator==(const FieldRef& a, const FieldRef& b) { return a.text() == b.text(); }

 private:
  std::vector<Segment> segments_;
  bool metadata_ = false;
};

}  // namespace penstock
