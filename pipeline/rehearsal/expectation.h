// What a test expects of one event, and whether it is so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/base/regex.h"
#include "pipeline/rehearsal/rehearsal.h"

namespace penstock {

struct Expectation {
  std::string output;  // id or name; "" = each event once, whichever outputs got it
  std::optional<Flat> exact;
  Flat subset;
  std::vector<std::string> absent;                           // "[a][b]"
  std::vector<std::pair<std::string, std::string>> matches;  // field, expression
  std::vector<std::string> tags, no_tags;
  Flat options;  // of the output
};

// One thing that isn't as expected. `expected` or `found` is "" where there is nothing.
struct Mismatch {
  std::string what;  // "[status]", "tag a", "events of elasticsearch"
  std::string expected, found;
};

std::vector<Mismatch> compare(const Expectation& expected, const Captured& event);

// The whole list against what was captured, in the order of each output. `nothing` are outputs that
// are to get none.
std::vector<Mismatch> compare_all(const std::vector<Expectation>& expected,
                                  const std::vector<std::string>& nothing,
                                  const std::vector<Captured>& captured);

}  // namespace penstock
