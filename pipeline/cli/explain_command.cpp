#include "pipeline/cli/explain_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>

#include "pipeline/base/log.h"
#include "pipeline/base/text.h"
#include "pipeline/cli/options.h"
#include "pipeline/cli/terminal.h"
#include "pipeline/rehearsal/rehearsal.h"

namespace penstock {
namespace {

struct Arguments {
  std::string config, event, line, input, ecs = "v8";
};

// A step of the plan, as the observer meets it.
struct Place {
  std::string title;  // "filter grok", "if [a] == 1"
  Where where;
  size_t depth = 0;
};

// The text of the configuration from a place to the block that follows: conditions are shown as
// they were written.
class SourceLines {
 public:
  std::string at(const Where& where) {
    std::vector<std::string>& lines = files_[where.file];
    if (lines.empty()) {
      std::ifstream in(where.file, std::ios::binary);
      for (std::string line; std::getline(in, line);) lines.push_back(line);
      if (lines.empty()) lines.emplace_back();
    }
    if (where.line == 0 || where.line > lines.size() || where.column == 0) return "";
    const std::string& line = lines[where.line - 1];
    const size_t from = std::min<size_t>(where.column - 1, line.size());
    return std::string(trim(std::string_view(line).substr(from, block_begin(line, from) - from)));
  }

 private:
  // Of the next { that isn't in quotes; a regular expression's count only behind a blank.
  static size_t block_begin(std::string_view line, size_t at) {
    char quote = 0;
    for (; at < line.size(); ++at) {
      const char c = line[at];
      if (quote)
        quote = c == quote ? '\0' : quote;
      else if (c == '"' || c == '\'')
        quote = c;
      else if (c == '{' && at > 0 && (line[at - 1] == ' ' || line[at - 1] == ']'))
        return at;
    }
    return line.size();
  }

  std::map<std::string, std::vector<std::string>> files_;
};

class Places {
 public:
  explicit Places(const Plan& plan) {
    block(plan.filters, "filter", 0);
    block(plan.outputs, "output", 0);
  }
  const Place& at(const void* source) const {
    static const Place unknown;
    const auto found = places_.find(source);
    return found == places_.end() ? unknown : found->second;
  }
  const Place& output(const std::string& id) const { return outputs_.at(id); }

 private:
  template <class P>
  void block(const PlanBlock<P>& steps, const char* kind, size_t depth) {
    for (const auto& step : steps) {
      if (step.plugin) {
        const Place place{fmt::format("{} {}", kind, step.plugin->plugin->info.name),
                          step.plugin->where, depth};
        places_[step.plugin.get()] = place;
        outputs_[step.plugin->id] = place;
      }
      if (!step.branch) continue;
      for (const auto& arm : step.branch->arms) {
        const Where where = arm.condition ? arm.condition->where : step.branch->where;
        const bool first = &arm == &step.branch->arms.front();
        std::string title = first ? "if" : arm.condition ? "else if" : "else";
        if (arm.condition) title += " " + lines_.at(where);
        places_[&arm] = {title, where, depth};
        block(arm.block, kind, depth + 1);
      }
    }
  }

  SourceLines lines_;
  std::map<const void*, Place> places_;
  std::map<std::string, Place> outputs_;
};

// Prints as the worker goes; there is one worker, and the main thread only waits for it.
class Narrator : public ProgramObserver {
 public:
  Narrator(const Places& places, const Paint& paint) : places_(places), paint_(paint) {}

  void before_filter(const void*, const Batch& batch, Rows rows) override {
    before_.clear();
    for (const Row row : rows) before_[row] = visible(batch[row]);
  }

  void after_filter(const void* source, const Batch& batch, Rows rows) override {
    const Place& place = places_.at(source);
    head(place, "");
    const std::string indent((place.depth + 1) * 2, ' ');
    bool changed = false;
    for (const auto& [row, fields] : before_)
      if (!batch[row].alive()) {
        changed = true;
        line(indent, Color::red, name(row) + "the event is dropped");
      }
    for (const Row row : rows) changed = show(batch[row], row, indent) || changed;
    if (!changed) line(indent, Color::grey, "nothing changes");
  }

  void took_arm(const void* source, const Batch&, Rows taken, Rows rest) override {
    const Place& place = places_.at(source);
    if (taken.empty())
      head(place, paint_(Color::grey, "not taken"));
    else
      head(place, paint_(Color::green, rest.empty() ? "taken" : "taken by some"));
  }

 private:
  static Flat visible(const Event& event) {
    Flat out = flatten(event, true);
    out.erase(kRecordField);
    return out;
  }

  bool show(const Event& event, Row row, const std::string& indent) {
    const auto known = before_.find(row);
    if (known == before_.end()) line(indent, Color::green, name(row) + "an event is made");
    const auto list = changes(known == before_.end() ? Flat() : known->second, visible(event));
    for (const FieldChange& change : list) {
      const std::string field = name(row) + change.field;
      if (change.before.empty())
        line(indent, Color::green, "+ " + field + ": " + change.after);
      else if (change.after.empty())
        line(indent, Color::red, "- " + field + ": " + change.before);
      else
        line(indent, Color::yellow, "~ " + field + ": " + change.before + " -> " + change.after);
    }
    return !list.empty() || known == before_.end();
  }

  // Events are told apart where there are several.
  std::string name(Row row) const {
    return before_.size() > 1 || row > 0 ? fmt::format("event {} ", row + 1) : "";
  }

  void head(const Place& place, const std::string& what) {
    std::printf("%s%s  %s  %s\n", std::string(place.depth * 2, ' ').c_str(), place.title.c_str(),
                paint_(Color::grey, place.where.text()).c_str(), what.c_str());
  }
  void line(const std::string& indent, Color color, const std::string& text) {
    std::printf("%s%s\n", indent.c_str(), paint_(color, text).c_str());
  }

  const Places& places_;
  const Paint& paint_;
  std::map<Row, Flat> before_;
};

void print_delivered(const Outcome& outcome, const Places& places, const Paint& paint) {
  if (outcome.captured.empty()) std::printf("nothing is delivered\n");
  for (const Captured& event : outcome.captured) {
    const Place& place = places.output(event.output);
    std::printf("%s  %s\n", place.title.c_str(), paint(Color::grey, place.where.text()).c_str());
    for (const auto& [option, text] : event.options)
      std::printf("  %s => %s\n", option.c_str(), paint(Color::blue, text).c_str());
    for (const auto& [field, value] : event.fields)
      if (!field.starts_with("[@metadata]"))
        std::printf("  %s: %s\n", field.c_str(), value.c_str());
  }
}

bool parse(const std::vector<std::string>& given, Arguments& out, int& code) {
  CLI::App app{"Shows what each step of a configuration does to one event.", "penstock explain"};
  app.add_option("-f,--path.config", out.config, "A file, folder or pattern")->required();
  auto* event = app.add_option("--event", out.event, "A JSON event, put in behind the inputs");
  app.add_option("--line", out.line, "Or a raw line, through an input's codec and options")
      ->excludes(event);
  app.add_option("--input", out.input, "Id or name of that input; the first when it isn't given");
  app.add_option("--pipeline.ecs_compatibility", out.ecs, "disabled, v1 or v8")
      ->check(CLI::IsMember({"disabled", "v1", "v8"}));
  try {  // the one place where the library's exceptions end
    app.parse(std::vector<std::string>(given.rbegin(), given.rend()));
  } catch (const CLI::ParseError& error) {
    code = app.exit(error) == 0 ? kExitOk : kExitBadUsage;
    return false;
  }
  if (!out.event.empty() || !out.line.empty()) return true;
  std::fputs("give an event with --event JSON or --line TEXT\n", stderr);
  code = kExitBadUsage;
  return false;
}

}  // namespace

int explain_command(const std::vector<std::string>& given, const Registry& registry) {
  Arguments arguments;
  int code = kExitOk;
  if (!parse(given, arguments, code)) return code;
  if (!std::getenv("TZ")) setenv("TZ", "UTC", 1);
  log::configure(log::Level::error, log::Format::plain);
  RehearsalOptions options;
  options.ecs = arguments.ecs == "disabled" ? Ecs::disabled
                : arguments.ecs == "v1"     ? Ecs::v1
                                            : Ecs::v8;
  Rehearsal rehearsal(registry);
  Errors errors;
  Feed feed;
  feed.input = arguments.input;
  if (arguments.event.empty())
    feed.lines = {arguments.line};
  else
    feed.events = {arguments.event};
  Outcome outcome;
  bool ran = rehearsal.load(arguments.config, options, errors);
  if (ran && !feed.lines.empty() && !rehearsal.has_input(feed.input)) {
    errors.push_back({Errc::bad_config, "the configuration has no input `" + feed.input + "`", {}});
    ran = false;
  }
  if (ran) {
    const Paint paint(wants_color());
    const Places places(rehearsal.plan());
    Narrator narrator(places, paint);
    ran = rehearsal.run({feed}, Clock::system(), &narrator, outcome, errors);
    if (ran) print_delivered(outcome, places, paint);
  }
  for (const Error& error : errors) std::fprintf(stderr, "%s\n", error.text().c_str());
  return ran ? kExitOk : kExitBadConfig;
}

}  // namespace penstock
