// The options of the pii filter, and what they mean.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "filters/pii/entity.h"
#include "filters/pii/redact.h"
#include "pipeline/base/regex.h"
#include "pipeline/config/settings.h"

namespace penstock::pii {

std::span<const Option> options();

struct Custom {
  std::string name;
  std::shared_ptr<const Regex> regex;
};

struct Plan {
  EntitySet entities = kDefaultEntities;
  std::vector<Custom> custom;
  std::vector<std::string> names;  // by kind, custom ones after the entities
  std::vector<std::string> masks;
  std::vector<Action> actions;
  std::string hash_key;
  std::vector<FieldRef> fields;  // empty: all
  std::vector<FieldRef> except;
  std::optional<FieldRef> findings;
  FieldRef entities_field = FieldRef::of("[pii][entities]");
  FieldRef count_field = FieldRef::of("[pii][count]");
};
Result<Plan> read_plan(const Settings& settings);

}  // namespace penstock::pii
