// Where a part begins and ends follows Logstash to the letter (StringInterpolation.java), with its
// corners: a part ends at the first '}', and a tag that is a beginning of "+%s" ("%{}", "%{+}")
// is the epoch's seconds. What Logstash would refuse for each event, a malformed reference or
// date pattern, is refused once, here.
#include "pipeline/event/interpolate.h"

#include <fmt/format.h>

#include <limits>

#include "pipeline/event/date_format.h"

namespace penstock {
namespace {

struct Part {
  enum class Kind : uint8_t { literal, field, epoch, date, now };
  Kind kind = Kind::literal;
  std::string text;  // literal; field: how it was written, "%{x}"
  std::optional<FieldRef> field;
  std::shared_ptr<const DateFormat> format;
  int64_t granularity = 0;
  // The last date printed, for all instants with the same quotient. One Template per worker.
  mutable int64_t cached_unit = std::numeric_limits<int64_t>::min();
  mutable std::string cached;
};

Result<Part> date_part(std::string_view pattern, DateSyntax syntax) {
  TRY(DateFormat format, DateFormat::compile(pattern, syntax));
  Part part;
  part.kind = Part::Kind::date;
  part.granularity = format.granularity_seconds();
  part.format = std::make_shared<const DateFormat>(std::move(format));
  return part;
}

// `tag` is what stands between "%{" and "}".
Result<Part> make_part(std::string_view tag, bool java) {
  Part part;
  if (std::string_view("+%s").starts_with(tag)) {
    part.kind = Part::Kind::epoch;
    return part;
  }
  if (java) {
    const std::string_view pattern = tag.substr(1);
    if (pattern != "TIME_NOW") return date_part(pattern, DateSyntax::java);
    part.kind = Part::Kind::now;
    return part;
  }
  if (tag[0] == '+') return date_part(tag.substr(1), DateSyntax::joda);
  TRY(FieldRef field, FieldRef::parse(tag));
  part.kind = Part::Kind::field;
  part.text = fmt::format("%{{{}}}", tag);
  part.field = std::move(field);
  return part;
}

void append_date(const Part& part, Instant instant, std::string& out) {
  const TimeZone& utc = *TimeZone::utc();
  if (part.granularity == 0) return part.format->append(instant, utc, out);
  int64_t unit = instant.seconds / part.granularity;
  if (instant.seconds < 0) unit = -1 - (-1 - instant.seconds) / part.granularity;
  if (unit != part.cached_unit) {
    part.cached.clear();
    part.format->append(instant, utc, part.cached);
    part.cached_unit = unit;
  }
  out += part.cached;
}

void append_instant(Instant instant, std::string& out) {
  char text[40];
  out.append(text, format_instant(instant, text));
}

bool append_part(const Part& part, const Event& event, std::string& out) {
  if (part.kind == Part::Kind::literal) {
    out += part.text;
    return true;
  }
  if (part.kind == Part::Kind::field) {
    const Value* value = event.find(*part.field);
    if (!value || value->is_null()) {
      out += part.text;
      return false;
    }
    if (value->is_string()) [[likely]]
      out += value->view();
    else
      append_text(*value, out);
    return true;
  }
  if (part.kind == Part::Kind::now) {
    append_instant(Clock::system().now(), out);
    return true;
  }
  const Value* stamp = event.timestamp();
  if (!stamp) return false;
  if (part.kind == Part::Kind::epoch)
    out += std::to_string(stamp->instant().seconds);
  else
    append_date(part, stamp->instant(), out);
  return true;
}

}  // namespace

struct Template::Impl {
  std::string text;
  std::vector<Part> parts;

  void add_literal(std::string_view literal) {
    if (literal.empty()) return;
    parts.emplace_back();
    parts.back().text = literal;
  }
};

Template::Template(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;
Template::~Template() = default;

Result<Template> Template::parse(std::string_view text) {
  auto impl = std::make_unique<Impl>();
  impl->text = text;
  size_t at = 0;
  while (true) {
    const size_t open = text.find("%{", at);
    const size_t close = open == text.npos ? open : text.find('}', open);
    if (close == text.npos) break;
    impl->add_literal(text.substr(at, open - at));
    const std::string_view tag = text.substr(open + 2, close - open - 2);
    const bool java = tag.starts_with('{') && close + 1 < text.size() && text[close + 1] == '}';
    TRY(Part part, make_part(tag, java));
    impl->parts.push_back(std::move(part));
    at = close + 1 + java;
  }
  impl->add_literal(text.substr(at));
  return Template(std::move(impl));
}

bool Template::append(const Event& event, std::string& out) const {
  bool whole = true;
  for (const Part& part : impl_->parts) whole &= append_part(part, event, out);
  return whole;
}

std::string Template::render(const Event& event) const {
  std::string out;
  append(event, out);
  return out;
}

bool Template::is_constant() const {
  for (const Part& part : impl_->parts)
    if (part.kind != Part::Kind::literal) return false;
  return true;
}

const std::string& Template::text() const { return impl_->text; }

}  // namespace penstock
