#include "filters/csv/columns.h"

#include <algorithm>

namespace penstock::csv {
namespace {

// Columns without a name of their own that are prepared.
constexpr size_t kNumberedMax = 256;

std::string numbered(size_t index) { return "column" + std::to_string(index + 1); }

bool is_special(std::string_view name) {
  return name == "@timestamp" || name == "@metadata" || name == "tags";
}

}  // namespace

Columns::Columns(std::vector<ColumnName> names, ColumnOptions options)
    : names_(std::move(names)), options_(std::move(options)) {
  if (!options_.target.empty()) target_ = FieldRef::of(options_.target);
  const size_t count = std::max(names_.size(), options_.numbered ? kNumberedMax : 0);
  for (size_t i = 0; i < count; ++i) {
    const bool named = i < names_.size() && names_[i];
    const bool left_out = !named && !options_.numbered;
    auto column =
        left_out ? nullptr : std::make_unique<Column>(make(named ? *names_[i] : numbered(i)));
    // Not before it lies where it stays: a short text moves with its string.
    if (column) column->name = Name(column->text);
    prepared_.push_back(std::move(column));
  }
  std::vector<std::string> seen;
  for (const auto& column : prepared_)
    if (column && column->field) seen.push_back(column->field->text());
  std::sort(seen.begin(), seen.end());
  unique_ = std::adjacent_find(seen.begin(), seen.end()) == seen.end();
}

// As Logstash: the target's reference, then the name's, in brackets if it has none.
Column Columns::make(const std::string& name) const {
  Column out;
  out.text = name;
  const std::string bracketed = name.starts_with('[') ? name : "[" + name + "]";
  const std::string target = target_ ? target_->text() : "";
  if (auto field = FieldRef::parse(target + bracketed); field.ok())
    out.field = std::move(field).value();
  for (const auto& [typed, type] : options_.types)
    if (typed == name) out.type = type;
  out.is_plain = out.field && name.find_first_of("[]") == name.npos && !is_special(name) &&
                 !(target_ && target_->is_metadata());
  return out;
}

const Column* Columns::at(size_t index, Arena& arena, Column& made) const {
  if (index < prepared_.size()) return prepared_[index].get();
  if (!options_.numbered) return nullptr;
  made = make(numbered(index));
  made.name = Name(arena.copy(made.text));
  return &made;
}

}  // namespace penstock::csv
