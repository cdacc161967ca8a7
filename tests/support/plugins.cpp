#include "tests/support/plugins.h"

#include <cstdio>
#include <cstdlib>

#include "pipeline/config/parser.h"

namespace penstock::test {
namespace {

class NoMetrics : public MetricScope {
 public:
  void counter(std::string, std::string, Labels, const Counter&) override {}
  void gauge(std::string, std::string, Labels, std::function<double()>) override {}
};

Settings check(PluginKind kind, const PluginInfo& info, std::string_view options, Errors& errors) {
  ConfigTree tree;
  const std::string text =
      "filter { " + std::string(info.name) + " {\n" + std::string(options) + "\n} }";
  ParseOptions parse_options;
  parse_options.environment = [](const std::string& name) { return std::getenv(name.c_str()); };
  if (!parse_config(text, "test", parse_options, tree, errors)) return {};
  return Settings::check(kind, info, *tree.sections.at(0).block.at(0).plugin, errors);
}

std::string joined(const Errors& errors) {
  std::string out;
  for (const Error& error : errors) out += error.text() + "\n";
  return out;
}

}  // namespace

Settings settings_of(PluginKind kind, const PluginInfo& info, std::string_view options) {
  Errors errors;
  Settings settings = check(kind, info, options, errors);
  if (!errors.empty()) {
    std::fprintf(stderr, "%s", joined(errors).c_str());
    std::abort();
  }
  return settings;
}

std::string errors_of(PluginKind kind, const PluginInfo& info, std::string_view options) {
  Errors errors;
  check(kind, info, options, errors);
  return joined(errors);
}

Context test_context() {
  static NoMetrics metrics;
  static SharedResources resources;
  static ManualClock clock;
  static Ledger ledger;
  Context context;
  context.metrics = &metrics;
  context.resources = &resources;
  context.clock = &clock;
  context.ledger = &ledger;
  context.ecs = Ecs::disabled;
  context.host_name = "test-host";
  return context;
}

FilterRun::FilterRun(const FilterPlugin& plugin, std::string_view options, Context context) {
  context.plugin_name = plugin.info.name;
  context.plugin_id = plugin.info.name;
  auto made = plugin.make(settings_of(PluginKind::filter, plugin.info, options), context);
  if (!made.ok()) std::fprintf(stderr, "%s\n", made.error().text().c_str());
  filter_ = std::move(made).value();
}

std::string FilterRun::one(std::string_view json, bool metadata) {
  batch_.reset();
  matched_.clear();
  const Row row = add_event(batch_, json);
  filter_->apply(batch_, std::span(&row, 1), matched_);
  std::string out;
  for (Row r = 0; r < batch_.size(); ++r) {
    if (!batch_[r].alive()) continue;
    if (!out.empty()) out += "\n";
    out += to_json(batch_[r], metadata);
  }
  return out;
}

std::string make_error(const FilterPlugin& plugin, std::string_view options) {
  const auto made =
      plugin.make(settings_of(PluginKind::filter, plugin.info, options), test_context());
  return made.ok() ? "" : made.error().text();
}

}  // namespace penstock::test
