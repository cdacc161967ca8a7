#include "pipeline/cli/compat_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "pipeline/base/log.h"
#include "pipeline/cli/json_text.h"
#include "pipeline/cli/options.h"
#include "pipeline/compat/report.h"
#include "pipeline/config/source.h"
#include "pipeline/config/yaml_settings.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

// Stands for environment variables that aren't set here: a text, a number and a port in one.
constexpr const char* kStandIn = "64738";
// Variables that one configuration may name before the search for them ends.
constexpr size_t kRoundsMax = 100;

struct Arguments {
  std::vector<std::string> paths;
  std::string ecs = "v8";
  bool json = false;
  bool all = false;
  bool support_escapes = false;
};

// One pipeline's part of the report.
struct Examined {
  std::string path;
  CompatReport report;
  std::set<std::string> unset;  // environment variables
};

struct Counts {
  std::array<size_t, 5> by_verdict{};
  size_t all() const {
    size_t sum = 0;
    for (const size_t count : by_verdict) sum += count;
    return sum;
  }
  size_t of(Judgement verdict) const { return by_verdict[static_cast<size_t>(verdict)]; }
};

struct Totals {
  Counts plugins, options;
  size_t mistakes = 0, unchecked = 0;
  Judgement verdict = Judgement::exact;
};

// The names of variables that errors say aren't set.
std::set<std::string> unset_variables(const Errors& errors) {
  constexpr std::string_view kBefore = "the environment variable `";
  std::set<std::string> out;
  for (const Error& error : errors) {
    const size_t at = error.message.find(kBefore);
    if (at == std::string::npos) continue;
    const size_t from = at + kBefore.size();
    out.insert(error.message.substr(from, error.message.find('`', from) - from));
  }
  return out;
}

Ecs ecs_of(const std::string& text) {
  if (text == "disabled") return Ecs::disabled;
  return text == "v1" ? Ecs::v1 : Ecs::v8;
}

Examined examine_path(const std::string& path, const std::string& text, const Arguments& arguments,
                      const Registry& registry) {
  Examined out;
  out.path = path;
  ConfigTree tree;
  Errors errors;
  ParseOptions options;
  options.support_escapes = arguments.support_escapes;
  options.environment = [&out](const std::string& name) -> const char* {
    const char* value = std::getenv(name.c_str());
    return !value && out.unset.contains(name) ? kStandIn : value;
  };
  for (size_t round = 0; round < kRoundsMax; ++round) {
    tree = {};
    errors.clear();
    if (text.empty())
      load_config(path, options, tree, errors);
    else
      load_config_string(text, options, tree, errors);
    const size_t known = out.unset.size();
    out.unset.merge(unset_variables(errors));
    if (out.unset.size() == known) break;
  }
  out.report = examine(tree, registry, ecs_of(arguments.ecs), std::move(errors),
                       out.unset.empty() ? "" : kStandIn);
  return out;
}

// `path` of a pipelines.yml, which names folders of the machine it was written for: the same tail
// under the folder of that file or the one above, when there is such.
std::string find_here(const std::string& path, const fs::path& folder) {
  std::error_code ignored;
  const auto exists = [&](const fs::path& candidate) {
    const fs::path parent =
        candidate.string().find('*') == std::string::npos ? candidate : candidate.parent_path();
    return fs::exists(parent, ignored);
  };
  if (exists(path)) return path;
  std::vector<fs::path> parts;
  for (const fs::path& part : fs::path(path)) parts.push_back(part);
  for (size_t from = 1; from < parts.size(); ++from) {
    fs::path tail;
    for (size_t i = from; i < parts.size(); ++i) tail /= parts[i];
    for (const fs::path& base : {folder, folder / ".."})
      if (exists(base / tail)) return (base / tail).lexically_normal().string();
  }
  return path;
}

std::vector<Examined> examine_folder(const std::string& folder, const Arguments& arguments,
                                     const Registry& registry) {
  std::vector<EngineSettings> pipelines;
  Errors errors;
  const Environment environment = [](const std::string& name) { return std::getenv(name.c_str()); };
  load_pipelines(folder, {}, environment, pipelines, errors);
  std::vector<Examined> out;
  if (!errors.empty()) {
    Examined& settings = out.emplace_back();
    settings.path = folder + "/pipelines.yml";
    settings.report.errors = std::move(errors);
    return out;
  }
  for (const EngineSettings& pipeline : pipelines)
    out.push_back(examine_path(find_here(pipeline.string("path.config"), folder),
                               pipeline.string("config.string"), arguments, registry));
  return out;
}

std::vector<Examined> examine_all(const Arguments& arguments, const Registry& registry) {
  std::vector<Examined> out;
  std::error_code ignored;
  for (const std::string& path : arguments.paths) {
    if (fs::is_directory(path, ignored) && fs::exists(path + "/pipelines.yml", ignored))
      for (Examined& part : examine_folder(path, arguments, registry))
        out.push_back(std::move(part));
    else
      out.push_back(examine_path(path, "", arguments, registry));
  }
  return out;
}

Totals count(const std::vector<Examined>& examined) {
  Totals out;
  for (const Examined& part : examined) {
    for (const Finding& found : part.report.findings) {
      Counts& counts = found.option.empty() ? out.plugins : out.options;
      ++counts.by_verdict[static_cast<size_t>(found.verdict)];
    }
    out.mistakes += part.report.errors.size();
    out.unchecked += part.report.unchecked.size() + part.unset.size();
    out.verdict = std::max(out.verdict, part.report.verdict());
  }
  return out;
}

int exit_code(Judgement verdict) {
  switch (verdict) {
    case Judgement::exact:
      return kExitOk;
    case Judgement::differs:
      return kExitDiffers;
    case Judgement::alters:
      return kExitAlters;
    case Judgement::unsupported:
      return kExitUnsupported;
    case Judgement::wrong:
      break;
  }
  return kExitBadConfig;
}

void print_finding(const Finding& found, size_t more) {
  std::string what = fmt::format("{} {}", kind_name(found.kind), found.plugin);
  if (!found.option.empty()) what += fmt::format(", {}", found.option);
  std::printf("%s: %s: %s%s%s%s\n", found.where.text().c_str(), what.c_str(),
              std::string(verdict_name(found.verdict)).c_str(), found.note.empty() ? "" : ": ",
              found.note.c_str(), more ? fmt::format(" ({} more times)", more).c_str() : "");
}

// What is said of the same thing at several places is said once.
void print_findings(const std::vector<Examined>& examined, bool all) {
  std::map<std::string, size_t> times;
  const auto key = [](const Finding& f) {
    return fmt::format("{} {} {} {}", static_cast<int>(f.kind), f.plugin, f.option, f.note);
  };
  for (const Examined& part : examined)
    for (const Finding& found : part.report.findings) ++times[key(found)];
  for (const Examined& part : examined)
    for (const Finding& found : part.report.findings) {
      if (all) {
        print_finding(found, 0);
      } else if (found.verdict != Judgement::exact && found.verdict != Judgement::wrong) {
        size_t& left = times[key(found)];
        if (left) print_finding(found, left - 1);
        left = 0;
      }
    }
}

std::string counts_text(const char* what, const Counts& counts) {
  std::string out = fmt::format("{} {}: {} exact", counts.all(), what, counts.of(Judgement::exact));
  for (const Judgement verdict :
       {Judgement::differs, Judgement::alters, Judgement::unsupported, Judgement::wrong})
    if (counts.of(verdict))
      out += fmt::format(", {} {}", counts.of(verdict), verdict_name(verdict));
  return out;
}

constexpr const char* meaning(Judgement verdict) {
  switch (verdict) {
    case Judgement::exact:
      return "runs as it is";
    case Judgement::differs:
      return "runs as it is, with the differences above";
    case Judgement::alters:
      return "isn't run without --allow-differences: it would deliver something else";
    case Judgement::unsupported:
      return "doesn't run as it is: what is unsupported must be replaced";
    case Judgement::wrong:
      return "doesn't run: it has mistakes";
  }
  return "";
}

void print_text(const std::vector<Examined>& examined, const Totals& totals, bool all) {
  print_findings(examined, all);
  for (const Examined& part : examined) {
    for (const Error& error : part.report.errors)
      std::printf("%s\n", Error{error.code, "wrong: " + error.message, error.where}.text().c_str());
    for (const Error& error : part.report.unchecked)
      std::printf(
          "%s\n",
          Error{error.code, "not checked here: " + error.message, error.where}.text().c_str());
    for (const std::string& name : part.unset)
      std::printf("%s: not checked here: the environment variable `%s` isn't set\n",
                  part.path.c_str(), name.c_str());
  }
  std::printf("%s\n%s\n%s: %s\n", counts_text("plugins", totals.plugins).c_str(),
              counts_text("options", totals.options).c_str(),
              std::string(verdict_name(totals.verdict)).c_str(), meaning(totals.verdict));
}

void write_where(const Where& where, JsonText& out) {
  out.text("file", where.file);
  out.number("line", uint64_t{where.line}).number("column", uint64_t{where.column});
}

void write_errors(const char* key, const Errors& errors, JsonText& out) {
  out.open_array(key);
  for (const Error& error : errors) {
    out.open();
    write_where(error.where, out);
    out.text("message", error.message).close();
  }
  out.close();
}

void write_counts(const char* key, const Counts& counts, JsonText& out) {
  out.open(key);
  for (size_t i = 0; i < counts.by_verdict.size(); ++i)
    out.number(verdict_name(static_cast<Judgement>(i)), uint64_t{counts.by_verdict[i]});
  out.close();
}

void write_report(const Examined& part, JsonText& out) {
  out.open().text("path", part.path);
  out.text("verdict", verdict_name(part.report.verdict())).open_array("findings");
  for (const Finding& found : part.report.findings) {
    out.open();
    write_where(found.where, out);
    out.text("kind", kind_name(found.kind)).text("plugin", found.plugin);
    if (!found.option.empty()) out.text("option", found.option);
    out.text("verdict", verdict_name(found.verdict));
    if (!found.note.empty()) out.text("note", found.note);
    out.close();
  }
  out.close();
  write_errors("errors", part.report.errors, out);
  write_errors("unchecked", part.report.unchecked, out);
  out.open_array("unset_variables");
  for (const std::string& name : part.unset) out.text("", name);
  out.close().close();
}

void print_json(const std::vector<Examined>& examined, const Totals& totals) {
  JsonText out;
  out.open().text("verdict", verdict_name(totals.verdict));
  out.number("exit_code", int64_t{exit_code(totals.verdict)});
  out.open("totals");
  write_counts("plugins", totals.plugins, out);
  write_counts("options", totals.options, out);
  out.number("mistakes", uint64_t{totals.mistakes});
  out.number("unchecked", uint64_t{totals.unchecked}).close();
  out.open_array("pipelines");
  for (const Examined& part : examined) write_report(part, out);
  out.close().close();
  std::printf("%s\n", out.take().c_str());
}

bool parse(const std::vector<std::string>& given, Arguments& out, int& code) {
  CLI::App app{"Says what becomes of Logstash configurations here.", "penstock compat"};
  std::string format = "text";
  app.add_option("PATH", out.paths,
                 "A file, a folder or a pattern: one pipeline each; or a folder with pipelines.yml")
      ->required();
  app.add_option("--format", format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.add_flag("--all", out.all, "Show what is exact, too");
  app.add_option("--pipeline.ecs_compatibility", out.ecs, "disabled, v1 or v8")
      ->check(CLI::IsMember({"disabled", "v1", "v8"}));
  app.add_option("--config.support_escapes", out.support_escapes, "As of a run");
  app.footer(
      "Exit codes: 0 all is exact, 3 differs, 4 alters what is delivered, 5 unsupported,\n"
      "1 has mistakes or can't be read, 2 bad usage.");
  try {  // the one place where the library's exceptions end
    app.parse(std::vector<std::string>(given.rbegin(), given.rend()));
  } catch (const CLI::ParseError& error) {
    code = app.exit(error) == 0 ? kExitOk : kExitBadUsage;
    return false;
  }
  out.json = format == "json";
  return true;
}

}  // namespace

int compat_command(const std::vector<std::string>& given, const Registry& registry) {
  Arguments arguments;
  int code = kExitOk;
  if (!parse(given, arguments, code)) return code;
  log::configure(log::Level::error, log::Format::plain);
  const std::vector<Examined> examined = examine_all(arguments, registry);
  const Totals totals = count(examined);
  if (arguments.json)
    print_json(examined, totals);
  else
    print_text(examined, totals, arguments.all);
  return exit_code(totals.verdict);
}

}  // namespace penstock
