// The walk over the syntax tree: each plugin and option is looked up in the declarations.
#include <algorithm>

#include "pipeline/base/text.h"
#include "pipeline/compat/report.h"
#include "pipeline/config/declare.h"

namespace penstock {
namespace {

const Option* find_option(PluginKind kind, const PluginInfo& info, std::string_view name) {
  for (const Option& option : info.options)
    if (option.name == name) return &option;
  for (const Option& option : common_options(kind))
    if (option.name == name) return &option;
  return nullptr;
}

PluginKind kind_of(SectionKind section) {
  switch (section) {
    case SectionKind::input:
      return PluginKind::input;
    case SectionKind::filter:
      return PluginKind::filter;
    case SectionKind::output:
      return PluginKind::output;
  }
  return PluginKind::input;
}

class Judge {
 public:
  Judge(const Registry& registry, std::vector<Finding>& out) : registry_(registry), out_(out) {}

  void block(const Block& block, PluginKind kind) {
    for (const Statement& statement : block) {
      if (statement.plugin) plugin(*statement.plugin, kind);
      if (statement.branch)
        for (const Branch::Arm& arm : statement.branch->arms) this->block(arm.block, kind);
    }
  }

 private:
  void plugin(const PluginNode& node, PluginKind kind) {
    const PluginInfo* info = registry_.info(kind, node.name);
    Finding& found = add(kind, node.name, "", node.where);
    if (!info) {
      found.note = registry_.instead_of(kind, node.name);
      found.verdict = found.note.empty() ? Judgement::wrong : Judgement::unsupported;
      return;
    }
    note(read_difference(info->differs), "", found);
    for (const Attribute& attribute : node.attributes) option(kind, *info, attribute);
  }

  void option(PluginKind kind, const PluginInfo& info, const Attribute& attribute) {
    Finding& found = add(kind, std::string(info.name), attribute.name, attribute.where);
    found.value = attribute.value.where;
    const Option* declared = find_option(kind, info, attribute.name);
    if (!declared) {
      found.verdict = Judgement::wrong;  // the plan's error says more
    } else if (!declared->obsolete.empty()) {
      found.verdict = Judgement::unsupported;
      found.note = declared->obsolete;
    } else {
      note(read_difference(declared->differs), attribute.value.text, found);
      if (declared->type == OptionType::codec) codec(attribute.value);
    }
  }

  void codec(const ConfigValue& value) {
    if (value.plugin) return plugin(*value.plugin, PluginKind::codec);
    if (!value.is_scalar()) return;
    PluginNode named;
    named.name = value.text;
    named.where = value.where;
    plugin(named, PluginKind::codec);
  }

  static void note(const Difference& difference, std::string_view value, Finding& out) {
    if (difference.how.empty()) return;
    if (!difference.value.empty() && difference.value != value) return;
    out.verdict = difference.alters ? Judgement::alters : Judgement::differs;
    out.note = difference.how;
  }

  Finding& add(PluginKind kind, std::string plugin, std::string option, const Where& where) {
    Finding& out = out_.emplace_back();
    out.kind = kind;
    out.plugin = std::move(plugin);
    out.option = std::move(option);
    out.where = where;
    return out;
  }

  const Registry& registry_;
  std::vector<Finding>& out_;
};

}  // namespace

std::string_view verdict_name(Judgement verdict) {
  switch (verdict) {
    case Judgement::exact:
      return "exact";
    case Judgement::differs:
      return "differs";
    case Judgement::alters:
      return "alters";
    case Judgement::unsupported:
      return "unsupported";
    case Judgement::wrong:
      return "wrong";
  }
  return "";
}

std::vector<Finding> judge(const ConfigTree& tree, const Registry& registry) {
  std::vector<Finding> out;
  Judge judge(registry, out);
  for (const Section& section : tree.sections) judge.block(section.block, kind_of(section.kind));
  return out;
}

Errors altering_differences(const ConfigTree& tree, const Registry& registry) {
  Errors out;
  for (const Finding& found : judge(tree, registry))
    if (found.verdict == Judgement::alters)
      out.push_back({Errc::bad_config,
                     (found.option.empty() ? found.plugin : found.option) +
                         ": differs from Logstash: " + found.note,
                     found.where});
  return out;
}

}  // namespace penstock
