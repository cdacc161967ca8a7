// The columns of a CSV: where each one's value goes, prepared once, as long as it is known. Made
// from the options or from a header line; immutable, shared by workers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/csv/convert.h"
#include "pipeline/event/event.h"

namespace penstock::csv {

// A name, or none: then it is numbered ("column3") or left out.
using ColumnName = std::optional<std::string>;

struct ColumnOptions {
  std::string target;  // "" for the event itself
  bool numbered = true;
  std::vector<std::pair<std::string, Type>> types;  // by column name
};

struct Column {
  std::string text;  // of the name or the reference; what `name` views
  Name name{""};
  // A name at the top of the event or right below the target, and no special one: set without a
  // search through a reference.
  bool is_plain = false;
  std::optional<FieldRef> field;  // empty: no field can have this name
  Type type = Type::text;
};

class Columns {
 public:
  Columns(std::vector<ColumnName> names, ColumnOptions options);

  const std::vector<ColumnName>& names() const { return names_; }
  const std::optional<FieldRef>& target() const { return target_; }
  // Whether no two columns have the same field, so that a row's values needn't be searched for.
  bool are_unique() const { return unique_; }
  // nullptr for a column that is left out. Columns beyond the prepared ones are made on the spot,
  // in `made`.
  const Column* at(size_t index, Arena& arena, Column& made) const;

 private:
  Column make(const std::string& name) const;

  std::vector<ColumnName> names_;
  ColumnOptions options_;
  std::optional<FieldRef> target_;
  std::vector<std::unique_ptr<Column>> prepared_;  // null: left out
  bool unique_ = true;
};

}  // namespace penstock::csv
