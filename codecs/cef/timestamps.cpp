#include "codecs/cef/timestamps.h"

#include <algorithm>

#include "pipeline/base/text.h"
#include "pipeline/event/value.h"

namespace penstock::cef {
namespace {

constexpr int64_t kDay = 86'400;
constexpr size_t kMillisecondDigitsMax = 15;
constexpr size_t kTextBytesMax = 128;
constexpr size_t kShapes = 4;

size_t shape_of(bool year, bool zone) { return (year ? 2 : 0) + (zone ? 1 : 0); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// "1616623591694.176": milliseconds, up to nanoseconds.
std::optional<Instant> parse_milliseconds(std::string_view text) {
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view part = point == text.npos ? "0" : text.substr(point + 1);
  if (!all_digits(whole) || whole[0] == '0' || !all_digits(part)) return std::nullopt;
  if (whole.size() > kMillisecondDigitsMax) return std::nullopt;
  const int64_t milliseconds = *parse_integer(whole);
  uint32_t nanoseconds = 0;
  part = part.substr(0, 6);
  for (size_t i = 0; i < 6; ++i)
    nanoseconds = nanoseconds * 10 + static_cast<uint32_t>(i < part.size() ? part[i] - '0' : 0);
  return Instant{milliseconds / 1000,
                 static_cast<uint32_t>(milliseconds % 1000) * 1'000'000 + nanoseconds};
}

// ".987", ".987654" or ".987654321", taken off.
bool take_fraction(std::string_view& text, uint32_t& nanoseconds) {
  size_t digits = 0;
  while (digits + 1 < text.size() && is_digit(text[digits + 1])) ++digits;
  if (digits == 0 || digits % 3 != 0 || digits > 9) return false;
  for (size_t i = 1; i <= 9; ++i)
    nanoseconds = nanoseconds * 10 + static_cast<uint32_t>(i <= digits ? text[i] - '0' : 0);
  text.remove_prefix(digits + 1);
  return true;
}

}  // namespace

Result<std::unique_ptr<Timestamps>> Timestamps::make(const std::string& zone,
                                                     const std::string& locale) {
  auto out = std::make_unique<Timestamps>();
  out->zone_ = TimeZone::local();
  if (!zone.empty()) {
    TRY(out->zone_, TimeZone::find(zone));
  }
  for (size_t shape = 0; shape < kShapes; ++shape) {
    std::string pattern = shape & 2 ? "MMM dd yyyy HH:mm:ss" : "MMM dd HH:mm:ss";
    if (shape & 1) pattern += " zzz";
    TRY(DateFormat format,
        DateFormat::compile(pattern, DateSyntax::java, locale.empty() ? "en" : locale));
    out->formats_.push_back(std::move(format));
  }
  return out;
}

std::optional<Instant> Timestamps::parse(std::string_view text, std::string_view device_zone,
                                         Instant now) {
  if (const auto instant = parse_milliseconds(text)) return instant;
  const TimeZone* zone = device_zone.empty() ? zone_.get() : zone_named(device_zone);
  if (!zone || text.size() > kTextBytesMax) return std::nullopt;
  return parse_date(text, *zone, now);
}

// Tells the shape from where the first colon is, so that only one format is tried; the fraction is
// read apart.
std::optional<Instant> Timestamps::parse_date(std::string_view text, const TimeZone& zone,
                                              Instant now) {
  const size_t colon = text.find(':');
  if (colon == text.npos || colon < 4 || text.size() < colon + 6) return std::nullopt;
  const std::string_view date = trim(text.substr(0, colon - 2));
  const bool has_year = date.size() > 5 && all_digits(date.substr(date.size() - 4));
  plain_ = text.substr(0, colon + 6);              // to the seconds
  std::string_view rest = text.substr(colon + 6);  // a fraction, a zone
  uint32_t nanoseconds = 0;
  if (rest.starts_with('.') && !take_fraction(rest, nanoseconds)) return std::nullopt;
  const TimeZone* in = &zone;
  if (!rest.empty()) {
    const TimeZone* named = rest[0] == ' ' ? zone_named(rest.substr(1)) : nullptr;
    if (named) in = named;       // a region or an offset
    if (!named) plain_ += rest;  // an abbreviation (CEST), which is the format's to know
  }
  auto instant =
      in_a_recent_year(formats_[shape_of(has_year, plain_.size() > colon + 6)], has_year, *in, now);
  if (instant) instant->nanoseconds = nanoseconds;
  return instant;
}

// Of `plain_`.
std::optional<Instant> Timestamps::in_a_recent_year(const DateFormat& format, bool has_year,
                                                    const TimeZone& zone, Instant now) const {
  const CivilDate today = civil_from_days((now.seconds + zone.offset_at(now.seconds)) / kDay);
  const auto in_year = [&](int64_t year) -> std::optional<Instant> {
    const auto parsed = format.parse(plain_, zone, year);
    return parsed ? std::optional(parsed->instant) : std::nullopt;
  };
  const auto instant = in_year(today.year);
  if (!instant || has_year) return instant;
  const int64_t latest = now.seconds + 2 * kDay;
  if (instant->seconds > latest) return in_year(today.year - 1);
  if (today.month != 12) return instant;
  const auto next = in_year(today.year + 1);
  return next && next->seconds <= latest ? next : instant;
}

// A stream names few zones: remembering one spares the search.
const TimeZone* Timestamps::zone_named(std::string_view name) {
  if (name != last_name_) {
    auto found = TimeZone::find(name);
    last_zone_ = found.ok() ? std::move(found).value() : nullptr;
    last_name_ = name;
  }
  return last_zone_.get();
}

}  // namespace penstock::cef
