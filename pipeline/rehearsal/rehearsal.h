// Rehearsal: a configuration run over given texts and events, its outputs captured. It is the
// engine itself, with one worker, a clock that stands still, and stand-ins at both ends; nothing is
// read or written but what filters read. For `penstock test`, `explain` and `diff`.
//
//   Rehearsal rehearsal(registry);
//   if (!rehearsal.load("conf.d/aura", {}, errors)) ...
//   Outcome outcome;
//   rehearsal.run(feeds, clock, nullptr, outcome, errors);
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/flow/pipeline.h"
#include "pipeline/rehearsal/flat.h"

namespace penstock {

// What goes in together: texts through an input's codec and options, or events behind the inputs.
struct Feed {
  std::string input;                // id or name of the input that takes `lines`; "" = the first
  std::vector<std::string> lines;   // raw lines
  std::vector<std::string> events;  // JSON documents
  std::vector<std::pair<std::string, std::string>> fields;  // what the stream gives: path, host ...
};

// An event as an output got it.
struct Captured {
  std::string output;   // id
  std::string plugin;   // name
  uint64_t event = 0;   // the same for all outputs that got this event
  int64_t record = -1;  // number of the line or event it was made of; -1 = of none
  Flat fields;          // with [@metadata], but without our own [@metadata] field
  Flat options;         // of the output, those that hold %{...}, filled in
};

struct Outcome {
  std::vector<Captured> captured;  // in the order of events, and of outputs in the text
  double milliseconds = 0;
};

struct RehearsalOptions {
  Ecs ecs = Ecs::v8;
  bool support_escapes = false;
  std::map<std::string, std::string> environment;  // wins over the process's
};

class Rehearsal {
 public:
  explicit Rehearsal(const Registry& registry) : registry_(registry) {}

  // False when errors were added.
  bool load(const std::string& path, const RehearsalOptions& options, Errors& errors);
  // Each run starts anew: nothing is left of an earlier one. `observer` may be null.
  bool run(const std::vector<Feed>& feeds, const Clock& clock, ProgramObserver* observer,
           Outcome& out, Errors& errors);

  const Plan& plan() const { return plan_; }
  // Ids of the outputs whose id or name is `name`, all of them when it is "".
  std::vector<std::string> outputs(const std::string& name) const;
  bool has_input(const std::string& name) const;

 private:
  const Registry& registry_;
  Plan plan_;
};

// The field of [@metadata] that numbers records; it never shows in what is captured.
inline constexpr const char* kRecordField = "[@metadata][penstock_record]";

}  // namespace penstock
