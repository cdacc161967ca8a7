#include "codecs/graphite.h"

#include "codecs/document_events.h"
#include "pipeline/base/regex.h"
#include "pipeline/event/ruby_numbers.h"
#include "pipeline/plugin/line_framer.h"

namespace penstock {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";
constexpr char kPlaceholder = '*';

constexpr Option kOptions[] = {
    {"metrics", OptionType::hash, "{ }",
     "Encoding: name => value, both with %{...}, of the metrics to write."},
    {"fields_are_metrics", OptionType::boolean, "false",
     "Encoding: whether each field of the event is a metric, instead of `metrics`."},
    {"include_metrics", OptionType::strings, "[ \".*\" ]",
     "Encoding: regular expressions of which a metric's name must match one."},
    {"exclude_metrics", OptionType::strings, "[ \"%\\{[^}]+\\}\" ]",
     "Encoding: regular expressions of which a metric's name must match none."},
    {.name = "metrics_format",
     .type = OptionType::string,
     .fallback = "*",
     .doc = "Encoding: text with %{...} in which * stands for the metric's name.",
     .differs = "%{...} is filled in for each event; Logstash keeps what the first one gave."},
};

std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kSpace));
  text.remove_prefix(word.size());
  return word;
}

// A value that is missing is 0, a time too, as Logstash reads them.
class GraphiteDecoder : public Decoder {
 public:
  explicit GraphiteDecoder(const Context& context) : events_(std::nullopt, "", context) {}

  void decode(std::string_view record, Batch& out) override {
    const Row first = out.size();
    std::string_view rest = Charset::well_formed(record, out.arena());
    while (!rest.empty()) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      add(line, out);
    }
    events_.mark_cut(record, first, out);
  }

 private:
  void add(std::string_view line, Batch& out) {
    const std::string_view name = take_word(line), value = take_word(line), time = take_word(line);
    if (name.empty()) return;
    Arena& arena = out.arena();
    Value document = Value::object();
    object_reserve(arena, document, kFields);
    object_set(arena, document, Name(name), Value::of_real(leading_real(value)));
    object_set(arena, document, timestamp_name(), Value::timestamp({leading_integer(time), 0}));
    if (!events_.add(document, out)) events_.fail(name, out);
  }

  static const Name& timestamp_name() {
    static const Name kName{"@timestamp"};
    return kName;
  }

  static constexpr uint32_t kFields = 8;
  DocumentEvents events_;
};

using Patterns = std::vector<std::shared_ptr<const Regex>>;

struct GraphiteOptions {
  std::vector<std::pair<Template, Template>> metrics;
  bool fields = false;
  Patterns include, exclude;
  std::optional<Template> format;
};

class GraphiteEncoder : public Encoder {
 public:
  explicit GraphiteEncoder(GraphiteOptions options) : options_(std::move(options)) {}

  void encode(const Event& event, ByteBuffer& out) override {
    format_.clear();
    options_.format->append(event, format_);
    const Value* stamp = event.timestamp();
    time_ = stamp ? std::to_string(stamp->instant().seconds) : "0";
    if (options_.fields)
      write_fields(event, out);
    else
      write_metrics(event, out);
  }

 private:
  void write_fields(const Event& event, ByteBuffer& out) {
    for (const Member& member : event.root().entries()) {
      const std::string_view name = member.name();
      if (name == "@timestamp" || name == "@version") continue;
      if (!options_.include.empty() && !matches(options_.include, name)) continue;
      if (matches(options_.exclude, name)) continue;
      write(name, number_of(member.value, event), out);
    }
  }

  void write_metrics(const Event& event, ByteBuffer& out) {
    for (const auto& [name, value] : options_.metrics) {
      name_.clear();
      name.append(event, name_);
      if (!matches(options_.include, name_) || matches(options_.exclude, name_)) continue;
      value_.clear();
      value.append(event, value_);
      write(name_, leading_real(value_), out);
    }
  }

  double number_of(const Value& value, const Event& event) {
    if (const auto real = value.as_real()) return *real;
    value_.clear();
    append_text(value, value_);
    if (value_.find("%{") != value_.npos)
      if (const auto nested = Template::parse(value_); nested.ok())
        return leading_real(nested.value().render(event));
    return leading_real(value_);
  }

  bool matches(const Patterns& patterns, std::string_view name) {
    for (const auto& pattern : patterns)
      if (pattern->search(name, match_) == Regex::Outcome::match) return true;
    return false;
  }

  void write(std::string_view name, double value, ByteBuffer& out) {
    for (const char c : format_) {
      if (c == kPlaceholder)
        out.append(name);
      else
        out.push_back(c);
    }
    value_.assign(1, ' ');
    append_real(value, value_);
    out.append(value_);
    out.push_back(' ');
    out.append(time_);
    out.push_back('\n');
  }

  GraphiteOptions options_;
  Regex::Match match_;
  std::string format_, time_, name_, value_;
};

Result<Patterns> patterns_of(const Settings& settings, std::string_view option) {
  Patterns out;
  for (const std::string& pattern : settings.strings(option)) {
    auto regex = Regex::compile(pattern);
    if (!regex.ok()) return settings.error(option, regex.error().message);
    out.push_back(std::move(regex).value());
  }
  return out;
}

Result<Template> template_of(const Settings& settings, std::string_view option,
                             const std::string& text) {
  auto parsed = Template::parse(text);
  if (!parsed.ok()) return settings.error(option, parsed.error().message);
  return parsed;
}

Result<std::unique_ptr<Encoder>> make_encoder(const Settings& settings, const Context&) {
  GraphiteOptions options;
  for (const auto& [name, value] : settings.hash("metrics")) {
    TRY(Template name_template, template_of(settings, "metrics", name.text));
    TRY(Template value_template, template_of(settings, "metrics", value.text));
    options.metrics.emplace_back(std::move(name_template), std::move(value_template));
  }
  options.fields = settings.boolean("fields_are_metrics");
  TRY(options.include, patterns_of(settings, "include_metrics"));
  TRY(options.exclude, patterns_of(settings, "exclude_metrics"));
  TRY(Template format, template_of(settings, "metrics_format", settings.string("metrics_format")));
  options.format.emplace(std::move(format));
  return std::unique_ptr<Encoder>(std::make_unique<GraphiteEncoder>(std::move(options)));
}

}  // namespace

CodecPlugin graphite_codec() {
  return {{"graphite", "Carbon's lines: name, value, time.", kOptions},
          [](const Settings&, const Context&) -> Result<std::unique_ptr<Framer>> {
            return std::unique_ptr<Framer>(std::make_unique<LineFramer>());
          },
          [](const Settings&, const Context& context) -> Result<std::unique_ptr<Decoder>> {
            return std::unique_ptr<Decoder>(std::make_unique<GraphiteDecoder>(context));
          },
          make_encoder};
}

}  // namespace penstock
