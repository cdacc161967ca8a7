#include "pipeline/event/date_format.h"

#include <fmt/format.h>

#include "pipeline/base/text.h"
#include "pipeline/event/date/parse.h"
#include "pipeline/event/date/print.h"

namespace penstock {

struct DateFormat::Impl {
  explicit Impl(date::Pattern p) : pattern(std::move(p)), parser(pattern) {}
  date::Pattern pattern;
  date::Parser parser;  // borrows the pattern
};

DateFormat::DateFormat(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DateFormat::DateFormat(DateFormat&&) noexcept = default;
DateFormat& DateFormat::operator=(DateFormat&&) noexcept = default;
DateFormat::~DateFormat() = default;

Result<DateFormat> DateFormat::compile(std::string_view pattern, DateSyntax syntax,
                                       std::string_view locale) {
  const date::Locale* names = date::find_locale(locale);
  if (!names)
    return Error{Errc::bad_config,
                 fmt::format("no names for the locale `{}`; known are en, de, fr, es, it, pt, nl",
                             escape_invalid_utf8(locale)),
                 {}};
  TRY(date::Pattern compiled, syntax == DateSyntax::joda ? date::compile_joda(pattern, *names)
                                                         : date::compile_java(pattern, *names));
  return DateFormat(std::make_unique<Impl>(std::move(compiled)));
}

void DateFormat::append(Instant instant, const TimeZone& zone, std::string& out) const {
  date::print(impl_->pattern, instant, zone, out);
}

std::optional<DateFormat::Parsed> DateFormat::parse(std::string_view text, const TimeZone& zone,
                                                    int64_t default_year) const {
  return impl_->parser.parse(text, zone, default_year);
}

int64_t DateFormat::granularity_seconds() const {
  return date::granularity_seconds(impl_->pattern);
}
bool DateFormat::has_year() const { return impl_->pattern.has_year; }
bool DateFormat::has_zone() const { return impl_->pattern.has_zone; }

}  // namespace penstock
