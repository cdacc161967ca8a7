// Filter: changes events of a batch in place. One instance per worker, so no locks; large read-only
// things come from Context::resources. apply() never throws, blocks, locks or does I/O.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "pipeline/base/result.h"
#include "pipeline/config/settings.h"
#include "pipeline/event/batch.h"
#include "pipeline/plugin/context.h"

namespace penstock {

class Filter {
 public:
  virtual ~Filter() = default;

  // `rows` are alive, in the order of events. Rows for which the filter did its work go to
  // `matched`: they get the common options (add_field, add_tag ...) from the engine. Rows that
  // apply() appends to the batch go on with the next filter; rows it drops don't.
  virtual void apply(Batch& batch, Rows rows, std::vector<Row>& matched) = 0;

  // Called between batches and at least once a second when wants_tick(). May append rows, which get
  // the common options and go on with the next filter.
  virtual void tick(Batch& out, std::chrono::steady_clock::time_point now) { (void)out, (void)now; }
  virtual bool wants_tick() const { return false; }
  // Whether rows of tick() and finish() get the common options.
  virtual bool held_get_common_options() const { return true; }
  // The pipeline ends: like tick(), for what is still held.
  virtual void finish(Batch& out) { (void)out; }
};

struct FilterPlugin {
  PluginInfo info;
  Result<std::unique_ptr<Filter>> (*make)(const Settings&, const Context&) = nullptr;
};

}  // namespace penstock
