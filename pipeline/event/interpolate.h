// Template: a text with %{...} in it ("sprintf" in Logstash's words), split once at load.
//
//   %{field} %{[a][b]}   the field's text form; a missing field leaves the text as it stands
//   %{+yyyy.MM.dd}       @timestamp in UTC, a Joda pattern;  %{+%s}  its epoch seconds
//   %{{yyyy.MM.dd}}      @timestamp, a java.time pattern;    %{{TIME_NOW}}  the clock's time
//
// Immutable but for the date cache: one Template per worker.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/result.h"
#include "pipeline/event/event.h"

namespace penstock {

class Template {
 public:
  static Result<Template> parse(std::string_view text);
  Template(Template&&) noexcept;
  Template& operator=(Template&&) noexcept;
  ~Template();

  // Appends to `out`. False when a field or the timestamp was missing (its text was left as it
  // stands), so that an index name with a hole can be refused.
  bool append(const Event& event, std::string& out) const;
  std::string render(const Event& event) const;

  bool is_constant() const;         // no %{...}: text() is the result
  const std::string& text() const;  // as written

 private:
  struct Impl;
  explicit Template(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
