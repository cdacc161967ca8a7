// State that the workers' instances of one filter share, where a filter counts over all events of
// its pipeline. What T does about threads is T's own affair. Start-up only.
#pragma once

#include <memory>

#include "pipeline/plugin/context.h"

namespace penstock {

// Made by the first worker's instance, found by the others'.
template <class T, class Make>
std::shared_ptr<T> shared_state(const Context& context, Make make) {
  struct Holder {
    std::shared_ptr<T> state;
  };
  const std::string key = "state/" + context.pipeline_id + "/" + context.plugin_id;
  auto held = context.resources->get<Holder>(key, [&]() -> Result<std::shared_ptr<const Holder>> {
    return std::make_shared<const Holder>(Holder{make()});
  });
  return held.value()->state;
}

}  // namespace penstock
