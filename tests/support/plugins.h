// Plugins made from configuration text, for unit tests:
//
//   FilterRun run(drop_filter(), "percentage => 100");
//   EXPECT_EQ(run.one(R"({"a":1})"), "");
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/plugin/registry.h"
#include "tests/support/events.h"

namespace penstock::test {

// The options between a plugin's braces, checked. Aborts with the errors when they are wrong.
Settings settings_of(PluginKind kind, const PluginInfo& info, std::string_view options);
// The same, giving the errors' texts ("line:column: ..."), one per line; "" when all is well.
std::string errors_of(PluginKind kind, const PluginInfo& info, std::string_view options);

// A context with a manual clock, no dead letters kept, metrics swallowed.
Context test_context();

// One filter instance. Common options are not applied (the engine does that); matched() tells
// whether they would be.
class FilterRun {
 public:
  FilterRun(const FilterPlugin& plugin, std::string_view options, Context context = test_context());

  // Runs over one event; the resulting document, normalized, or "" when it was dropped. With
  // several events (split, clone): one per line.
  std::string one(std::string_view json, bool metadata = false);
  bool matched() const { return !matched_.empty(); }
  Filter& filter() { return *filter_; }

 private:
  std::unique_ptr<Filter> filter_;
  Batch batch_;
  std::vector<Row> matched_;
};

// The error that making the filter gives, "" when it is made.
std::string make_error(const FilterPlugin& plugin, std::string_view options);

}  // namespace penstock::test
