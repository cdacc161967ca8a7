#include "pipeline/cli/api.h"

#include <fmt/format.h>

#include <random>

#include "pipeline/cli/process_stats.h"

namespace penstock {
namespace {

constexpr uint64_t kMillisecond = 1'000'000;  // nanoseconds

std::string random_id() {
  std::random_device random;
  std::string out;
  for (const size_t group : {8, 4, 4, 4, 12}) {
    if (!out.empty()) out += '-';
    for (size_t i = 0; i < group; ++i) out += "0123456789abcdef"[random() % 16];
  }
  return out;
}

void add(Ledger::Line& sum, const Ledger::Line& more) {
  sum.read += more.read;
  sum.read_bytes += more.read_bytes;
  sum.created += more.created;
  sum.delivered += more.delivered;
  sum.dead_lettered += more.dead_lettered;
  sum.in_flight += more.in_flight;
  for (size_t i = 0; i < kLedgerDrops; ++i) sum.dropped[i] += more.dropped[i];
}

void write_ledger_line(JsonText& out, const Ledger::Line& line) {
  out.number("read", line.read).number("read_bytes", line.read_bytes);
  out.number("created", line.created).number("delivered", line.delivered);
  out.number("dead_lettered", line.dead_lettered);
  out.open("dropped");
  for (size_t i = 0; i < kLedgerDrops; ++i)
    out.number(ledger_drop_name(static_cast<LedgerDrop>(i)), line.dropped[i]);
  out.close();
  out.number("in_flight", line.in_flight);
}

void write_events(JsonText& out, const Api::Pipelines& pipelines) {
  PluginState::Sum filtering, sending;
  for (const auto& pipeline : pipelines) {
    filtering += pipeline->filtering();
    sending += pipeline->sending();
  }
  out.open("events");
  out.number("in", filtering.in).number("filtered", filtering.out).number("out", sending.out);
  out.number("duration_in_millis", (filtering.nanoseconds + sending.nanoseconds) / kMillisecond);
  out.number("queue_push_duration_in_millis", uint64_t{0});
  out.close();
}

void write_time(JsonText& out, const char* name, const std::optional<Instant>& time) {
  if (!time) {
    out.null(name);
    return;
  }
  char text[40];
  out.text(name, {text, format_instant(*time, text)});
}

void write_reloads(JsonText& out, const ReloadState& state) {
  out.open("reloads").number("successes", state.successes).number("failures", state.failures);
  write_time(out, "last_success_timestamp", state.last_success);
  write_time(out, "last_failure_timestamp", state.last_failure);
  if (state.last_error.empty())
    out.null("last_error");
  else
    out.open("last_error").text("message", state.last_error).close();
  out.close();
}

void add_ledger(std::vector<MetricFamily>& families, const Api::Pipelines& pipelines) {
  struct Column {
    const char* name;
    const char* help;
    uint64_t Ledger::Line::*member;
  };
  static constexpr Column kColumns[] = {
      {"read", "Records read.", &Ledger::Line::read},
      {"read_bytes", "Bytes of records read.", &Ledger::Line::read_bytes},
      {"created", "Events beyond one per record.", &Ledger::Line::created},
      {"delivered", "Events that every output has taken.", &Ledger::Line::delivered},
      {"dead_lettered", "Events in the dead-letter queue.", &Ledger::Line::dead_lettered}};
  struct Owned : Ledger::Line {
    std::string pipeline;
  };
  std::vector<Owned> lines;
  for (const auto& pipeline : pipelines)
    for (Ledger::Line& line : pipeline->ledger().lines())
      lines.push_back({std::move(line), pipeline->options().id});
  const auto labels = [](const Owned& line) {
    return Labels{{"pipeline", line.pipeline}, {"input", line.input_id}, {"source", line.source}};
  };
  for (const Column& column : kColumns) {
    MetricFamily family{
        fmt::format("penstock_ledger_{}_total", column.name), column.help, true, {}};
    for (const auto& line : lines)
      family.samples.push_back({labels(line), static_cast<double>(line.*column.member)});
    families.push_back(std::move(family));
  }
  MetricFamily dropped{"penstock_ledger_dropped_total", "Events dropped, by reason.", true, {}};
  MetricFamily flying{"penstock_ledger_in_flight", "Events not answered for yet.", false, {}};
  for (const auto& line : lines) {
    for (size_t i = 0; i < kLedgerDrops; ++i) {
      Labels with = labels(line);
      with.emplace_back("reason", std::string(ledger_drop_name(static_cast<LedgerDrop>(i))));
      dropped.samples.push_back({std::move(with), static_cast<double>(line.dropped[i])});
    }
    flying.samples.push_back({labels(line), static_cast<double>(line.in_flight)});
  }
  families.push_back(std::move(dropped));
  families.push_back(std::move(flying));
}

void add_process(std::vector<MetricFamily>& families) {
  const ProcessStats stats = process_stats();
  const auto one = [&](const char* name, const char* help, bool counter, double value) {
    families.push_back({name, help, counter, {{{}, value}}});
  };
  one("process_cpu_seconds_total", "CPU time of this process.", true, stats.cpu_seconds);
  one("process_resident_memory_bytes", "Resident memory.", false,
      static_cast<double>(stats.resident_bytes));
  one("process_open_fds", "Open file descriptors.", false, static_cast<double>(stats.open_files));
}

}  // namespace

void write_ledger(JsonText& out, const Api::Pipelines& pipelines) {
  Ledger::Line total;
  for (const auto& pipeline : pipelines) add(total, pipeline->ledger().total());
  out.open("ledger").open("total");
  write_ledger_line(out, total);
  out.close().open_array("sources");
  for (const auto& pipeline : pipelines)
    for (const Ledger::Line& line : pipeline->ledger().lines()) {
      out.open().text("pipeline", pipeline->options().id);
      out.text("input", line.input_id).text("source", line.source);
      write_ledger_line(out, line);
      out.close();
    }
  out.close().close();
}

Api::Api(const PipelineList& pipelines, const MetricsRegistry& metrics, const RunSettings& settings,
         Reloader& reloader)
    : pipelines_(pipelines),
      metrics_(metrics),
      reloader_(reloader),
      settings_(settings),
      node_id_(random_id()) {}

HttpResponse Api::answer(const HttpRequest& request) const {
  std::string path = request.path;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (path == "/metrics") return metrics_text();
  if (path == "/health/live") return health(true);
  if (path == "/health/ready") return health(ready_.load(std::memory_order_relaxed));
  if (path == "/") return {200, "application/json", root()};
  if (path == kReloadPath) return reload(request);
  const Pipelines all = pipelines_.get();
  if (path == "/_node/stats") return {200, "application/json", stats(true, all)};
  if (path == "/_node/stats/events") return {200, "application/json", stats(false, {})};
  if (path == "/_node/stats/pipelines") return {200, "application/json", stats(false, all)};
  constexpr std::string_view kOnePipeline = "/_node/stats/pipelines/";
  for (const auto& pipeline : all)
    if (path == std::string(kOnePipeline) + pipeline->options().id)
      return {200, "application/json", stats(false, {pipeline})};
  JsonText out;
  out.open().text("path", path).number("status", uint64_t{404});
  out.open("error").text("message", "Not Found").close().close();
  return {404, "application/json", out.take()};
}

// POST asks for one; GET tells how the last went.
HttpResponse Api::reload(const HttpRequest& request) const {
  JsonText out;
  if (request.method == "POST") {
    reloader_.request("the API");
    return {202, "application/json", out.open().boolean("accepted", true).close().take()};
  }
  const ReloadState state = reloader_.state("");
  out.open();
  write_reloads(out, state);
  out.boolean("last_successful", state.last_was_good).real("last_held_up_s", state.last_held_up_s);
  out.open("pipelines");
  for (const auto& pipeline : pipelines_.get()) {
    out.open(pipeline->options().id);
    write_reloads(out, reloader_.state(pipeline->options().id));
    out.close();
  }
  return {200, "application/json", out.close().close().take()};
}

HttpResponse Api::metrics_text() const {
  std::vector<MetricFamily> families = metrics_.read();
  add_ledger(families, pipelines_.get());
  add_process(families);
  families.push_back({"penstock_info",
                      "The version that runs.",
                      false,
                      {{{{"version", PENSTOCK_VERSION}, {"node", settings_.node_name}}, 1}}});
  families.push_back({"penstock_ready",
                      "Whether everything has started.",
                      false,
                      {{{}, ready_.load(std::memory_order_relaxed) ? 1.0 : 0.0}}});
  return {200, "text/plain; version=0.0.4; charset=utf-8", prometheus_text(families)};
}

HttpResponse Api::health(bool good) const {
  JsonText out;
  out.open().text("status", good ? "ok" : "starting").close();
  return {good ? 200 : 503, "application/json", out.take()};
}

void Api::write_node(JsonText& out) const {
  out.text("host", settings_.node_name).text("version", PENSTOCK_VERSION);
  out.text("http_address", address_).text("id", node_id_).text("name", settings_.node_name);
  out.text("ephemeral_id", node_id_);
  const bool ready = ready_.load(std::memory_order_relaxed);
  out.text("status", ready ? "green" : "unknown").boolean("snapshot", false);
  out.open("pipeline").number("workers", uint64_t{settings_.workers});
  out.number("batch_size", uint64_t{settings_.batch_size});
  out.number("batch_delay", uint64_t{settings_.batch_delay_ms}).close();
}

std::string Api::root() const {
  JsonText out;
  out.open();
  write_node(out);
  return out.text("product", "penstock").close().take();
}

// `shown`: which pipelines it tells of one by one.
std::string Api::stats(bool all, const Pipelines& shown) const {
  JsonText out;
  out.open();
  write_node(out);
  const Pipelines every = pipelines_.get();
  write_events(out, every);
  if (!shown.empty()) {
    out.open("pipelines");
    for (const auto& pipeline : shown) write_pipeline(out, pipeline);
    out.close();
  }
  if (all) {
    write_process(out);
    const ReloadState reloads = reloader_.state("");
    out.open("reloads").number("successes", reloads.successes);
    out.number("failures", reloads.failures).close();
    out.open("penstock");
    write_ledger(out, every);
    out.close();
  }
  return out.close().take();
}

void Api::write_pipeline(JsonText& out, const std::shared_ptr<Pipeline>& shown) const {
  const Pipeline& pipeline = *shown;
  const RingIntake& intake = pipeline.intake();
  const auto generation = pipeline.generation();
  out.open(pipeline.options().id);
  write_events(out, {shown});
  out.open("plugins");
  write_plugins(out, pipeline, "inputs", "input");
  write_plugins(out, pipeline, "codecs", "codec");
  write_plugins(out, pipeline, "filters", "filter");
  write_plugins(out, pipeline, "outputs", "output");
  out.close();
  write_reloads(out, reloader_.state(pipeline.options().id));
  out.open("queue").text("type", "memory").number("events_count", uint64_t{intake.queued()});
  out.number("queue_size_in_bytes", uint64_t{intake.queued_bytes()});
  out.number("max_queue_size_in_bytes", uint64_t{intake.bytes_max()}).close();
  out.open("pipeline").number("workers", uint64_t{generation->workers()});
  out.number("batch_size", uint64_t{generation->batch_size()});
  out.number("batch_delay", uint64_t{settings_.batch_delay_ms}).close();
  out.text("ephemeral_id", node_id_).close();
}

void Api::write_plugins(JsonText& out, const Pipeline& pipeline, const char* title,
                        std::string_view kind) const {
  out.open_array(title);
  const auto generation = pipeline.generation();
  for (const PluginState& plugin : generation->plugins()) {
    if (plugin.kind != kind) continue;
    const PluginState::Sum sum = plugin.sum();
    out.open().text("id", plugin.id).text("name", plugin.name).open("events");
    if (kind != "input") out.number("in", sum.in);
    out.number("out", sum.out);
    if (kind != "input") out.number("duration_in_millis", sum.nanoseconds / kMillisecond);
    out.close();
    for (const auto& own : metrics_.of_plugin(pipeline.options().id, plugin.id)) {
      std::string name = own.name;
      for (const auto& [key, value] : own.labels) name += "." + value;
      out.real(name, own.value);
    }
    out.close();
  }
  out.close();
}

uint64_t Api::uptime_ms() const {
  const auto up = std::chrono::steady_clock::now() - began_;
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(up).count());
}

void Api::write_process(JsonText& out) const {
  const ProcessStats stats = process_stats();
  out.open("process").number("open_file_descriptors", stats.open_files);
  out.number("max_file_descriptors", stats.open_files_max);
  out.open("mem").number("total_virtual_in_bytes", stats.virtual_bytes);
  out.number("resident_in_bytes", stats.resident_bytes);
  out.number("resident_peak_in_bytes", stats.resident_peak_bytes).close();
  out.open("cpu").number("total_in_millis", static_cast<uint64_t>(stats.cpu_seconds * 1000));
  out.close().close();
  out.open("jvm").number("uptime_in_millis", uptime_ms()).close();
}

}  // namespace penstock
