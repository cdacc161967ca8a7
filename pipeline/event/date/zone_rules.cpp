#include "pipeline/event/date/zone_rules.h"

#include <algorithm>

#include "pipeline/event/date/pattern.h"

namespace penstock::date {
namespace {

constexpr int64_t kDay = 86'400;
constexpr int64_t kCycle = 146'097 * kDay;  // 400 years
// Rules are written out up to here; later times fold back by whole cycles.
constexpr int64_t kYearLast = 2500;
constexpr size_t kFileBytesMax = 256 << 10;
constexpr uint32_t kTransitionsMax = 10'000;
constexpr int32_t kOffsetMax = 26 * 3600;

uint64_t big_endian(std::string_view bytes, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

struct Header {
  uint32_t ut_count, standard_count, leaps, times, types, characters;
  // The size of the data that follows, with times of `width` bytes.
  uint64_t size(uint64_t width) const {
    return times * (width + 1) + uint64_t{types} * 6 + characters + leaps * (width + 4) +
           standard_count + ut_count;
  }
};
constexpr size_t kHeaderBytes = 44;

std::optional<Header> read_header(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || bytes.substr(0, 4) != "TZif" || bytes[4] < '2')
    return std::nullopt;
  const auto count = [&](size_t i) {
    return static_cast<uint32_t>(big_endian(bytes, 20 + 4 * i, 4));
  };
  const Header header{count(0), count(1), count(2), count(3), count(4), count(5)};
  if (header.times > kTransitionsMax || header.types == 0 || header.types > 256 ||
      header.characters > 4096 || header.leaps > 1000 || header.standard_count > 256 ||
      header.ut_count > 256)
    return std::nullopt;
  return header;
}

// The day of a year on which a clock changes, and when.
struct Change {
  char form = 'M';  // M: month, week, weekday; J: 1..365 without Feb 29; 'n': 0..365
  unsigned month = 1, week = 1, day = 0;
  int32_t time = 7200;

  int64_t local_seconds(int64_t year) const {
    int64_t days = days_from_civil(year, 1, 1);
    if (form == 'J') {
      days += day - 1 + (is_leap(year) && day >= 60);
    } else if (form == 'n') {
      days += day;
    } else {
      const int64_t first = days_from_civil(year, month, 1);
      const unsigned first_weekday = weekday(first) % 7;  // 0 = Sunday
      unsigned offset = (day + 7 - first_weekday) % 7 + (week - 1) * 7;
      while (offset >= month_length(year, month)) offset -= 7;  // week 5 = the last one
      days = first + offset;
    }
    return days * kDay + time;
  }
};

// A POSIX TZ string: "CET-1CEST,M3.5.0,M10.5.0/3".
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : text_(text) {}

  bool done() const { return text_.empty(); }
  bool take(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool name(std::string& out) {
    size_t end = 0;
    if (take('<')) {
      end = std::min(text_.find('>'), text_.size());
      if (end == text_.size()) return false;
      out = text_.substr(0, end++);
    } else {
      while (end < text_.size() && ((text_[end] | 32) >= 'a' && (text_[end] | 32) <= 'z')) ++end;
      out = text_.substr(0, end);
    }
    text_.remove_prefix(end);
    return out.size() >= 3 && out.size() <= 16;
  }
  bool number(unsigned max, unsigned& out) {
    out = 0;
    size_t count = 0;
    for (; count < text_.size() && count < 4 && text_[count] >= '0' && text_[count] <= '9'; ++count)
      out = out * 10 + static_cast<unsigned>(text_[count] - '0');
    text_.remove_prefix(count);
    return count > 0 && out <= max;
  }
  bool time(int32_t& seconds) {
    const bool minus = take('-');
    if (!minus) take('+');
    unsigned hours = 0, minutes = 0, rest = 0;
    if (!number(167, hours)) return false;
    if (take(':') && (!number(59, minutes) || (take(':') && !number(59, rest)))) return false;
    seconds = static_cast<int32_t>(hours * 3600 + minutes * 60 + rest) * (minus ? -1 : 1);
    return true;
  }
  bool change(Change& out) {
    if (!take(',')) return false;
    if (take('M')) {
      if (!number(12, out.month) || out.month == 0 || !take('.') || !number(5, out.week) ||
          out.week == 0 || !take('.') || !number(6, out.day))
        return false;
    } else {
      out.form = take('J') ? 'J' : 'n';
      if (!number(365, out.day) || (out.form == 'J' && out.day == 0)) return false;
    }
    return !take('/') || time(out.time);
  }

 private:
  std::string_view text_;
};

}  // namespace

struct ZoneRules::Rule {
  Type standard, summer;
  bool has_summer = false;
  Change start, end;
};

bool ZoneRules::read_tables(std::string_view data, uint32_t times, uint32_t types,
                            uint32_t characters) {
  const size_t kinds = size_t{times} * 8, records = kinds + times;
  const std::string_view names = data.substr(records + size_t{types} * 6, characters);
  for (uint32_t i = 0; i < types; ++i) {
    const size_t at = records + size_t{i} * 6;
    const auto offset = static_cast<int32_t>(big_endian(data, at, 4));
    const size_t name = static_cast<unsigned char>(data[at + 5]);
    if (offset < -kOffsetMax || offset > kOffsetMax || name >= names.size()) return false;
    const std::string_view rest = names.substr(name);
    types_.push_back({offset, std::string(rest.substr(0, rest.find('\0')))});
  }
  for (uint32_t i = 0; i < times; ++i) {
    const auto time = static_cast<int64_t>(big_endian(data, size_t{i} * 8, 8));
    const auto type = static_cast<unsigned char>(data[kinds + i]);
    if (type >= types || (i > 0 && time <= at_.back())) return false;
    at_.push_back(time);
    type_.push_back(type);
  }
  return true;
}

bool ZoneRules::read_footer(std::string_view text) {
  if (text.empty() || text[0] != '\n') return false;
  text.remove_prefix(1);
  const size_t end = text.find('\n');
  if (end == text.npos) return false;
  text = text.substr(0, end);
  if (text.empty()) return true;  // no rule: the last type stays
  Rule rule;
  RuleReader reader(text);
  int32_t west = 0;
  if (!reader.name(rule.standard.name) || !reader.time(west)) return false;
  rule.standard.offset = -west;
  if (!reader.done()) {
    rule.has_summer = true;
    if (!reader.name(rule.summer.name)) return false;
    rule.summer.offset = rule.standard.offset + 3600;
    RuleReader ahead = reader;
    if (!ahead.take(',')) {
      if (!reader.time(west)) return false;
      rule.summer.offset = -west;
    }
    if (!reader.change(rule.start) || !reader.change(rule.end) || !reader.done()) return false;
  }
  if (std::max(std::abs(rule.standard.offset), std::abs(rule.summer.offset)) > kOffsetMax)
    return false;
  extend(rule);
  return true;
}

void ZoneRules::extend(const Rule& rule) {
  if (!rule.has_summer) return;  // the last type of the table is the standard one
  const auto standard = static_cast<uint16_t>(types_.size());
  types_.push_back(rule.standard);
  types_.push_back(rule.summer);
  const int64_t last = at_.empty() ? std::numeric_limits<int64_t>::min() : at_.back();
  const int64_t year_first =
      at_.empty() ? 1970 : std::clamp<int64_t>(last / 31'556'952 + 1970 - 1, 1900, kYearLast);
  std::vector<std::pair<int64_t, uint16_t>> changes;
  for (int64_t year = year_first; year < kYearLast; ++year) {
    changes.emplace_back(rule.start.local_seconds(year) - rule.standard.offset, standard + 1);
    changes.emplace_back(rule.end.local_seconds(year) - rule.summer.offset, standard);
  }
  std::sort(changes.begin(), changes.end());
  for (const auto& [at, type] : changes) {
    if (at <= last || (!at_.empty() && at <= at_.back())) continue;
    at_.push_back(at);
    type_.push_back(type);
  }
  repeats_ = true;
}

void ZoneRules::index_local() {
  int32_t before = types_[0].offset;
  for (size_t i = 0; i < at_.size(); ++i) {
    // Clamped: the first transition of old files is at the beginning of time.
    const int64_t at = std::max<int64_t>(at_[i], -(int64_t{1} << 60));
    local_at_.push_back(std::min<int64_t>(at, int64_t{1} << 60) + before);
    before = types_[type_[i]].offset;
  }
}

std::optional<ZoneRules> ZoneRules::read(std::string_view bytes) {
  if (bytes.size() > kFileBytesMax) return std::nullopt;
  const auto first = read_header(bytes);
  if (!first || bytes.size() < kHeaderBytes + first->size(4)) return std::nullopt;
  bytes.remove_prefix(kHeaderBytes + first->size(4));
  const auto second = read_header(bytes);
  if (!second || bytes.size() < kHeaderBytes + second->size(8)) return std::nullopt;
  ZoneRules rules;
  if (!rules.read_tables(bytes.substr(kHeaderBytes), second->times, second->types,
                         second->characters) ||
      !rules.read_footer(bytes.substr(kHeaderBytes + second->size(8))))
    return std::nullopt;
  rules.index_local();
  return rules;
}

namespace {

// The same moment of an earlier cycle of 400 years, when it is after the tables' end.
int64_t folded(int64_t seconds) {
  static const int64_t kEnd = days_from_civil(kYearLast, 1, 1) * kDay - 10 * kDay;
  return seconds < kEnd ? seconds : seconds - ((seconds - kEnd) / kCycle + 1) * kCycle;
}

}  // namespace

const ZoneRules::Type& ZoneRules::at(int64_t utc_seconds) const {
  if (repeats_) utc_seconds = folded(utc_seconds);
  const auto next = std::upper_bound(at_.begin(), at_.end(), utc_seconds);
  if (next == at_.begin()) return types_[0];
  return types_[type_[static_cast<size_t>(next - at_.begin()) - 1]];
}

int32_t ZoneRules::offset_of_local(int64_t local_seconds) const {
  if (repeats_) local_seconds = folded(local_seconds);
  const auto next = std::upper_bound(local_at_.begin(), local_at_.end(), local_seconds);
  if (next == local_at_.begin()) return types_[0].offset;
  return types_[type_[static_cast<size_t>(next - local_at_.begin()) - 1]].offset;
}

}  // namespace penstock::date
