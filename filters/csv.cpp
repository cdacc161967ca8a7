#include "filters/csv.h"

#include <atomic>
#include <mutex>

#include "filters/csv/columns.h"
#include "filters/support/characters.h"
#include "filters/support/set_field.h"
#include "pipeline/csv/row_parser.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"source", OptionType::field, "message", "The field that holds the CSV text."},
    {"target", OptionType::field, "",
     "The field that takes the columns as an object. Unset: they become fields of the event."},
    {"columns", OptionType::strings, "[ ]",
     "Names of the columns in their order; field references work. Further ones are `column3` ..."},
    {"separator", OptionType::string, ",", "What stands between two columns."},
    {"quote_char", OptionType::string, "'\"'",
     "The character around columns that hold separators; `\\x00` for none."},
    {"autogenerate_column_names", OptionType::boolean, "true",
     "Whether columns without a name are called `column1`, `column2` ... or left out."},
    {"autodetect_column_names", OptionType::boolean, "false",
     "Whether the first text that arrives has the names of the columns; its event is dropped."},
    {"skip_header", OptionType::boolean, "false",
     "Whether to drop events whose columns are the names in `columns`."},
    {"skip_empty_columns", OptionType::boolean, "false",
     "Whether columns without a value are left out; otherwise they are null."},
    {"skip_empty_rows", OptionType::boolean, "false",
     "Whether an empty text is tagged `_csvskippedemptyfield` and not as a failure."},
    {"convert", OptionType::hash, "{ }",
     "column => type: integer, float, boolean, date, date_time. What doesn't convert stays text."},
};

constexpr std::string_view kFailureTag = "_csvparsefailure";
constexpr std::string_view kSkippedTag = "_csvskippedemptyfield";

// The columns that a filter uses. When they are detected all its workers share them: those of the
// first header that any of them met.
struct SharedColumns {
  mutable std::mutex mutex;  // taken when a header is met
  mutable std::shared_ptr<const csv::Columns> owner;
  // Released when `owner` is set, acquired by every batch.
  mutable std::atomic<const csv::Columns*> current{nullptr};

  const csv::Columns* get() const { return current.load(std::memory_order_acquire); }
  void set(std::shared_ptr<const csv::Columns> columns) const {
    std::lock_guard lock(mutex);
    if (owner) return;
    owner = std::move(columns);
    current.store(owner.get(), std::memory_order_release);
  }
};

struct Plan {
  FieldRef source;
  csv::ColumnOptions columns;
  std::shared_ptr<const SharedColumns> shared;
  bool skip_header = false;
  bool skip_empty_columns = false;
  bool skip_empty_rows = false;
};

class Csv : public Filter {
 public:
  Csv(Plan plan, csv::RowParser parser)
      : plan_(std::move(plan)), parser_(std::move(parser)), zone_(TimeZone::local()) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    columns_ = plan_.shared->get();
    for (const Row row : rows) run(batch, row, matched);
  }

 private:
  void run(Batch& batch, Row row, std::vector<Row>& matched) {
    Event& event = batch[row];
    const Value* source = static_cast<const Event&>(event).find(plan_.source);
    if (!source || source->is_null() || (source->kind == Kind::boolean && !source->truth())) return;
    const auto outcome = source->is_string() ? parser_.parse(source->view(), event.arena(), fields_)
                                             : csv::Outcome::malformed;
    if (outcome == csv::Outcome::row && (!columns_ || is_header())) {
      if (!columns_) detect();
      batch.drop(row, DropReason::filter);
    } else if (outcome == csv::Outcome::empty && columns_ && plan_.skip_empty_rows) {
      event.tag(kSkippedTag);
    } else if (outcome == csv::Outcome::row && set_all(event, source->flags & Value::kClean)) {
      matched.push_back(row);
    } else {
      event.tag(kFailureTag);
    }
  }

  void detect() {
    std::vector<csv::ColumnName> names;
    for (const csv::Field& field : fields_)
      names.push_back(field.is_null ? csv::ColumnName() : std::string(field.text));
    plan_.shared->set(std::make_shared<csv::Columns>(std::move(names), plan_.columns));
    columns_ = plan_.shared->get();
  }

  bool is_header() const {
    const auto& names = columns_->names();
    if (!plan_.skip_header || names.empty() || names.size() != fields_.size()) return false;
    for (size_t i = 0; i < names.size(); ++i)
      if (fields_[i].is_null ? names[i].has_value() : names[i] != fields_[i].text) return false;
    return true;
  }

  bool set_all(Event& event, uint8_t flags) {
    Arena& arena = event.arena();
    Value* object = columns_->target() ? target_of(event) : &event.root();
    // Names that differ from each other can only be among the fields that were there before.
    const uint32_t searched = object && columns_->are_unique() ? object->size : UINT32_MAX;
    for (size_t i = 0; i < fields_.size(); ++i) {
      const csv::Field& field = fields_[i];
      if (plan_.skip_empty_columns && field.text.empty()) continue;
      const csv::Column* column = columns_->at(i, arena, made_);
      if (!column) continue;
      Value value = field.is_null ? Value::null() : Value::string(field.text, flags);
      if (column->type != csv::Type::text) {
        if (!field.is_null)
          value = csv::convert(value, column->type, *zone_, arena);
        else if (column->type == csv::Type::boolean)
          return false;  // as Logstash, which can't strip nil
      }
      if (!column->is_plain || !object) {
        if (!column->field || !set_field(event, *column->field, value)) return false;
        // A column that is a reference may have made the target, or moved its fields.
        object = columns_->target() ? target_of(event) : &event.root();
      } else {
        put(arena, *object, std::min(searched, object->size), column->name, value);
      }
    }
    return true;
  }

  // The target if it is an object already; set_field makes it.
  Value* target_of(Event& event) const {
    Value* target = event.find(*columns_->target());
    return target && target->is_object() ? target : nullptr;
  }

  static void put(Arena& arena, Value& object, uint32_t searched, const Name& name,
                  const Value& value) {
    for (uint32_t i = 0; i < searched; ++i) {
      Member& member = object.members[i];
      if (member.hash == name.hash && member.name() == name.text) {
        member.value = value;
        return;
      }
    }
    object_append(arena, object, name, value);
  }

  Plan plan_;
  csv::RowParser parser_;
  std::shared_ptr<const TimeZone> zone_;
  const csv::Columns* columns_ = nullptr;  // of the batch at hand
  std::vector<csv::Field> fields_;
  csv::Column made_;
};

Result<csv::ColumnOptions> column_options(const Settings& settings) {
  csv::ColumnOptions out;
  if (settings.has("target")) out.target = settings.field("target").text();
  out.numbered = settings.boolean("autogenerate_column_names");
  for (const auto& [column, type] : settings.hash("convert")) {
    const auto known = csv::type_of(type.text);
    if (!known)
      return settings.error("convert", "no type `" + type.text +
                                           "`; there are integer, float, boolean, date, date_time");
    out.types.emplace_back(column.text, *known);
  }
  return out;
}

Result<std::string> quote_of(const Settings& settings) {
  std::string quote = settings.string("quote_char");
  if (quote == "\\x00") quote = std::string(1, '\0');
  if (count_characters(quote) != 1)
    return settings.error("quote_char", "expected one character, found `" + quote + "`");
  return quote;
}

using SharedPointer = std::shared_ptr<const SharedColumns>;

// The columns that the options name, or, when they are to be detected, a place for all workers.
Result<SharedPointer> columns_of(const Settings& settings, const Context& context,
                                 const csv::ColumnOptions& options) {
  std::vector<csv::ColumnName> names;
  for (std::string& name : settings.strings("columns")) names.emplace_back(std::move(name));
  if (names.empty() && settings.boolean("autodetect_column_names"))
    return context.resources->get<SharedColumns>(
        "csv columns " + context.pipeline_id + " " + context.plugin_id + " " + options.target,
        []() -> Result<SharedPointer> { return SharedPointer(std::make_shared<SharedColumns>()); });
  auto own = std::make_shared<SharedColumns>();
  own->set(std::make_shared<csv::Columns>(std::move(names), options));
  return SharedPointer(std::move(own));
}

Result<std::unique_ptr<Filter>> make(const Settings& settings, const Context& context) {
  Plan plan;
  plan.source = settings.field("source");
  TRY(plan.columns, column_options(settings));
  plan.skip_header = settings.boolean("skip_header");
  plan.skip_empty_columns = settings.boolean("skip_empty_columns");
  plan.skip_empty_rows = settings.boolean("skip_empty_rows");
  if (settings.string("separator").empty()) return settings.error("separator", "must not be empty");
  TRY(std::string quote, quote_of(settings));
  TRY(plan.shared, columns_of(settings, context, plan.columns));
  return std::unique_ptr<Filter>(std::make_unique<Csv>(
      std::move(plan), csv::RowParser(settings.string("separator"), std::move(quote))));
}

}  // namespace

FilterPlugin csv_filter() {
  return {{"csv", "Parses a line of separated values into fields.", kOptions}, make};
}

}  // namespace penstock
