#include "pipeline/flow/plan.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

#include "pipeline/base/text.h"
#include "pipeline/config/fingerprint.h"
#include "pipeline/flow/condition.h"

namespace penstock {
namespace {

// What differs between the three kinds of section.
template <class P>
struct KindOf;
template <>
struct KindOf<InputPlugin> {
  static constexpr PluginKind kKind = PluginKind::input;
  static constexpr std::string_view kName = "input";
  static std::span<const InputPlugin> all(const Registry& r) { return r.inputs; }
};
template <>
struct KindOf<FilterPlugin> {
  static constexpr PluginKind kKind = PluginKind::filter;
  static constexpr std::string_view kName = "filter";
  static std::span<const FilterPlugin> all(const Registry& r) { return r.filters; }
};
template <>
struct KindOf<OutputPlugin> {
  static constexpr PluginKind kKind = PluginKind::output;
  static constexpr std::string_view kName = "output";
  static std::span<const OutputPlugin> all(const Registry& r) { return r.outputs; }
};

template <class P>
bool has_plugin(std::span<const P> plugins, std::string_view name) {
  return std::any_of(plugins.begin(), plugins.end(),
                     [&](const P& plugin) { return plugin.info.name == name; });
}

template <class P>
std::string unknown_plugin(std::span<const P> plugins, PluginKind kind, const std::string& name,
                           const Registry& registry) {
  const std::string of(kind_name(kind));
  if (const std::string_view instead = registry.instead_of(kind, name); !instead.empty())
    return "there is no " + of + " `" + name + "` here: " + std::string(instead);
  std::string out = "unknown " + of + " plugin `" + name + "`";
  std::vector<std::string_view> names;
  for (const P& plugin : plugins) names.push_back(plugin.info.name);
  const std::string_view meant = nearest(name, names);
  if (!meant.empty()) return out + "; did you mean `" + std::string(meant) + "`?";
  if (has_plugin(registry.inputs, name)) return out + "; `" + name + "` is an input";
  if (has_plugin(registry.filters, name)) return out + "; `" + name + "` is a filter";
  if (has_plugin(registry.outputs, name)) return out + "; `" + name + "` is an output";
  return out + "; `penstock plugins` lists them";
}

std::optional<Ecs> parse_ecs(std::string_view text) {
  if (text == "disabled") return Ecs::disabled;
  if (text == "v1") return Ecs::v1;
  if (text == "v8") return Ecs::v8;
  return std::nullopt;
}

class Planner {
 public:
  Planner(const Registry& registry, const PlanOptions& options, Errors& errors)
      : registry_(registry), options_(options), errors_(errors) {}

  void inputs(const Block& block, std::vector<Planned<InputPlugin>>& out) {
    for (const Statement& statement : block) {
      if (statement.branch)
        error(statement.branch->where, "an input section takes plugins only, found `if`");
      else if (auto made = plugin<InputPlugin>(*statement.plugin))
        out.push_back(std::move(*made));
    }
  }

  template <class P>
  void steps(const Block& block, PlanBlock<P>& out) {
    for (const Statement& statement : block) {
      if (statement.branch)
        branch<P>(*statement.branch, out);
      else if (auto made = plugin<P>(*statement.plugin))
        out.push_back({std::make_unique<Planned<P>>(std::move(*made)), nullptr});
    }
  }

 private:
  template <class P>
  std::optional<Planned<P>> plugin(const PluginNode& node) {
    const auto plugins = KindOf<P>::all(registry_);
    const std::string kind(KindOf<P>::kName);
    Planned<P> out;
    out.where = node.where;
    out.text = fingerprint(node);
    for (const P& candidate : plugins)
      if (candidate.info.name == node.name) out.plugin = &candidate;
    if (!out.plugin) {
      error(node.where, unknown_plugin(plugins, KindOf<P>::kKind, node.name, registry_));
      return std::nullopt;
    }
    if (node.damaged) return std::nullopt;
    const size_t before = errors_.size();
    const std::string made_id =
        node.name + "_" + kind + "_" + std::to_string(++counts_[kind + " " + node.name]);
    out.settings = Settings::check(KindOf<P>::kKind, out.plugin->info, node, errors_);
    if (errors_.size() != before) return std::nullopt;
    out.id = identity(out.settings, made_id);
    out.ecs = parse_ecs(out.settings.string("ecs_compatibility")).value_or(options_.ecs);
    if constexpr (!std::is_same_v<P, FilterPlugin>)
      if (!codec(out)) return std::nullopt;
    return out;
  }

  std::string identity(const Settings& settings, const std::string& made) {
    const std::string id = settings.string("id");
    if (id.empty()) return made;
    const auto [first, fresh] = ids_.emplace(id, settings.where("id"));
    if (!fresh)
      error(settings.where("id"),
            "id: `" + id + "` is already the id of another plugin (" + first->second.text() + ")");
    return id;
  }

  template <class P>
  bool codec(Planned<P>& out) {
    constexpr bool is_input = std::is_same_v<P, InputPlugin>;
    std::shared_ptr<PluginNode> node = out.settings.codec("codec");
    if constexpr (is_input) {
      if (!node && !out.plugin->default_codec.empty()) {
        node = std::make_shared<PluginNode>();
        node->name = out.plugin->default_codec;
        node->where = out.where;
      }
    }
    if (!node) return true;
    out.codec.plugin = registry_.codec(node->name);
    if (!out.codec.plugin) {
      error(node->where,
            "codec: " + unknown_plugin(registry_.codecs, PluginKind::codec, node->name, registry_));
      return false;
    }
    const size_t before = errors_.size();
    const bool able = is_input ? out.codec.plugin->make_decoder != nullptr
                               : out.codec.plugin->make_encoder != nullptr;
    if (!able)
      error(node->where,
            "codec: `" + node->name + "` can't " +
                (is_input ? "decode, so no input can use it" : "encode, so no output can use it"));
    out.codec.settings = Settings::check(PluginKind::codec, out.codec.plugin->info, *node, errors_);
    return errors_.size() == before;
  }

  template <class P>
  void branch(const Branch& node, PlanBlock<P>& out) {
    auto made = std::make_unique<PlanBranch<P>>();
    made->where = node.where;
    bool decided = false;
    for (const Branch::Arm& arm : node.arms) {
      PlanArm<P> planned{arm.condition, {}};
      const std::optional<bool> constant = condition(arm);
      // Checked even where it is never taken: a mistake is a mistake.
      steps<P>(arm.block, planned.block);
      if (decided || constant == false) continue;
      if (constant == true) {
        planned.condition = nullptr;
        decided = true;
      }
      made->arms.push_back(std::move(planned));
    }
    if (made->arms.empty()) return;
    if (made->arms[0].condition) {
      out.push_back({nullptr, std::move(made)});
      return;
    }
    for (PlanStep<P>& step : made->arms[0].block) out.push_back(std::move(step));
  }

  // What the arm's condition always is; `else` is always true.
  std::optional<bool> condition(const Branch::Arm& arm) {
    if (!arm.condition) return true;
    auto compiled = Condition::compile(*arm.condition);
    if (compiled.ok()) return compiled.value().constant();
    errors_.push_back(compiled.error());
    return std::nullopt;
  }

  void error(const Where& where, std::string message) {
    errors_.push_back({Errc::bad_config, std::move(message), where});
  }

  const Registry& registry_;
  const PlanOptions& options_;
  Errors& errors_;
  std::map<std::string, size_t> counts_;
  std::map<std::string, Where> ids_;
};

}  // namespace

bool make_plan(const ConfigTree& tree, const Registry& registry, const PlanOptions& options,
               Plan& plan, Errors& errors) {
  Planner planner(registry, options, errors);
  for (const Section& section : tree.sections) {
    if (section.kind == SectionKind::input) planner.inputs(section.block, plan.inputs);
    if (section.kind == SectionKind::filter)
      planner.steps<FilterPlugin>(section.block, plan.filters);
    if (section.kind == SectionKind::output)
      planner.steps<OutputPlugin>(section.block, plan.outputs);
  }
  plan.warnings = tree.warnings;
  const bool good = errors.empty();
  if (good && plan.inputs.empty())
    plan.warnings.push_back({Errc::bad_config, "the configuration has no input", {}});
  if (good && plan.outputs.empty())
    plan.warnings.push_back({Errc::bad_config, "the configuration has no output", {}});
  return errors.empty();
}

void order_by_place(Errors& errors) {
  const auto place = [](const Error& error) {
    return std::tuple(!error.where.known(), std::string_view(error.where.file), error.where.line,
                      error.where.column);
  };
  std::stable_sort(errors.begin(), errors.end(),
                   [&](const Error& a, const Error& b) { return place(a) < place(b); });
  const auto same = [&](const Error& a, const Error& b) {
    return place(a) == place(b) && a.message == b.message;
  };
  errors.erase(std::unique(errors.begin(), errors.end(), same), errors.end());
}

}  // namespace penstock
