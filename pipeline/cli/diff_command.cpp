#include "pipeline/cli/diff_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>

#include "pipeline/base/log.h"
#include "pipeline/cli/options.h"
#include "pipeline/cli/terminal.h"
#include "pipeline/rehearsal/rehearsal.h"

namespace penstock {
namespace {

// Lines of a sample that are taken at most.
constexpr size_t kSampleLinesMax = 1'000'000;

struct Arguments {
  std::string before, after, sample, input, ecs = "v8";
  bool events = false;
  size_t show = 20;
};

// What one side delivered: by record and output, in order.
using Key = std::pair<int64_t, std::string>;
using Side = std::map<Key, std::vector<Flat>>;

struct Totals {
  size_t same = 0, changed = 0, gone = 0, added = 0, shown = 0;
  std::map<std::string, size_t> fields;  // how many events each field changed in
  bool equal() const { return changed + gone + added == 0; }
};

bool read_sample(const Arguments& arguments, Feed& feed, std::vector<std::string>& lines) {
  std::ifstream in(arguments.sample, std::ios::binary);
  if (!in) return false;
  std::string line;
  while (lines.size() < kSampleLinesMax && std::getline(in, line))
    if (!line.empty()) lines.push_back(line);
  feed.input = arguments.input;
  (arguments.events ? feed.events : feed.lines) = lines;
  return true;
}

bool run_side(const std::string& config, const Arguments& arguments, const Feed& feed,
              const Registry& registry, Side& out, Errors& errors) {
  RehearsalOptions options;
  options.ecs = arguments.ecs == "disabled" ? Ecs::disabled
                : arguments.ecs == "v1"     ? Ecs::v1
                                            : Ecs::v8;
  Rehearsal rehearsal(registry);
  if (!rehearsal.load(config, options, errors)) return false;
  if (!arguments.events && !rehearsal.has_input(feed.input)) {
    errors.push_back({Errc::bad_config, config + ": there is no input `" + feed.input + "`", {}});
    return false;
  }
  Outcome outcome;
  const ManualClock clock;
  if (!rehearsal.run({feed}, clock, nullptr, outcome, errors)) return false;
  for (Captured& event : outcome.captured) {
    for (auto& [name, text] : event.options) event.fields["option " + name] = text;
    out[{event.record, event.plugin}].push_back(std::move(event.fields));
  }
  return true;
}

class Printer {
 public:
  Printer(const std::vector<std::string>& lines, size_t show) : lines_(lines), show_(show) {}

  void compare(const Key& key, const std::vector<Flat>& before, const std::vector<Flat>& after) {
    for (size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
      if (i >= after.size()) {
        one(key, totals_.gone, Color::red, "- is no longer delivered", changes(before[i], {}));
      } else if (i >= before.size()) {
        one(key, totals_.added, Color::green, "+ is delivered now", changes({}, after[i]));
      } else if (const auto fields = changes(before[i], after[i]); fields.empty()) {
        ++totals_.same;
      } else {
        for (const FieldChange& field : fields) ++totals_.fields[field.field];
        one(key, totals_.changed, Color::yellow, "~ changes", fields);
      }
    }
  }

  const Totals& finish() const {
    if (totals_.shown > show_) std::printf("... and %zu more (--show N)\n", totals_.shown - show_);
    for (const auto& [field, count] : totals_.fields)
      std::printf("%s changes in %zu event%s\n", field.c_str(), count, count == 1 ? "" : "s");
    std::printf("%zu same, %zu changed, %zu no longer delivered, %zu delivered anew\n",
                totals_.same, totals_.changed, totals_.gone, totals_.added);
    return totals_;
  }

 private:
  void one(const Key& key, size_t& count, Color color, const char* what,
           const std::vector<FieldChange>& fields) {
    ++count;
    if (++totals_.shown > show_) return;
    const auto& [record, output] = key;
    const bool known = record >= 0 && static_cast<size_t>(record) < lines_.size();
    std::printf("%s %s\n", paint_(color, fmt::format("{} ({})", what, output)).c_str(),
                known ? paint_(Color::grey, lines_[static_cast<size_t>(record)]).c_str() : "");
    for (const FieldChange& field : fields) {
      if (!field.before.empty())
        std::printf("    %s\n",
                    paint_(Color::red, "- " + field.field + ": " + field.before).c_str());
      if (!field.after.empty())
        std::printf("    %s\n",
                    paint_(Color::green, "+ " + field.field + ": " + field.after).c_str());
    }
  }

  const std::vector<std::string>& lines_;
  size_t show_;
  Totals totals_;
  Paint paint_{wants_color()};
};

bool print_differences(const Side& before, const Side& after, const std::vector<std::string>& lines,
                       size_t show) {
  Printer printer(lines, show);
  static const std::vector<Flat> kNone;
  const auto of = [](const Side& side, const Key& key) -> const std::vector<Flat>& {
    const auto found = side.find(key);
    return found == side.end() ? kNone : found->second;
  };
  for (const auto& [key, events] : before) printer.compare(key, events, of(after, key));
  for (const auto& [key, events] : after)
    if (!before.contains(key)) printer.compare(key, kNone, events);
  return printer.finish().equal();
}

bool parse(const std::vector<std::string>& given, Arguments& out, int& code) {
  CLI::App app{"Shows what a change of configuration changes in events.", "penstock diff"};
  app.add_option("OLD", out.before, "The configuration as it is")->required();
  app.add_option("NEW", out.after, "The configuration as it would be")->required();
  app.add_option("--sample", out.sample, "A file with a line for each record")->required();
  app.add_flag("--events", out.events,
               "The lines are JSON events, put in behind the inputs; else they go through an "
               "input's codec and options");
  app.add_option("--input", out.input, "Id or name of that input; the first when it isn't given");
  app.add_option("--show", out.show, "How many events to show");
  app.add_option("--pipeline.ecs_compatibility", out.ecs, "disabled, v1 or v8")
      ->check(CLI::IsMember({"disabled", "v1", "v8"}));
  app.footer("Exit codes: 0 nothing changes, 1 something does, 2 bad usage or configuration.");
  try {  // the one place where the library's exceptions end
    app.parse(std::vector<std::string>(given.rbegin(), given.rend()));
  } catch (const CLI::ParseError& error) {
    code = app.exit(error) == 0 ? kExitOk : kExitBadUsage;
    return false;
  }
  return true;
}

}  // namespace

int diff_command(const std::vector<std::string>& given, const Registry& registry) {
  Arguments arguments;
  int code = kExitOk;
  if (!parse(given, arguments, code)) return code;
  if (!std::getenv("TZ")) setenv("TZ", "UTC", 1);
  log::configure(log::Level::error, log::Format::plain);
  Feed feed;
  std::vector<std::string> lines;
  if (!read_sample(arguments, feed, lines)) {
    std::fprintf(stderr, "%s: cannot open\n", arguments.sample.c_str());
    return kExitBadUsage;
  }
  Errors errors;
  Side before, after;
  const bool ran = run_side(arguments.before, arguments, feed, registry, before, errors) &&
                   run_side(arguments.after, arguments, feed, registry, after, errors);
  for (const Error& error : errors) std::fprintf(stderr, "%s\n", error.text().c_str());
  if (!ran) return kExitBadUsage;
  return print_differences(before, after, lines, arguments.show) ? kExitOk : kExitBadConfig;
}

}  // namespace penstock
