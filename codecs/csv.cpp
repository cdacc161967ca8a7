#include "codecs/csv.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>

#include "codecs/csv/header_framer.h"
#include "codecs/csv/row_writer.h"
#include "codecs/document_events.h"
#include "pipeline/base/text.h"
#include "pipeline/csv/convert.h"
#include "pipeline/csv/row_parser.h"
#include "pipeline/event/unique_members.h"

namespace penstock {
namespace {

constexpr std::string_view kFailureTag = "_csvparsefailure";
// Columns without a name of their own whose names are made beforehand.
constexpr size_t kNumberedMax = 256;

constexpr Option kOptions[] = {
    {"columns", OptionType::strings, "[ ]",
     "Names of the columns in their order. Decoding: further ones are `column3` ...; encoding: the "
     "fields to write, all when empty."},
    {"separator", OptionType::string, ",", "What stands between two columns."},
    {"quote_char", OptionType::string, "'\"'",
     "The character around columns that hold separators; `\\x00` for none."},
    {.name = "include_headers",
     .type = OptionType::boolean,
     .fallback = "false",
     .doc = "Whether the first row that an output writes has the names of the columns.",
     .differs =
         "With several workers the row of names is made by the first of them that writes, and "
         "may come after another one's first row; `pipeline.workers: 1` keeps it first."},
    {"autogenerate_column_names", OptionType::boolean, "true",
     "Whether columns without a name are called `column1`, `column2` ... or left out."},
    {"skip_empty_columns", OptionType::boolean, "false",
     "Whether columns without a value are left out; otherwise they are null."},
    {"autodetect_column_names", OptionType::boolean, "false",
     "Whether the first line of each stream (file, connection) has the names of the columns; it "
     "makes no event."},
    {"convert", OptionType::hash, "{ }",
     "column => type: integer, float, boolean, date, date_time. What doesn't convert stays text."},
    kCharsetOption,
    kTargetOption,
};

struct CsvOptions {
  std::string separator, quote;
  std::vector<std::string> columns;
  bool numbered = true;
  bool skip_empty = false;
  bool detect = false;
  std::vector<std::pair<std::string, csv::Type>> types;  // by column name
};

// A column of the names that the options or a stream's header give.
struct Column {
  std::string text;
  uint32_t hash = 0;
  size_t place = std::string_view::npos;  // of the text in the header line; npos: it isn't there
  csv::Type type = csv::Type::text;
  bool is_numbered = false;  // has no name of its own
};

// Where each value of a row goes. One per decoder.
class Columns {
 public:
  explicit Columns(const CsvOptions& options) : options_(options) {
    for (size_t i = 0; i < kNumberedMax; ++i) numbered_.push_back(numbered(i));
    assign(options.columns, {});
  }

  // `places`: of the names in the header line, npos for those that aren't there as they are.
  void assign(const std::vector<std::string>& names, const std::vector<size_t>& places) {
    columns_.clear();
    std::vector<std::string_view> seen;
    for (size_t i = 0; i < std::max(names.size(), kNumberedMax); ++i) {
      Column& column = columns_.emplace_back();
      column.is_numbered = i >= names.size() || names[i].empty();
      column.text = column.is_numbered ? numbered(i) : names[i];
      column.hash = hash_name(column.text);
      if (i < places.size()) column.place = places[i];
      for (const auto& [typed, type] : options_.types)
        if (typed == column.text) column.type = type;
      seen.push_back(column.text);
    }
    std::sort(seen.begin(), seen.end());
    unique_ = std::adjacent_find(seen.begin(), seen.end()) == seen.end();
  }

  // nullptr beyond the prepared ones.
  const Column* at(size_t index) const {
    return index < columns_.size() ? &columns_[index] : nullptr;
  }
  bool are_unique() const { return unique_; }

  // The name of a column for an event, which lives as long as its batch. These columns may not,
  // when streams have headers; but a header lies in each of its records.
  Name name(const Column& column, size_t index, std::string_view header, Arena& arena) const {
    if (column.is_numbered && index < numbered_.size()) return {numbered_[index], column.hash};
    if (header.empty()) return {column.text, column.hash};
    if (column.place != header.npos)
      return {header.substr(column.place, column.text.size()), column.hash};
    return {arena.copy(column.text), column.hash};
  }

  static std::string numbered(size_t index) { return "column" + std::to_string(index + 1); }

 private:
  const CsvOptions& options_;
  std::deque<std::string> numbered_;  // never changes
  std::deque<Column> columns_;        // stays where it is: names view texts
  bool unique_ = true;
};

class CsvDecoder : public Decoder {
 public:
  CsvDecoder(CsvOptions options, Charset charset, std::optional<FieldRef> target,
             const Context& context)
      : options_(std::move(options)),
        charset_(std::move(charset)),
        events_(std::move(target), kFailureTag, context),
        keep_original_(context.ecs != Ecs::disabled),
        parser_(options_.separator, options_.quote),
        zone_(TimeZone::local()),
        columns_(options_) {}

  void decode(std::string_view record, Batch& out) override {
    const Row first = out.size();
    std::string_view row = record;
    header_here_ = {};
    if (options_.detect && !find_columns(row, out.arena())) return;
    const std::string_view text = charset_.convert(row, out.arena());
    switch (parser_.parse(text, out.arena(), fields_)) {
      case csv::Outcome::empty:  // a blank line is no event
        return;
      case csv::Outcome::malformed:
        events_.fail(text, out);
        break;
      case csv::Outcome::row:
        add(text, out);
    }
    events_.mark_cut(record, first, out);
  }

 private:
  // False: `row` was the header itself, which comes alone from inputs that don't cut streams.
  bool find_columns(std::string_view& row, Arena& arena) {
    const auto headed = csv::split_headed(row);
    if (!headed && !header_.empty()) return true;
    const std::string_view header = headed ? headed->header : row;
    if (header != header_) read_header(header, arena);
    if (!headed) return false;
    header_here_ = header;
    row = headed->row;
    return true;
  }

  void read_header(std::string_view header, Arena& arena) {
    header_ = header;
    std::vector<std::string> names;
    std::vector<size_t> places;
    if (parser_.parse(charset_.convert(header, arena), arena, fields_) != csv::Outcome::row)
      fields_.clear();
    for (const csv::Field& field : fields_) {
      const std::less_equal<const char*> not_after;
      const bool inside =
          not_after(header.data(), field.text.data()) &&
          not_after(field.text.data() + field.text.size(), header.data() + header.size());
      places.push_back(inside ? static_cast<size_t>(field.text.data() - header.data())
                              : header.npos);
      names.emplace_back(field.text);
    }
    columns_.assign(names, places);
  }

  void add(std::string_view text, Batch& out) {
    Arena& arena = out.arena();
    Value document = Value::object();
    object_reserve(arena, document, static_cast<uint32_t>(fields_.size()) + kFieldsMore);
    for (size_t i = 0; i < fields_.size(); ++i) {
      const csv::Field& field = fields_[i];
      if (options_.skip_empty && field.text.empty()) continue;
      const Column* column = columns_.at(i);
      if ((!column || column->is_numbered) && !options_.numbered) continue;
      if (!column) {
        const Name name(arena.copy(Columns::numbered(i)));
        object_append(arena, document, name, value_of(field, csv::Type::text, arena));
        continue;
      }
      object_append(arena, document, columns_.name(*column, i, header_here_, arena),
                    value_of(field, column->type, arena));
    }
    if (!columns_.are_unique())
      document.size = static_cast<uint32_t>(merge_duplicates(document.entries()));
    Event* event = events_.add(document, out);
    if (!event)
      events_.fail(text, out);
    else if (keep_original_)
      (void)event->set(original_field(), Value::string(text));
  }

  Value value_of(const csv::Field& field, csv::Type type, Arena& arena) const {
    if (field.is_null) return Value::null();
    const Value value = Value::string(field.text);
    return type == csv::Type::text ? value : csv::convert(value, type, *zone_, arena);
  }

  static const FieldRef& original_field() {
    static const FieldRef kField = FieldRef::of("[event][original]");
    return kField;
  }

  static constexpr uint32_t kFieldsMore = 8;  // for what the engine and filters add
  CsvOptions options_;
  Charset charset_;
  DocumentEvents events_;
  bool keep_original_;
  csv::RowParser parser_;
  std::shared_ptr<const TimeZone> zone_;
  Columns columns_;
  std::string header_;            // that columns_ were read from
  std::string_view header_here_;  // in the record at hand; empty when it brings none
  std::vector<csv::Field> fields_;
};

// Whether the row of names was written; shared by the workers of an output.
struct HeaderFlag {
  mutable std::atomic<bool> written{false};  // relaxed: nothing else hangs on it
};

class CsvEncoder : public Encoder {
 public:
  CsvEncoder(const CsvOptions& options, std::shared_ptr<const HeaderFlag> flag)
      : writer_(options.separator, options.quote), flag_(std::move(flag)) {
    for (const std::string& column : options.columns) {
      auto field = FieldRef::parse(column);
      columns_.push_back(
          {column, field.ok() ? std::optional(std::move(field).value()) : std::nullopt});
    }
  }

  void encode(const Event& event, ByteBuffer& out) override {
    if (flag_ && !flag_->written.exchange(true, std::memory_order_relaxed)) write_names(event, out);
    flag_.reset();
    writer_.begin();
    for (const auto& [name, field] : columns_)
      writer_.add(field ? event.find(*field) : nullptr, out);
    if (columns_.empty())
      for (const Member& member : event.root().entries()) writer_.add(&member.value, out);
    writer_.end(out);
  }

 private:
  void write_names(const Event& event, ByteBuffer& out) {
    writer_.begin();
    for (const auto& [name, field] : columns_) writer_.add(name, out);
    if (columns_.empty())
      for (const Member& member : event.root().entries()) writer_.add(member.name(), out);
    writer_.end(out);
  }

  csv::RowWriter writer_;
  std::vector<std::pair<std::string, std::optional<FieldRef>>> columns_;
  std::shared_ptr<const HeaderFlag> flag_;  // null: no names are to be written by this one
};

Result<std::string> quote_of(const Settings& settings) {
  std::string quote = settings.string("quote_char");
  if (quote == "\\x00") return std::string(1, '\0');
  const auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  if (std::count_if(quote.begin(), quote.end(), is_start) != 1)
    return settings.error("quote_char", "expected one character, found `" + quote + "`");
  return quote;
}

Result<CsvOptions> options_of(const Settings& settings) {
  CsvOptions out;
  out.separator = settings.string("separator");
  if (out.separator.empty()) return settings.error("separator", "must not be empty");
  TRY(out.quote, quote_of(settings));
  out.columns = settings.strings("columns");
  out.numbered = settings.boolean("autogenerate_column_names");
  out.skip_empty = settings.boolean("skip_empty_columns");
  out.detect = out.columns.empty() && settings.boolean("autodetect_column_names");
  for (const auto& [column, type] : settings.hash("convert")) {
    const auto known = csv::type_of(type.text);
    if (!known)
      return settings.error("convert", "no type `" + type.text +
                                           "`; there are integer, float, boolean, date, date_time");
    out.types.emplace_back(column.text, *known);
  }
  return out;
}

Result<std::unique_ptr<Framer>> make_framer(const Settings& settings, const Context&) {
  TRY(const CsvOptions options, options_of(settings));
  if (!options.detect) return std::unique_ptr<Framer>();
  return std::unique_ptr<Framer>(std::make_unique<csv::HeaderFramer>());
}

Result<std::unique_ptr<Decoder>> make_decoder(const Settings& settings, const Context& context) {
  TRY(CsvOptions options, options_of(settings));
  TRY(Charset charset, Charset::open(settings));
  return std::unique_ptr<Decoder>(std::make_unique<CsvDecoder>(
      std::move(options), std::move(charset), target_of(settings), context));
}

Result<std::unique_ptr<Encoder>> make_encoder(const Settings& settings, const Context& context) {
  using Flag = std::shared_ptr<const HeaderFlag>;
  TRY(const CsvOptions options, options_of(settings));
  Flag flag;
  if (settings.boolean("include_headers")) {
    const auto make = []() -> Result<Flag> { return Flag(std::make_shared<HeaderFlag>()); };
    const std::string key = "csv codec's header " + context.pipeline_id + " " + context.plugin_id;
    if (context.resources) {
      TRY(flag, context.resources->get<HeaderFlag>(key, make));
    } else {
      flag = std::make_shared<HeaderFlag>();
    }
  }
  return std::unique_ptr<Encoder>(std::make_unique<CsvEncoder>(options, std::move(flag)));
}

}  // namespace

CodecPlugin csv_codec() {
  return {{"csv", "Separated values, a row per record.", kOptions},
          make_framer,
          make_decoder,
          make_encoder};
}

}  // namespace penstock
