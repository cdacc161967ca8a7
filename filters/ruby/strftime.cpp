// https://docs.ruby-lang.org/en/3.1/strftime_formatting_rdoc.html
#include <fmt/format.h>

#include "filters/ruby/calendar.h"

namespace penstock::ruby {
namespace {

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

}  // namespace

void strftime(const TimeBox& time, std::string_view format, std::string_view zone_name,
              std::string& out) {
  Printer(time, zone_name, out).print(format);
}

}  // namespace penstock::ruby
