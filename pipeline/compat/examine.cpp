// What the declarations can't say, the plan and the plugins do: everything is made as for `-t`, and
// each error is put where it belongs.
#include <algorithm>
#include <filesystem>

#include "pipeline/compat/report.h"
#include "pipeline/flow/pipeline.h"
#include "pipeline/plugin/dead_letters.h"

namespace penstock {
namespace {

class NoDeadLetters : public DeadLetters {
 public:
  Status put(const DeadLetter&) override { return io_error("there is no dead-letter queue"); }
  Status sync() override { return ok_status(); }
};

bool same_place(const Where& a, const Where& b) {
  return a.known() && a.line == b.line && a.column == b.column && a.file == b.file;
}

void make_everything(const ConfigTree& tree, const Registry& registry, Ecs ecs, Errors& errors) {
  Plan plan;
  make_plan(tree, registry, {ecs}, plan, errors);
  MetricsRegistry metrics;
  NoDeadLetters dead_letters;
  PipelineOptions options;
  options.workers = 1;
  Pipeline::make(plan, options, registry, metrics, dead_letters, errors);
}

// The files that values name and this machine lacks.
class MissingFiles {
 public:
  MissingFiles(const ConfigTree& tree, const Registry& registry) : registry_(registry) {
    for (const Section& section : tree.sections) block(section.block, section.kind);
  }
  // Whether the plugin or option at `where` names one.
  bool at(const Where& where) const {
    return std::any_of(places_.begin(), places_.end(),
                       [&](const Where& place) { return same_place(place, where); });
  }

 private:
  void block(const Block& block, SectionKind kind) {
    for (const Statement& statement : block) {
      if (statement.plugin) plugin(*statement.plugin, kind);
      if (statement.branch)
        for (const Branch::Arm& arm : statement.branch->arms) this->block(arm.block, kind);
    }
  }

  void plugin(const PluginNode& node, SectionKind kind) {
    const PluginInfo* info = registry_.info(kind_of(kind), node.name);
    for (const Attribute& attribute : node.attributes) {
      if (attribute.value.plugin) plugin(*attribute.value.plugin, kind);
      const bool is_path =
          info &&
          std::any_of(info->options.begin(), info->options.end(), [&](const Option& option) {
            return option.name == attribute.name && option.type == OptionType::path;
          });
      if (!names_missing(attribute.value, is_path)) continue;
      places_.insert(places_.end(), {node.where, attribute.where, attribute.value.where});
    }
  }

  static PluginKind kind_of(SectionKind kind) {
    return kind == SectionKind::input    ? PluginKind::input
           : kind == SectionKind::filter ? PluginKind::filter
                                         : PluginKind::output;
  }

  static bool names_missing(const ConfigValue& value, bool is_path) {
    std::error_code ignored;
    if (value.is_scalar())
      return (is_path || value.text.starts_with('/') || value.text.starts_with("./")) &&
             value.text.find_first_of(" \n%*{\\") == std::string::npos &&
             !std::filesystem::exists(value.text, ignored);
    return std::any_of(value.items.begin(), value.items.end(),
                       [&](const ConfigValue& item) { return names_missing(item, is_path); });
  }

  const Registry& registry_;
  std::vector<Where> places_;
};

class Sorter {
 public:
  Sorter(const ConfigTree& tree, const Registry& registry, const std::string& stand_in,
         CompatReport& report)
      : files_(tree, registry), stand_in_(stand_in), report_(report) {}

  void take(Error error) {
    Finding* found = error.where.known() ? finding_at(error.where) : nullptr;
    if (found && found->verdict == Judgement::unsupported) return;  // said already
    if (!found && error.code == Errc::refused) found = finding_before(error.where);
    if (error.code == Errc::refused && found) {
      found->verdict = Judgement::unsupported;
      found->note = error.message;
    } else if (is_of_this_machine(error)) {
      report_.unchecked.push_back(std::move(error));
    } else {
      if (found) {
        found->verdict = Judgement::wrong;
        found->note = error.message;
      }
      report_.errors.push_back(std::move(error));
    }
  }

 private:
  // A codec and the option that names it stand at one place: the codec counts.
  Finding* finding_at(const Where& where) {
    Finding* last = nullptr;
    for (Finding& found : report_.findings)
      if (same_place(found.where, where) || same_place(found.value, where)) last = &found;
    return last;
  }

  // For a place inside of a value, as in a script: what began last before it.
  Finding* finding_before(const Where& where) {
    Finding* last = nullptr;
    for (Finding& found : report_.findings)
      if (found.where.file == where.file &&
          std::pair(found.where.line, found.where.column) < std::pair(where.line, where.column))
        last = &found;
    return last;
  }

  bool is_of_this_machine(const Error& error) const {
    const bool of_files = error.code == Errc::io || error.code == Errc::not_found;
    if (of_files && error.where.known()) return true;  // else it is the configuration's own file
    if (!stand_in_.empty() && error.message.find(stand_in_) != std::string::npos) return true;
    return files_.at(error.where);
  }

  MissingFiles files_;
  const std::string& stand_in_;
  CompatReport& report_;
};

}  // namespace

CompatReport examine(const ConfigTree& tree, const Registry& registry, Ecs ecs, Errors errors,
                     const std::string& stand_in) {
  CompatReport out;
  out.findings = judge(tree, registry);
  make_everything(tree, registry, ecs, errors);
  order_by_place(errors);
  Sorter sorter(tree, registry, stand_in, out);
  for (Error& error : errors) sorter.take(std::move(error));
  return out;
}

Judgement CompatReport::verdict() const {
  Judgement worst = errors.empty() ? Judgement::exact : Judgement::wrong;
  for (const Finding& found : findings) worst = std::max(worst, found.verdict);
  return worst;
}

}  // namespace penstock
