// The common options of filters and inputs (add_field, remove_field, add_tag, remove_tag; tags,
// type), compiled once per worker and applied by the engine, so that no plugin does it itself.
// The semantics are Logstash's (filters/base.rb, util/decorators.rb): the order is add_field,
// remove_field, add_tag, remove_tag; names and values may hold %{...}; adding to a field that is
// there makes a list; add_tag doesn't look whether the tag is there already.
//
// Worker thread.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/base/result.h"
#include "pipeline/config/settings.h"
#include "pipeline/event/batch.h"
#include "pipeline/event/interpolate.h"

namespace penstock {

// A field's name that may hold %{...}.
class FieldTemplate {
 public:
  static Result<FieldTemplate> parse(const std::string& text);
  // Empty when the rendered text is no field reference.
  std::optional<FieldRef> field(const Event& event) const;
  const FieldRef* constant() const { return constant_ ? &*constant_ : nullptr; }

 private:
  explicit FieldTemplate(Template text) : text_(std::move(text)) {}
  Template text_;
  std::optional<FieldRef> constant_;
};

class CommonOptions {
 public:
  static Result<CommonOptions> of_filter(const Settings& settings);
  static Result<CommonOptions> of_input(const Settings& settings);

  bool empty() const { return empty_; }
  void apply(Event& event) const;

 private:
  struct Addition {
    FieldTemplate field;
    Template value;
  };
  Status read_add_field(const Settings& settings);
  Status read_tags(const Settings& settings, std::string_view option, std::vector<Template>& out);
  Status read_remove_field(const Settings& settings);
  void set_type(Event& event) const;
  void add_field(Event& event, const Addition& addition) const;
  void add_tag(Event& event, const Template& tag) const;

  std::string type_;
  std::vector<Addition> add_field_;
  std::vector<FieldTemplate> remove_field_;
  std::vector<Template> add_tag_;
  std::vector<Template> remove_tag_;
  bool empty_ = true;
};

}  // namespace penstock
