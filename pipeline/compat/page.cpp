#include "pipeline/compat/page.h"

#include <algorithm>

#include "pipeline/config/declare.h"

namespace penstock {
namespace {

constexpr PluginKind kKinds[] = {PluginKind::input, PluginKind::codec, PluginKind::filter,
                                 PluginKind::output};

// A cell may hold no `|`.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

// "tcp" -> "[tcp](inputs/tcp.md)"
std::string link(PluginKind kind, std::string_view name) {
  return "[" + std::string(name) + "](" + std::string(kind_name(kind)) + "s/" + std::string(name) +
         ".md)";
}

std::string difference_text(const Difference& difference) {
  std::string out;
  if (!difference.value.empty()) out += " = `" + std::string(difference.value) + "`";
  out += ": " + std::string(difference.how);
  if (difference.alters) out += " **(alters)**";
  return out;
}

void add_line(std::string& out, const std::string& line) {
  if (!out.empty()) out += "<br>";
  out += line;
}

// What there is to say of a list of options; refused ones of the same advice in one line.
std::string notes_on(std::span<const Option> options) {
  std::string out, own;
  std::vector<std::pair<std::string_view, std::string>> refused;  // advice, names
  for (const Option& option : options) {
    const std::string name = "`" + std::string(option.name) + "`";
    if (option.own) own += (own.empty() ? "" : ", ") + name;
    if (!option.differs.empty())
      add_line(out, name + difference_text(read_difference(option.differs)));
    if (option.obsolete.empty()) continue;
    const auto same = std::find_if(refused.begin(), refused.end(), [&](const auto& other) {
      return other.first == option.obsolete;
    });
    if (same != refused.end())
      same->second += ", " + name;
    else
      refused.emplace_back(option.obsolete, name);
  }
  for (const auto& [advice, names] : refused)
    add_line(out, "not taken: " + names + ": " + std::string(advice));
  if (!own.empty()) add_line(out, "Penstock's own: " + own);
  return out;
}

template <class Plugins>
void add_kind(PluginKind kind, const Plugins& plugins, std::string& out) {
  out +=
      "\n### " + std::string(kind_name(kind)) + "s\n\n| plugin | what differs |\n| --- | --- |\n";
  if (const std::string common = notes_on(common_options(kind)); !common.empty())
    out += "| all of them | " + cell(common) + " |\n";
  for (const auto& plugin : plugins) {
    std::string notes = plugin.info.own ? "Penstock's own" : "";
    if (!plugin.info.differs.empty()) notes = std::string(read_difference(plugin.info.differs).how);
    if (const std::string options = notes_on(plugin.info.options);
        !options.empty() && !plugin.info.own)
      add_line(notes, options);
    out += "| " + link(kind, plugin.info.name) + " | " + cell(notes) + " |\n";
  }
}

void add_absent(const Registry& registry, std::string& out) {
  out += "\n## Plugins that aren't here\n";
  for (const PluginKind kind : kKinds) {
    out += "\n### " + std::string(kind_name(kind)) + "s that aren't here\n\n| plugin | instead |\n";
    out += "| --- | --- |\n";
    for (const AbsentPlugin& plugin : registry.absent)
      if (plugin.kind == kind && !registry.info(kind, plugin.name))
        out += "| " + std::string(plugin.name) + " | " + cell(plugin.instead) + " |\n";
  }
}

// "# reason" lines begin a group; the cases under them are its items. The list's own heading, a
// comment without cases, is left out.
void add_failures(const KnownFailures& failures, std::string& out) {
  out += "\n### " + failures.title + "\n\n";
  std::string reason, cases;
  const auto flush = [&] {
    if (!cases.empty()) out += "- " + reason + ": " + cases + "\n";
    reason.clear();
    cases.clear();
  };
  std::string_view rest = failures.text;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string line(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty()) {
      flush();
    } else if (line[0] == '#') {
      if (!cases.empty()) flush();
      const size_t text = line.find_first_not_of("# ");
      if (text != line.npos) reason += (reason.empty() ? "" : " ") + line.substr(text);
    } else {
      cases += (cases.empty() ? "`" : ", `") + line + "`";
    }
  }
  flush();
}

}  // namespace

std::string compatibility_tables(const Registry& registry,
                                 const std::vector<KnownFailures>& failures) {
  std::string out = "\n## Plugins that are here\n";
  add_kind(PluginKind::input, registry.inputs, out);
  add_kind(PluginKind::codec, registry.codecs, out);
  add_kind(PluginKind::filter, registry.filters, out);
  add_kind(PluginKind::output, registry.outputs, out);
  add_absent(registry, out);
  out += "\n## Recorded and specified cases that differ\n";
  for (const KnownFailures& list : failures) add_failures(list, out);
  return out + "\n";
}

}  // namespace penstock
