// A context with resources and a clock of its own, for filters that share state between workers.
#pragma once

#include "tests/support/plugins.h"

namespace penstock::test {

struct OwnState {
  SharedResources resources;
  ManualClock clock;
  Context context = [this] {
    Context made = test_context();
    made.resources = &resources;
    made.clock = &clock;
    return made;
  }();

  // What the filter lets go at the clock's time, a document per line.
  std::string tick(Filter& filter) {
    Batch batch;
    filter.tick(batch, clock.steady());
    return documents(batch);
  }
  std::string finish(Filter& filter) {
    Batch batch;
    filter.finish(batch);
    return documents(batch);
  }

 private:
  static std::string documents(const Batch& batch) {
    std::string out;
    for (Row row = 0; row < batch.size(); ++row) {
      if (row > 0) out += "\n";
      out += to_json(batch[row]);
    }
    return out;
  }
};

}  // namespace penstock::test
