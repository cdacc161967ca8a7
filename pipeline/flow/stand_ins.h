// StandIns: what takes the place of a pipeline's inputs and outputs in a rehearsal.
#pragma once

#include <memory>

#include "pipeline/flow/plan.h"
#include "pipeline/flow/program.h"

namespace penstock {

// What a rehearsal (`penstock test` and its kin) puts in place of inputs and outputs: the engine is
// the same, its ends aren't.
struct StandIns {
  virtual ~StandIns() = default;
  virtual Result<std::unique_ptr<Input>> make(const Planned<InputPlugin>& planned,
                                              const Context& context) = 0;
  virtual Result<std::unique_ptr<Output>> make(const Planned<OutputPlugin>& planned,
                                               const Context& context) = 0;
  virtual ProgramObserver* observer() { return nullptr; }
};

}  // namespace penstock
