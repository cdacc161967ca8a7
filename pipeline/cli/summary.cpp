#include "pipeline/cli/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>

#include "pipeline/base/text.h"
#include "pipeline/cli/api.h"
#include "pipeline/cli/json_text.h"
#include "pipeline/event/json_reader.h"

namespace penstock {
namespace {

constexpr size_t kSourcesShown = 20;

const Value* member(const Value& object, std::string_view name) {
  return object.is_object() ? object_find(object, Name(name)) : nullptr;
}

int64_t count(const Value& object, std::string_view name) {
  const Value* value = member(object, name);
  return value ? value->as_integer().value_or(0) : 0;
}

std::string text(const Value& object, std::string_view name) {
  const Value* value = member(object, name);
  return value && value->is_string() ? std::string(value->view()) : "";
}

int64_t dropped(const Value& line) {
  int64_t sum = 0;
  if (const Value* reasons = member(line, "dropped"))
    for (const Member& reason : reasons->entries()) sum += reason.value.as_integer().value_or(0);
  return sum;
}

std::string ledger_row(std::string name, const Value& line) {
  constexpr size_t kNameWidth = 34;
  if (name.size() > kNameWidth) name = "..." + name.substr(name.size() - kNameWidth + 3);
  return fmt::format("  {:<34} {:>11} {:>9} {:>11} {:>9} {:>9} {:>9}\n", name, count(line, "read"),
                     count(line, "created"), count(line, "delivered"), count(line, "dead_lettered"),
                     dropped(line), count(line, "in_flight"));
}

std::string ledger_text(const Value& ledger) {
  std::string out = fmt::format("  {:<34} {:>11} {:>9} {:>11} {:>9} {:>9} {:>9}\n", "source",
                                "read", "+created", "=delivered", "+dead", "+dropped", "+flying");
  const Value* sources = member(ledger, "sources");
  if (!sources || !sources->is_array()) return out;
  for (size_t i = 0; i < std::min<size_t>(sources->size, kSourcesShown); ++i) {
    const Value& line = sources->items[i];
    const std::string name = text(line, "source");
    out += ledger_row(name.empty() ? text(line, "input") : name, line);
  }
  if (sources->size > kSourcesShown)
    out += fmt::format("  ... and {} more\n", sources->size - kSourcesShown);
  if (const Value* total = member(ledger, "total")) out += ledger_row("all", *total);
  return out;
}

// The values of every metric whose name ends in `metric`, by its label `label`; largest first.
std::vector<std::pair<std::string, int64_t>> by_label(const Value& root, std::string_view metric,
                                                      std::string_view label) {
  std::map<std::string, int64_t> sums;
  const Value* metrics = member(root, "metrics");
  if (!metrics || !metrics->is_array()) return {};
  for (const Value& line : metrics->elements()) {
    const Value* labels = member(line, "labels");
    if (!labels || !text(line, "name").ends_with(metric)) continue;
    const std::string key = text(*labels, label);
    if (!key.empty() && count(line, "value") > 0) sums[key] += count(line, "value");
  }
  std::vector<std::pair<std::string, int64_t>> out(sums.begin(), sums.end());
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.second > b.second; });
  return out;
}

void add_table(std::string& out, std::string_view title, const Value& root, std::string_view metric,
               std::string_view label) {
  auto rows = by_label(root, metric, label);
  if (rows.empty()) return;
  if (label == "index") std::sort(rows.begin(), rows.end());  // days in their order
  out += fmt::format("\n{}\n", title);
  for (const auto& [name, number] : rows) out += fmt::format("  {:<34} {:>11}\n", name, number);
}

std::string outputs_text(const Value& root) {
  std::string out = "\noutputs\n";
  const Value* plugins = member(root, "plugins");
  if (!plugins || !plugins->is_array()) return out;
  for (const Value& plugin : plugins->elements())
    if (text(plugin, "kind") == "output")
      out += fmt::format("  {:<34} {:>11}\n", text(plugin, "id"), count(plugin, "in"));
  return out;
}

void write_plugins(JsonText& out, const PipelineList::Pipelines& pipelines) {
  out.open_array("plugins");
  for (const auto& pipeline : pipelines) {
    const auto generation = pipeline->generation();
    for (const PluginState& plugin : generation->plugins()) {
      const PluginState::Sum sum = plugin.sum();
      out.open().text("pipeline", pipeline->options().id);
      out.text("kind", plugin.kind).text("name", plugin.name).text("id", plugin.id);
      out.number("in", sum.in).number("out", sum.out);
      out.real("seconds", static_cast<double>(sum.nanoseconds) * 1e-9).close();
    }
  }
  out.close();
}

void write_metrics(JsonText& out, const MetricsRegistry& metrics) {
  out.open_array("metrics");
  for (const MetricFamily& family : metrics.read())
    for (const MetricSample& sample : family.samples) {
      out.open().text("name", family.name).open("labels");
      for (const auto& [key, value] : sample.labels) out.text(key, value);
      out.close().real("value", sample.value).close();
    }
  out.close();
}

}  // namespace

std::string summary_json(const PipelineList::Pipelines& pipelines, const MetricsRegistry& metrics,
                         double seconds, bool complete) {
  JsonText out;
  std::string ids;
  for (const auto& pipeline : pipelines) ids += (ids.empty() ? "" : ", ") + pipeline->options().id;
  out.open().text("version", PENSTOCK_VERSION).text("pipeline", ids);
  out.real("seconds", seconds).boolean("complete", complete);
  write_ledger(out, pipelines);
  write_plugins(out, pipelines);
  write_metrics(out, metrics);
  return out.close().take() + "\n";
}

Result<std::string> summary_text(std::string_view json) {
  Arena arena;
  JsonReader reader;
  Value root;
  if (reader.read(json, arena, root) != JsonReader::Outcome::ok || !member(root, "ledger"))
    return Error{Errc::bad_data, "this is no summary of a run"};
  const Value& ledger = *member(root, "ledger");
  const Value* total = member(ledger, "total");
  const Value* took = member(root, "seconds");
  const double seconds = took ? took->as_real().value_or(0) : 0;
  const double read = total ? static_cast<double>(count(*total, "read")) : 0;
  const double bytes = total ? static_cast<double>(count(*total, "read_bytes")) : 0;
  std::string out = fmt::format(
      "{:.0f} records, {:.1f} MB in {:.1f} s: {:.0f} events/s, {:.1f} MB/s\n", read, bytes / 1e6,
      seconds, seconds > 0 ? read / seconds : 0, seconds > 0 ? bytes / 1e6 / seconds : 0);
  out += "\nledger: read + created = delivered + dead-lettered + dropped + in flight\n";
  out += ledger_text(ledger);
  out += outputs_text(root);
  add_table(out, "events by index", root, "_index_documents_total", "index");
  add_table(out, "dead letters by reason", root, "_letters_by_reason_total", "reason");
  add_table(out, "personal data masked, by kind", root, "pii_masked_total", "entity");
  add_table(out, "threats, by type", root, "threat_events_total", "threat_type");
  return out;
}

Status write_summary(const std::string& path, const std::string& json) {
  if (path == "-") {
    TRY(const std::string text, summary_text(json));
    std::fputs(text.c_str(), stderr);
    return ok_status();
  }
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << json;
  file.close();
  if (!file) return io_error(path + ": cannot write the summary");
  return ok_status();
}

int summary_command(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string json{std::istreambuf_iterator<char>(file), {}};
  const auto text = summary_text(json);
  if (!file.good() && json.empty()) {
    std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
    return 1;
  }
  if (!text.ok()) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), text.error().message.c_str());
    return 1;
  }
  std::fputs(text.value().c_str(), stdout);
  return 0;
}

}  // namespace penstock
