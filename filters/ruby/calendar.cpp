// https://docs.ruby-lang.org/en/3.1/strftime_formatting_rdoc.html
#include <fmt/format.h>

#include <array>

#include "filters/ruby/calendar.h"

namespace penstock::ruby {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
constexpr size_t kWidthMax = 100;

struct Flags {
  char pad = 0;  // '0', '_', '-', or 0 for the directive's own
  bool upper = false, swap = false;
  size_t width = 0;
  unsigned colons = 0;
};

class Printer {
 public:
  Printer(const TimeBox& time, std::string_view zone, std::string& out)
      : time_(time), at_(calendar_of(time)), zone_(zone), out_(out) {}

  void print(std::string_view format) {
    for (size_t i = 0; i < format.size();) {
      if (format[i] != '%' || i + 1 == format.size()) {
        out_.push_back(format[i++]);
        continue;
      }
      const size_t begin = i++;
      Flags flags;
      for (bool more = true; more && i < format.size();) more = read_flag(format[i], flags, i);
      if (i == format.size() || !directive(format[i], flags))
        out_.append(format.substr(begin, i + 1 - begin));
      ++i;
    }
  }

 private:
  static bool read_flag(char c, Flags& flags, size_t& i) {
    if (c == '-' || c == '_' || (c == '0' && flags.width == 0))
      flags.pad = c;
    else if (c == '^')
      flags.upper = true;
    else if (c == '#')
      flags.swap = true;
    else if (c == ':')
      ++flags.colons;
    else if (c >= '0' && c <= '9')
      flags.width = std::min(flags.width * 10 + static_cast<size_t>(c - '0'), kWidthMax);
    else
      return false;
    ++i;
    return true;
  }

  bool number(int64_t value, size_t width, char pad, const Flags& flags) {
    const char fill = flags.pad == '_' ? ' ' : flags.pad == '0' ? '0' : pad;
    const size_t wanted = flags.width ? flags.width : width;
    const std::string digits = fmt::format("{}", value < 0 ? -value : value);
    const size_t used = digits.size() + (value < 0);
    if (value < 0 && fill == '0') out_.push_back('-');
    if (flags.pad != '-' && used < wanted) out_.append(wanted - used, fill);
    if (value < 0 && fill != '0') out_.push_back('-');
    out_.append(digits);
    return true;
  }

  bool word(std::string_view text, const Flags& flags, bool down = false) {
    if (flags.pad != '-' && text.size() < flags.width)
      out_.append(flags.width - text.size(), flags.pad == '0' ? '0' : ' ');
    for (const char c : text)
      out_.push_back(flags.upper || (flags.swap && !down) ? static_cast<char>(toupper(c))
                     : down && flags.swap                 ? static_cast<char>(tolower(c))
                                                          : c);
    return true;
  }

  bool fraction(size_t fallback, const Flags& flags) {
    std::string digits = fmt::format("{:09}", time_.nanoseconds);
    digits.resize(flags.width ? flags.width : fallback, '0');
    out_.append(digits);
    return true;
  }

  bool offset(const Flags& flags) {
    const int total = time_.offset < 0 ? -time_.offset : time_.offset;
    const char sign = time_.offset < 0 ? '-' : '+';
    const int hours = total / 3600, minutes = total / 60 % 60, seconds = total % 60;
    if (flags.colons == 0)
      out_.append(fmt::format("{}{:02}{:02}", sign, hours, minutes));
    else if (flags.colons == 1)
      out_.append(fmt::format("{}{:02}:{:02}", sign, hours, minutes));
    else
      out_.append(fmt::format("{}{:02}:{:02}:{:02}", sign, hours, minutes, seconds));
    return true;
  }

  bool nested(std::string_view format) {
    print(format);
    return true;
  }

  // ISO 8601's week and its year.
  int64_t iso_year() const { return iso(true); }
  int64_t iso_week() const { return iso(false); }
  int64_t iso(bool year) const {
    const int weekday = at_.weekday == 0 ? 7 : at_.weekday;
    int64_t in_year = at_.year;
    int week = (at_.yearday - weekday + 10) / 7;
    if (week < 1) week = weeks(--in_year);
    if (week > weeks(in_year)) week = 1, ++in_year;
    return year ? in_year : week;
  }
  static int weeks(int64_t year) {
    const auto last_weekday = [](int64_t y) {
      return ((days_from_civil(y, 12, 31) + 4) % 7 + 7) % 7;
    };
    return last_weekday(year) == 4 || last_weekday(year - 1) == 3 ? 53 : 52;
  }

  int hour12() const { return at_.hour % 12 == 0 ? 12 : at_.hour % 12; }

  bool directive(char c, const Flags& flags) {
    switch (c) {
      case 'Y':
        return number(at_.year, at_.year < 0 ? 5 : 4, '0', flags);
      case 'C':
        return number(at_.year / 100, 2, '0', flags);
      case 'y':
        return number(((at_.year % 100) + 100) % 100, 2, '0', flags);
      case 'm':
        return number(at_.month, 2, '0', flags);
      case 'B':
        return word(kMonths[static_cast<size_t>(at_.month - 1)], flags);
      case 'b':
      case 'h':
        return word(kMonths[static_cast<size_t>(at_.month - 1)].substr(0, 3), flags);
      case 'd':
        return number(at_.day, 2, '0', flags);
      case 'e':
        return number(at_.day, 2, ' ', flags);
      case 'j':
        return number(at_.yearday, 3, '0', flags);
      case 'H':
        return number(at_.hour, 2, '0', flags);
      case 'k':
        return number(at_.hour, 2, ' ', flags);
      case 'I':
        return number(hour12(), 2, '0', flags);
      case 'l':
        return number(hour12(), 2, ' ', flags);
      case 'M':
        return number(at_.minute, 2, '0', flags);
      case 'S':
        return number(at_.second, 2, '0', flags);
      case 'L':
        return fraction(3, flags);
      case 'N':
        return fraction(9, flags);
      case 'z':
        return offset(flags);
      case 'Z':
        return word(zone_, flags);
      case 'A':
        return word(kDays[static_cast<size_t>(at_.weekday)], flags);
      case 'a':
        return word(kDays[static_cast<size_t>(at_.weekday)].substr(0, 3), flags);
      case 'u':
        return number(at_.weekday == 0 ? 7 : at_.weekday, 1, '0', flags);
      case 'w':
        return number(at_.weekday, 1, '0', flags);
      case 'G':
        return number(iso_year(), 4, '0', flags);
      case 'g':
        return number(((iso_year() % 100) + 100) % 100, 2, '0', flags);
      case 'V':
        return number(iso_week(), 2, '0', flags);
      case 'U':
        return number((at_.yearday - 1 + 7 - at_.weekday) / 7, 2, '0', flags);
      case 'W':
        return number((at_.yearday - 1 + 7 - (at_.weekday + 6) % 7) / 7, 2, '0', flags);
      case 's':
        return number(time_.seconds, 1, '0', flags);
      case 'Q':
        return number(time_.seconds * 1000 + time_.nanoseconds / 1'000'000, 1, '0', flags);
      case 'p':
        return word(at_.hour < 12 ? "AM" : "PM", flags, true);
      case 'P':
        return word(at_.hour < 12 ? "am" : "pm", flags);
      case 'n':
        return word("\n", flags);
      case 't':
        return word("\t", flags);
      case '%':
        return word("%", flags);
      case 'c':
        return nested("%a %b %e %T %Y");
      case 'D':
      case 'x':
        return nested("%m/%d/%y");
      case 'F':
        return nested("%Y-%m-%d");
      case 'v':
        return nested("%e-%^b-%Y");
      case 'r':
        return nested("%I:%M:%S %p");
      case 'R':
        return nested("%H:%M");
      case 'T':
      case 'X':
        return nested("%H:%M:%S");
      case '+':
        return nested("%a %b %e %H:%M:%S %Z %Y");
      default:
        return false;
    }
  }

  const TimeBox& time_;
  Calendar at_;
  std::string_view zone_;
  std::string& out_;
};

// Reads what a format describes.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool scan(std::string_view format) {
    for (size_t i = 0; i < format.size(); ++i) {
      if (format[i] == '%' && i + 1 < format.size()) {
        ++i;
        while (i + 1 < format.size() && std::string_view("-_0^#:").find(format[i]) < 6) ++i;
        const bool number_follows =
            i + 2 < format.size() && format[i + 1] == '%' &&
            std::string_view("YCymdejHkIlMSLNsQ").find(format[i + 2]) != std::string_view::npos;
        if (!directive(format[i], number_follows)) return false;
      } else if (isspace(static_cast<unsigned char>(format[i]))) {
        skip_space();
      } else if (at_ < text_.size() && text_[at_] == format[i]) {
        ++at_;
      } else {
        return false;
      }
    }
    return true;
  }

  std::optional<ParsedTime> result(int64_t now) const {
    ParsedTime out{};
    out.has_offset = offset_.has_value() || epoch_.has_value();
    out.has_date = month_ || day_ || year_ || yearday_ || epoch_;
    out.time.offset = offset_.value_or(0);
    out.time.is_utc = utc_;
    out.time.nanoseconds = nanoseconds_;
    if (epoch_) {
      out.time.seconds = *epoch_;
      out.time.is_utc = !offset_;
      return out;
    }
    const CivilDate today = civil_from_days(now / 86400);
    const int64_t year = year_.value_or(today.year);
    int month = month_.value_or(out.has_date ? 1 : static_cast<int>(today.month));
    int day = day_.value_or(out.has_date ? 1 : static_cast<int>(today.day));
    int hour = hour_;
    if (afternoon_) hour = hour % 12 + (*afternoon_ ? 12 : 0);
    int64_t seconds = seconds_of(year, month, day, hour, minute_, second_);
    if (yearday_ && !month_) seconds += int64_t{*yearday_ - 1} * 86400;
    out.time.seconds = seconds - out.time.offset;
    return out;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }

  std::optional<int64_t> digits(size_t most, bool sign = false) {
    size_t i = at_;
    const bool minus = sign && i < text_.size() && text_[i] == '-';
    if (sign && i < text_.size() && (text_[i] == '-' || text_[i] == '+')) ++i;
    const size_t begin = i;
    int64_t number = 0;
    for (; i < text_.size() && i - begin < most && text_[i] >= '0' && text_[i] <= '9'; ++i)
      number = number * 10 + (text_[i] - '0');
    if (i == begin) return std::nullopt;
    at_ = i;
    return minus ? -number : number;
  }

  template <class T>
  bool field(T& out, size_t most, int64_t least, int64_t greatest) {
    const auto number = digits(most);
    if (!number || *number < least || *number > greatest) return false;
    out = static_cast<int>(*number);
    return true;
  }
  bool spaced(std::optional<int>& out, int64_t least, int64_t greatest) {
    skip_space();
    return field(out, 2, least, greatest);
  }

  // The index of the name that the text goes on with, long or of three letters.
  template <size_t N>
  std::optional<int> name(const std::array<std::string_view, N>& names) {
    for (size_t i = 0; i < N; ++i)
      for (const std::string_view word : {names[i], names[i].substr(0, 3)}) {
        if (text_.size() - at_ < word.size()) continue;
        bool same = true;
        for (size_t k = 0; k < word.size(); ++k)
          same = same && tolower(text_[at_ + k]) == tolower(word[k]);
        if (!same) continue;
        at_ += word.size();
        return static_cast<int>(i);
      }
    return std::nullopt;
  }

  bool fraction() {
    const size_t begin = at_;
    uint32_t value = 0;
    for (; at_ < text_.size() && isdigit(static_cast<unsigned char>(text_[at_])); ++at_)
      if (at_ - begin < 9) value = value * 10 + static_cast<uint32_t>(text_[at_] - '0');
    for (size_t i = at_ - begin; i < 9; ++i) value *= 10;
    nanoseconds_ = value;
    return at_ > begin;
  }

  bool zone() {
    if (at_ >= text_.size()) return false;
    if (text_[at_] == '+' || text_[at_] == '-') {
      const int sign = text_[at_++] == '-' ? -1 : 1;
      const auto hours = digits(2);
      if (!hours) return false;
      if (at_ < text_.size() && text_[at_] == ':') ++at_;
      const auto minutes = digits(2);
      offset_ = sign * static_cast<int>(*hours * 3600 + minutes.value_or(0) * 60);
      return true;
    }
    static constexpr std::pair<std::string_view, int> kZones[] = {
        {"UTC", 0},  {"GMT", 0},  {"Z", 0},    {"EST", -5}, {"EDT", -4}, {"CST", -6},
        {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};
    for (const auto& [zone_name, hours] : kZones) {
      if (!text_.substr(at_).starts_with(zone_name)) continue;
      at_ += zone_name.size();
      offset_ = hours * 3600;
      utc_ = hours == 0;
      return true;
    }
    return false;
  }

  bool epoch(bool milliseconds) {
    const auto number = digits(18, true);
    if (!number) return false;
    epoch_ = milliseconds ? *number / 1000 : *number;
    if (milliseconds) nanoseconds_ = static_cast<uint32_t>(*number % 1000 * 1'000'000);
    return true;
  }

  bool half() {
    if (text_.size() - at_ < 2 || tolower(text_[at_ + 1]) != 'm') return false;
    const int c = tolower(text_[at_]);
    afternoon_ = c == 'p';
    at_ += 2;
    return c == 'a' || c == 'p';
  }

  bool year(bool number_follows) {
    const auto number = digits(number_follows ? 4 : 9, true);
    if (number) year_ = *number;
    return number.has_value();
  }
  bool short_year() {
    const auto number = digits(2);
    if (number) year_ = *number + (*number < 69 ? 2000 : 1900);
    return number.has_value();
  }
  bool month_name() {
    const auto index = name(kMonths);
    if (index) month_ = *index + 1;
    return index.has_value();
  }

  bool directive(char c, bool number_follows) {
    std::optional<int> read;
    bool ok = true;
    switch (c) {
      case 'Y':
        return year(number_follows);
      case 'y':
        return short_year();
      case 'm':
        return field(month_, 2, 1, 12);
      case 'B':
      case 'b':
      case 'h':
        return month_name();
      case 'd':
      case 'e':
        return spaced(day_, 1, 31);
      case 'j':
        return field(yearday_, 3, 1, 366);
      case 'H':
      case 'k':
        ok = spaced(read, 0, 24);
        hour_ = read.value_or(0);
        return ok;
      case 'I':
      case 'l':
        ok = spaced(read, 1, 12);
        hour_ = read.value_or(0);
        return ok;
      case 'M':
        return field(minute_, 2, 0, 59);
      case 'S':
        return field(second_, 2, 0, 60);
      case 'L':
      case 'N':
        return fraction();
      case 'z':
      case 'Z':
        return zone();
      case 'A':
      case 'a':
        return name(kDays).has_value();
      case 'u':
      case 'w':
        return digits(1).has_value();
      case 's':
        return epoch(false);
      case 'Q':
        return epoch(true);
      case 'p':
      case 'P':
        return half();
      case 'n':
      case 't':
        skip_space();
        return true;
      case '%':
        return at_ < text_.size() && text_[at_++] == '%';
      case 'F':
        return scan("%Y-%m-%d");
      case 'T':
      case 'X':
        return scan("%H:%M:%S");
      case 'R':
        return scan("%H:%M");
      case 'D':
      case 'x':
        return scan("%m/%d/%y");
      case 'c':
        return scan("%a %b %e %H:%M:%S %Y");
      case 'r':
        return scan("%I:%M:%S %p");
      default:
        return false;
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  std::optional<int64_t> year_, epoch_;
  std::optional<int> month_, day_, yearday_, offset_;
  std::optional<bool> afternoon_;
  int hour_ = 0, minute_ = 0, second_ = 0;
  uint32_t nanoseconds_ = 0;
  bool utc_ = false;
};

}  // namespace

Calendar calendar_of(const TimeBox& time) {
  const int64_t local = time.seconds + time.offset;
  const int64_t days = local >= 0 ? local / 86400 : -((86399 - local) / 86400);
  const int of_day = static_cast<int>(local - days * 86400);
  const CivilDate date = civil_from_days(days);
  Calendar out{};
  out.year = date.year;
  out.month = static_cast<int>(date.month);
  out.day = static_cast<int>(date.day);
  out.hour = of_day / 3600;
  out.minute = of_day / 60 % 60;
  out.second = of_day % 60;
  out.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
  out.yearday = static_cast<int>(days - days_from_civil(date.year, 1, 1)) + 1;
  return out;
}

int64_t seconds_of(int64_t year, int month, int day, int hour, int minute, int second) {
  const int64_t days =
      days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
  return days * 86400 + hour * 3600 + minute * 60 + second;
}

void strftime(const TimeBox& time, std::string_view format, std::string_view zone_name,
              std::string& out) {
  Printer(time, zone_name, out).print(format);
}

std::optional<ParsedTime> strptime(std::string_view text, std::string_view format, int64_t now) {
  Scanner scanner(text);
  if (!scanner.scan(format)) return std::nullopt;
  return scanner.result(now);
}

}  // namespace penstock::ruby
