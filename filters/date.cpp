#include "filters/date.h"

#include <map>

#include "filters/date/formats.h"
#include "filters/support/set_field.h"
#include "pipeline/base/log.h"
#include "pipeline/config/declare.h"
#include "pipeline/event/date/names.h"
#include "pipeline/event/date/pattern.h"
#include "pipeline/event/interpolate.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"match", OptionType::strings, "",
     "The field, then the formats to try in order: Joda-Time patterns, or ISO8601, UNIX (seconds), "
     "UNIX_MS, TAI64N.",
     true},
    {"target", OptionType::field, "@timestamp", "The field that takes the timestamp."},
    {"timezone", OptionType::string, "",
     "The zone of texts that name none: Europe/Berlin, +02:00, or %{field}. Unset: the system's."},
    differing({"locale", OptionType::string, "en",
               "The language of names of months and days: en, de, fr, es, it, pt, nl."},
              "a language other than en, de, fr, es, it, pt and nl reads English names"),
    {"tag_on_failure", OptionType::strings, "[\"_dateparsefailure\"]",
     "Tags for an event whose field no format fits."},
};

// Texts up to this length are remembered: logs repeat a second's text often.
constexpr size_t kRememberedMax = 64;

using ZonePointer = std::shared_ptr<const TimeZone>;

// One format of `match`. One per worker.
class Matcher {
 public:
  virtual ~Matcher() = default;
  virtual std::optional<Instant> text(std::string_view text, const TimeZone& zone) = 0;
  virtual std::optional<Instant> number(const Value& value) {
    (void)value;
    return std::nullopt;
  }
};

class Iso8601 : public Matcher {
 public:
  std::optional<Instant> text(std::string_view text, const TimeZone& zone) override {
    return date::parse_iso8601(text, zone);
  }
};

class Unix : public Matcher {
 public:
  std::optional<Instant> text(std::string_view text, const TimeZone&) override {
    return date::parse_unix(text);
  }
  std::optional<Instant> number(const Value& value) override {
    if (value.is_float()) {
      const auto seconds = value.as_real();
      return seconds ? date::parse_unix(*seconds) : std::nullopt;
    }
    const auto seconds = value.as_integer();
    return seconds ? date::parse_unix(*seconds) : std::nullopt;
  }
};

class UnixMilliseconds : public Matcher {
 public:
  std::optional<Instant> text(std::string_view text, const TimeZone&) override {
    return date::parse_unix_ms(text);
  }
  std::optional<Instant> number(const Value& value) override {
    const auto milliseconds = value.as_integer();
    if (!milliseconds) return std::nullopt;
    return date::of_milliseconds(*milliseconds);
  }
};

class Tai64n : public Matcher {
 public:
  std::optional<Instant> text(std::string_view text, const TimeZone&) override {
    return date::parse_tai64n(text);
  }
};

class Pattern : public Matcher {
 public:
  Pattern(DateFormat format, const Clock* clock, ZonePointer local)
      : format_(std::move(format)), clock_(clock), local_(std::move(local)) {}

  std::optional<Instant> text(std::string_view text, const TimeZone& zone) override {
    if (!format_.has_year()) return guess_year(text, zone);
    if (text == remembered_text_ && &zone == remembered_zone_) return remembered_;
    const auto parsed = format_.parse(text, zone, kLeapYear);
    if (!parsed) return std::nullopt;
    if (text.size() <= kRememberedMax) {
      remembered_text_ = text;
      remembered_zone_ = &zone;
      remembered_ = parsed->instant;
    }
    return parsed->instant;
  }

 private:
  static constexpr int64_t kLeapYear = 2000;  // so that February 29 parses

  // A text without a year is of this year, but December's in January of the last one and
  // January's in December of the next.
  std::optional<Instant> guess_year(std::string_view text, const TimeZone& zone) const {
    const TimeZone& read_in = format_.has_zone() ? zone : *TimeZone::utc();
    const auto parsed = format_.parse(text, read_in, kLeapYear);
    if (!parsed) return std::nullopt;
    const int64_t local = parsed->instant.seconds + read_in.offset_at(parsed->instant.seconds);
    const int64_t day = local / kDay - (local % kDay < 0);
    const CivilDate date = civil_from_days(day);
    const Instant now = clock_->now();
    const CivilDate today = civil_from_days((now.seconds + local_->offset_at(now.seconds)) / kDay);
    int64_t year = today.year;
    if (date.month == 12 && today.month == 1) --year;
    if (date.month == 1 && today.month == 12) ++year;
    const unsigned last = date::month_length(year, date.month);
    const int64_t days = days_from_civil(year, date.month, std::min(date.day, last));
    return Instant{zone.to_utc(days * kDay + (local - day * kDay)), parsed->instant.nanoseconds};
  }

  static constexpr int64_t kDay = 86'400;
  DateFormat format_;
  const Clock* clock_;
  ZonePointer local_;
  std::string remembered_text_;
  const TimeZone* remembered_zone_ = nullptr;
  Instant remembered_;
};

// The zone of an event: fixed, or named by its fields.
class ZoneChoice {
 public:
  static Result<ZoneChoice> make(const Settings& settings) {
    ZoneChoice out;
    out.zone_ = TimeZone::local();
    if (!settings.has("timezone")) return out;
    auto text = Template::parse(settings.string("timezone"));
    if (!text.ok()) return settings.error("timezone", text.error().message);
    if (text.value().is_constant()) {
      auto zone = TimeZone::find(text.value().text());
      if (!zone.ok()) return settings.error("timezone", zone.error().message);
      out.zone_ = std::move(zone).value();
    } else {
      out.template_ = std::make_unique<Template>(std::move(text).value());
    }
    return out;
  }

  // nullptr when the event names no zone. Valid as long as this.
  const TimeZone* of(const Event& event) {
    if (!template_) return zone_.get();
    name_.clear();
    template_->append(event, name_);
    const auto found = named_.find(name_);
    if (found != named_.end()) return found->second.get();
    if (named_.size() >= kNamedMax) return lookup().get();
    return (named_[name_] = lookup()).get();
  }

 private:
  static constexpr size_t kNamedMax = 1024;  // names from events that are remembered

  const ZonePointer& lookup() {
    auto zone = TimeZone::find(name_);
    last_ = zone.ok() ? zone.value() : nullptr;
    return last_;
  }

  ZonePointer zone_;
  std::unique_ptr<Template> template_;
  std::map<std::string, ZonePointer> named_;
  ZonePointer last_;
  std::string name_;
};

class Date : public Filter {
 public:
  Date(const Settings& settings, FieldRef source, ZoneChoice zone,
       std::vector<std::unique_ptr<Matcher>> matchers)
      : source_(std::move(source)),
        target_(settings.field("target")),
        tags_(settings.strings("tag_on_failure")),
        zone_(std::move(zone)),
        matchers_(std::move(matchers)) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      Event& event = batch[row];
      const Value* source = static_cast<const Event&>(event).find(source_);
      if (!source || source->is_null()) continue;
      const auto instant = parse(*source, event);
      if (instant && event.set(target_, Value::timestamp(*instant))) {
        matched.push_back(row);
      } else {
        tag_all(event, tags_);
      }
    }
  }

 private:
  std::optional<Instant> parse(const Value& source, const Event& event) {
    if (!source.is_string() && !source.is_number()) return std::nullopt;
    const TimeZone* zone = zone_.of(event);
    if (!zone) return std::nullopt;
    for (const auto& matcher : matchers_) {
      const auto instant =
          source.is_string() ? matcher->text(source.view(), *zone) : matcher->number(source);
      if (instant) return instant;
    }
    return std::nullopt;
  }

  FieldRef source_;
  FieldRef target_;
  std::vector<std::string> tags_;
  ZoneChoice zone_;
  std::vector<std::unique_ptr<Matcher>> matchers_;
};

// The option's language, or English with a warning: Logstash takes any.
std::string known_locale(const Settings& settings, const Context& context) {
  std::string locale = settings.string("locale");
  if (date::find_locale(locale)) return locale;
  if (context.worker == 0)
    log::warn("date", "no names for the locale `{}`, so English ones are read", locale);
  return "en";
}

Result<std::unique_ptr<Matcher>> make_matcher(const Settings& settings, const Context& context,
                                              const std::string& format) {
  if (format == "ISO8601") return std::unique_ptr<Matcher>(std::make_unique<Iso8601>());
  if (format == "UNIX") return std::unique_ptr<Matcher>(std::make_unique<Unix>());
  if (format == "UNIX_MS") return std::unique_ptr<Matcher>(std::make_unique<UnixMilliseconds>());
  if (format == "TAI64N") return std::unique_ptr<Matcher>(std::make_unique<Tai64n>());
  auto compiled = DateFormat::compile(format, DateSyntax::joda, known_locale(settings, context));
  if (!compiled.ok()) return settings.error("match", compiled.error().message);
  return std::unique_ptr<Matcher>(
      std::make_unique<Pattern>(std::move(compiled).value(), context.clock, TimeZone::local()));
}

Result<std::unique_ptr<Filter>> make(const Settings& settings, const Context& context) {
  const auto match = settings.strings("match");
  if (match.size() < 2)
    return settings.error("match", "expected a field and at least one format, found " +
                                       std::to_string(match.size()) + " items");
  auto source = FieldRef::parse(match[0]);
  if (!source.ok()) return settings.error("match", source.error().message);
  TRY(ZoneChoice zone, ZoneChoice::make(settings));
  std::vector<std::unique_ptr<Matcher>> matchers;
  for (size_t i = 1; i < match.size(); ++i) {
    TRY(auto matcher, make_matcher(settings, context, match[i]));
    matchers.push_back(std::move(matcher));
  }
  return std::unique_ptr<Filter>(std::make_unique<Date>(settings, std::move(source).value(),
                                                        std::move(zone), std::move(matchers)));
}

}  // namespace

FilterPlugin date_filter() {
  return {{"date", "Parses a field's text or number into a timestamp.", kOptions,
           "A short TAI64N text is a failure; it stops Logstash's pipeline. An event's %{timezone} "
           "holds for ISO8601 too."},
          make};
}

}  // namespace penstock
