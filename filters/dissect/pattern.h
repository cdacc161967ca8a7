// A dissect pattern: fields and the delimiters between them, as org.logstash.dissect.Dissector
// reads and applies it. Immutable but for the places of the last text; one per worker.
//
//   %{name}      sets the field                 %{?name}, %{}   only skips
//   %{+name}     appends to it; %{+name/2}: second in order
//   %{&name}     the field is named by the value of `name`
//   %{name->}    the delimiter behind it may be repeated
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "filters/support/prepared_field.h"
#include "pipeline/base/result.h"

namespace penstock::dissect {

enum class Outcome : uint8_t { match, no_match, failed };  // failed: a field can't be set

class Pattern {
 public:
  static Result<Pattern> parse(std::string_view text);

  // `source` isn't empty, and outlives the batch; `flags` are those that all its parts have.
  Outcome apply(std::string_view source, uint8_t flags, Event& event);

 private:
  enum class What : uint8_t { skip, normal, append, indirect };
  struct Field {
    What what = What::skip;
    int order = 0;  // in which fields are saved
    std::string name;
    std::string before;  // the delimiters around it; `after` is empty for the last one
    std::string after;
    bool padded = false;         // `after` may be repeated
    bool before_padded = false;  // the same of `before`
    std::unique_ptr<PreparedField> target;
  };
  struct Place {
    const char* at;
    uint32_t size;
  };

  static Result<Field> parse_field(std::string_view text);
  void link();
  bool locate(std::string_view source);
  bool save(const Field& field, size_t index, uint8_t flags, Event& event);
  bool append(const Field& field, std::string_view value, Event& event);
  bool set_indirect(const Field& field, size_t index, const Value& value, Event& event);
  std::string_view part(size_t index) const { return {places_[index].at, places_[index].size}; }

  std::vector<Field> fields_;
  std::vector<uint32_t> saved_;  // fields that aren't skipped, in the order in which they are set
  std::vector<Place> places_;    // of each field in the text at hand
  std::string scratch_;
};

}  // namespace penstock::dissect
