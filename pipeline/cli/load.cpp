#include "pipeline/cli/load.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/log.h"
#include "pipeline/cli/letters_lost.h"
#include "pipeline/compat/report.h"
#include "pipeline/config/fingerprint.h"
#include "pipeline/config/source.h"
#include "pipeline/flow/watched_files.h"
#include "pipeline/queue/dead_letter_queue.h"

namespace penstock {
namespace {

// For -t, which writes nothing.
class NoDeadLetters : public DeadLetters {
 public:
  Status put(const DeadLetter&) override { return io_error("there is no dead-letter queue"); }
  Status sync() override { return ok_status(); }
};

// An output's `index` becomes the one that `dlq replay --to` names.
void set_index(Block& block, const std::string& index) {
  for (Statement& statement : block) {
    if (statement.branch)
      for (Branch::Arm& arm : statement.branch->arms) set_index(arm.block, index);
    if (!statement.plugin) continue;
    for (Attribute& attribute : statement.plugin->attributes)
      if (attribute.name == "index") {
        attribute.value = {};
        attribute.value.text = index;
      }
  }
}

void replace_inputs(const RunSettings& settings, const ParseOptions& options, ConfigTree& tree,
                    Errors& errors) {
  std::erase_if(tree.sections,
                [](const Section& section) { return section.kind == SectionKind::input; });
  for (Section& section : tree.sections)
    if (section.kind == SectionKind::output && !settings.replay_index.empty())
      set_index(section.block, settings.replay_index);
  parse_config(settings.replay_inputs, "dlq replay", options, tree, errors);
}

void parse(const RunSettings& settings, ConfigTree& tree, Errors& errors) {
  ParseOptions options;
  options.support_escapes = settings.support_escapes;
  options.environment = settings.environment;
  const bool loaded = settings.path_config.empty()
                          ? load_config_string(settings.config_string, options, tree, errors)
                          : load_config(settings.path_config, options, tree, errors);
  if (loaded && !settings.replay_inputs.empty()) replace_inputs(settings, options, tree, errors);
}

// What would silently deliver something else than in Logstash is refused, unless it is allowed.
void refuse_differences(const ConfigTree& tree, const Registry& registry, Errors& errors) {
  for (Error& error : altering_differences(tree, registry)) {
    error.message += "; --allow-differences runs it all the same";
    errors.push_back(std::move(error));
  }
}

LoadedPipeline load_one(const RunSettings& settings, const Registry& registry) {
  LoadedPipeline out;
  out.settings = settings;
  if (!settings.path_config.empty()) out.files = config_files(settings.path_config);
  ConfigTree tree;
  parse(settings, tree, out.errors);
  make_plan(tree, registry, {settings.ecs}, out.plan, out.errors);
  if (!settings.allow_differences) refuse_differences(tree, registry, out.errors);
  out.fingerprint = fmt::format("{} {} {}\n{}", settings.workers, settings.batch_size,
                                static_cast<int>(settings.ecs), fingerprint(tree));
  for (std::string& file : watched_files(out.plan)) {
    out.fingerprint += '\n' + file + ' ' + file_stamp(file);
    out.files.push_back(std::move(file));
  }
  return out;
}

// A queue that is gone with its pipeline, in its own metrics too.
struct OwnedPipeline {
  explicit OwnedPipeline(MetricsRegistry& its_metrics) : metrics(its_metrics) {}
  ~OwnedPipeline() {
    pipeline.reset();
    metrics.forget(dead_letters.get());
  }
  MetricsRegistry& metrics;
  std::unique_ptr<DeadLetters> dead_letters;
  std::unique_ptr<Pipeline> pipeline;
};

Result<std::unique_ptr<DeadLetters>> open_dead_letters(const RunSettings& settings,
                                                       MetricsRegistry& metrics, bool for_test) {
  if (for_test) return std::unique_ptr<DeadLetters>(std::make_unique<NoDeadLetters>());
  if (!settings.dead_letters) {
    auto lost = std::make_unique<LettersLost>();
    lost->register_in(metrics.engine(settings.pipeline_id, lost.get()));
    return std::unique_ptr<DeadLetters>(std::move(lost));
  }
  DeadLetterQueue::Options options;
  options.folder = settings.dead_letter_path.empty()
                       ? dead_letter_folder(settings.path_data, settings.pipeline_id)
                       : settings.dead_letter_path + "/" + settings.pipeline_id;
  options.pipeline_id = settings.pipeline_id;
  options.bytes_max = settings.dead_letter_bytes_max;
  options.policy =
      settings.dead_letter_drop_older ? StoragePolicy::drop_older : StoragePolicy::drop_newer;
  options.scrub = settings.scrub;
  TRY(auto queue, DeadLetterQueue::open(options));
  queue->register_in(metrics.engine(settings.pipeline_id, queue.get()));
  return std::unique_ptr<DeadLetters>(std::move(queue));
}

}  // namespace

LoadedPipeline* Loaded::find(const std::string& id) {
  for (LoadedPipeline& loaded : pipelines)
    if (loaded.id() == id) return &loaded;
  return nullptr;
}

Errors Loaded::all_errors() const {
  Errors out;
  for (const LoadedPipeline& loaded : pipelines)
    out.insert(out.end(), loaded.errors.begin(), loaded.errors.end());
  order_by_place(out);
  return out;
}

Topology Loaded::topology() const {
  Topology out;
  Errors told;  // they were checked before
  for (const LoadedPipeline& loaded : pipelines)
    if (loaded.errors.empty()) out.add(loaded.id(), loaded.plan, told);
  return out;
}

void check_topology(std::vector<LoadedPipeline*> pipelines,
                    std::vector<Topology::Finding>& warnings) {
  Topology topology;
  for (LoadedPipeline* loaded : pipelines) topology.add(loaded->id(), loaded->plan, loaded->errors);
  std::vector<Topology::Finding> errors;
  topology.check(errors, warnings);
  for (Topology::Finding& finding : errors)
    for (LoadedPipeline* loaded : pipelines)
      if (loaded->id() == finding.pipeline) loaded->errors.push_back(std::move(finding.error));
}

Loaded load_pipelines(const RunSettings& settings, const Registry& registry) {
  Loaded out;
  if (settings.pipelines.empty()) out.pipelines.push_back(load_one(settings, registry));
  for (const RunSettings& own : settings.pipelines)
    out.pipelines.push_back(load_one(own, registry));
  std::vector<LoadedPipeline*> all;
  for (LoadedPipeline& loaded : out.pipelines) all.push_back(&loaded);
  check_topology(all, out.warnings);
  return out;
}

void try_out(LoadedPipeline& loaded, const Registry& registry) {
  MetricsRegistry metrics;
  NoDeadLetters dead_letters;
  PipelineOptions options =
      pipeline_options(loaded.settings, std::make_shared<const PipelineBus>());
  options.workers = 1;
  Pipeline::make(loaded.plan, options, registry, metrics, dead_letters, loaded.errors);
}

PipelineOptions pipeline_options(const RunSettings& settings,
                                 std::shared_ptr<const PipelineBus> bus) {
  PipelineOptions out;
  out.id = settings.pipeline_id;
  out.workers = settings.workers;
  out.batch_size = settings.batch_size;
  out.path_data = settings.path_data;
  out.host_name = settings.node_name;
  out.bus = std::move(bus);
  return out;
}

std::shared_ptr<Pipeline> make_pipeline(LoadedPipeline& loaded, const Registry& registry,
                                        MetricsRegistry& metrics,
                                        const std::shared_ptr<const PipelineBus>& bus,
                                        bool for_test) {
  for (const Error& warning : loaded.settings.warnings) log::warn("settings", "{}", warning.text());
  for (const Error& warning : loaded.plan.warnings) log::warn("config", "{}", warning.text());
  auto dead_letters = open_dead_letters(loaded.settings, metrics, for_test);
  if (!dead_letters.ok()) {
    loaded.errors.push_back(dead_letters.error());
    return nullptr;
  }
  auto owned = std::make_shared<OwnedPipeline>(metrics);
  owned->dead_letters = std::move(dead_letters).value();
  owned->pipeline = Pipeline::make(loaded.plan, pipeline_options(loaded.settings, bus), registry,
                                   metrics, *owned->dead_letters, loaded.errors);
  if (!owned->pipeline) return nullptr;
  return {owned, owned->pipeline.get()};
}

}  // namespace penstock
