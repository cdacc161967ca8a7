// The tables of docs/COMPATIBILITY.md, made of the declarations; a test holds the page to them, and
// `tools/option_docs --write` writes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/plugin/registry.h"

namespace penstock {

// A list of tests/conformance/expected-failures: paragraphs of "# reason" lines and cases.
struct KnownFailures {
  std::string title;
  std::string text;
};

std::string compatibility_tables(const Registry& registry,
                                 const std::vector<KnownFailures>& failures);

}  // namespace penstock
