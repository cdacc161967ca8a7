// https://docs.ruby-lang.org/en/3.1/strftime_formatting_rdoc.html, read the other way round.
#include "filters/ruby/calendar.h"

namespace penstock::ruby {
namespace {

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

std::optional<ParsedTime> strptime(std::string_view text, std::string_view format, int64_t now) {
  Scanner scanner(text);
  if (!scanner.scan(format)) return std::nullopt;
  return scanner.result(now);
}

}  // namespace penstock::ruby
