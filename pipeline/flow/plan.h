// Plan: what a checked configuration will run, ready for the engine. Every plugin is known, its
// options checked, its codec able to do its part, its conditions compilable; branches that
// constants decide are gone. Immutable after make_plan(); shared by the workers.
//
//   Errors errors;
//   Plan plan;
//   if (!make_plan(tree, registry, options, plan, errors)) ...
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/plugin/registry.h"

namespace penstock {

// One plugin of the configuration. P: InputPlugin, FilterPlugin, OutputPlugin.
template <class P>
struct Planned {
  const P* plugin = nullptr;  // of the registry
  Settings settings;          // its own options and the common ones of its kind
  std::string id;             // option `id`, else made of name, kind and place: "grok_filter_3"
  Ecs ecs = Ecs::v8;          // option `ecs_compatibility`, else the pipeline's
  CodecChoice codec;          // inputs and outputs; plugin == nullptr: it has none
  Where where;
  std::string text = {};  // fingerprint() of its configuration
};

template <class P>
struct PlanBranch;

// Exactly one of the two.
template <class P>
struct PlanStep {
  std::unique_ptr<Planned<P>> plugin;
  std::unique_ptr<PlanBranch<P>> branch;
};

template <class P>
using PlanBlock = std::vector<PlanStep<P>>;

template <class P>
struct PlanArm {
  // Null: else. Each worker makes its own Condition of it, which can't fail any more.
  std::shared_ptr<const Expression> condition;
  PlanBlock<P> block;
};

template <class P>
struct PlanBranch {
  Where where;
  std::vector<PlanArm<P>> arms;  // the first that is true runs
};

struct PlanOptions {
  Ecs ecs = Ecs::v8;  // pipeline.ecs_compatibility
};

struct Plan {
  std::vector<Planned<InputPlugin>> inputs;
  PlanBlock<FilterPlugin> filters;
  PlanBlock<OutputPlugin> outputs;
  Errors warnings;  // for the log, once
};

// Reports everything that is wrong. False: `plan` must not be run; what is in it is right by
// itself, so Pipeline::make() may look for further errors there. `errors` may hold those of the
// parser: the tree is then looked through as far as it goes.
bool make_plan(const ConfigTree& tree, const Registry& registry, const PlanOptions& options,
               Plan& plan, Errors& errors);

// In the order of the text, each once; those without a place come last.
void order_by_place(Errors& errors);

// The context for making the plugin: `base` with its name, id and ECS mode.
template <class P>
Context context_of(const Context& base, const Planned<P>& planned) {
  Context context = base;
  context.plugin_id = planned.id;
  context.plugin_name = planned.plugin->info.name;
  context.ecs = planned.ecs;
  return context;
}

}  // namespace penstock
