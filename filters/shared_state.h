// State that filters share, where they count over all events or keep what is too large for each to
// have: the workers' instances of one filter, or all that ask for the same key. What T does about
// threads is T's own affair. Start-up only.
#pragma once

#include <memory>
#include <string>

#include "pipeline/plugin/context.h"

namespace penstock {

// Made by the first that asks for `key`, found by the others. `make` gives a
// Result<std::shared_ptr<T>>; its failure is the caller's, and the next one tries again.
template <class T, class Make>
Result<std::shared_ptr<T>> shared_by_key(const Context& context, const std::string& key,
                                         Make make) {
  struct Holder {
    std::shared_ptr<T> state;
  };
  const auto held =
      context.resources->get<Holder>(key, [&]() -> Result<std::shared_ptr<const Holder>> {
        Result<std::shared_ptr<T>> made = make();
        if (!made.ok()) return made.error();
        return std::make_shared<const Holder>(Holder{std::move(made).value()});
      });
  if (!held.ok()) return held.error();
  return held.value()->state;
}

// Of one filter's instances.
template <class T, class Make>
std::shared_ptr<T> shared_state(const Context& context, Make make) {
  // With the kind of filter, so that two of one id never take each other's state.
  const std::string key =
      "state/" + context.pipeline_id + "/" + context.plugin_name + "/" + context.plugin_id;
  return shared_by_key<T>(context, key, [&]() -> Result<std::shared_ptr<T>> { return make(); })
      .value();
}

}  // namespace penstock
