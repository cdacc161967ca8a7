// Time zones (declared in date_format.h) and the process-wide table of those in use: read from the
// system's zoneinfo files on first use, then kept; there are about 600.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>

#include "pipeline/base/text.h"
#include "pipeline/event/date/zone_rules.h"
#include "pipeline/event/date_format.h"

namespace penstock {
namespace {

constexpr size_t kZonesMax = 5000;

class FixedZone : public TimeZone {
 public:
  FixedZone(std::string id, int32_t offset) : id_(std::move(id)), offset_(offset) {}
  int32_t offset_at(int64_t) const override { return offset_; }
  int64_t to_utc(int64_t local) const override { return local - offset_; }
  std::string_view id() const override { return id_; }
  std::string_view name_at(int64_t) const override { return id_; }

 private:
  std::string id_;
  int32_t offset_;
};

class RuledZone : public TimeZone {
 public:
  RuledZone(std::string id, date::ZoneRules rules) : id_(std::move(id)), rules_(std::move(rules)) {}
  int32_t offset_at(int64_t utc) const override { return rules_.at(utc).offset; }
  int64_t to_utc(int64_t local) const override {
    const int64_t utc = local - rules_.offset_of_local(local);
    // In a gap the offset after it gives a time before it: take the offset before, which moves
    // the time forward by the gap's width.
    const int32_t there = offset_at(utc);
    return local - there;
  }
  std::string_view id() const override { return id_; }
  std::string_view name_at(int64_t utc) const override { return rules_.at(utc).name; }

 private:
  std::string id_;
  date::ZoneRules rules_;
};

// "+02:00", "-0530", "+01". Empty when it isn't one.
std::optional<int32_t> fixed_offset(std::string_view text) {
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int32_t sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  int32_t parts[3] = {0, 0, 0};
  for (size_t i = 0; i < 3 && !text.empty(); ++i) {
    if (i > 0 && text[0] == ':') text.remove_prefix(1);
    if (text.size() < 2 || text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
      return std::nullopt;
    parts[i] = (text[0] - '0') * 10 + (text[1] - '0');
    text.remove_prefix(2);
  }
  if (!text.empty() || parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return std::nullopt;
  return sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
}

// Every zone that the system has files for. Thread-safe.
class ZoneIndex {
 public:
  static ZoneIndex& instance() {
    static ZoneIndex index;
    return index;
  }

  std::shared_ptr<const TimeZone> find(std::string_view name) {
    const std::string key = to_lower_ascii(name);
    std::lock_guard lock(mutex_);
    const auto found = zones_.find(key);
    if (found == zones_.end()) return nullptr;
    if (!found->second.zone) found->second.zone = load(found->second.name);
    return found->second.zone;
  }

  // The longest name that `text` starts with.
  std::string find_prefix(std::string_view text) {
    size_t end = 0;
    while (end < text.size() && end < kNameMax && is_name_byte(text[end])) ++end;
    const std::string key = to_lower_ascii(text.substr(0, end));
    for (; end > 0; --end)
      if (zones_.contains(key.substr(0, end))) return key.substr(0, end);
    return {};
  }

  bool empty() const { return zones_.empty(); }
  const std::string& folder() const { return folder_; }

 private:
  struct Entry {
    std::string name;
    std::shared_ptr<const TimeZone> zone;
  };
  static constexpr size_t kNameMax = 64;

  static bool is_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '_' || c == '-' || c == '+';
  }

  ZoneIndex() {
    const char* wanted = std::getenv("TZDIR");
    folder_ = wanted && *wanted ? wanted : "/usr/share/zoneinfo";
    std::error_code error;
    using Walk = std::filesystem::recursive_directory_iterator;
    for (Walk it(folder_, error), end; !error && it != end; it.increment(error)) {
      std::string name = it->path().lexically_relative(folder_).string();
      if (it->is_directory(error)) {
        if (name == "posix" || name == "right") it.disable_recursion_pending();
        continue;
      }
      const bool plain = std::all_of(name.begin(), name.end(), is_name_byte);
      if (!plain || name.size() > kNameMax || name[0] == '+' || (name[0] >= 'a' && name[0] <= 'z'))
        continue;
      if (zones_.size() < kZonesMax) zones_[to_lower_ascii(name)].name = name;
    }
  }

  std::shared_ptr<const TimeZone> load(const std::string& name) const {
    std::ifstream in(folder_ + "/" + name, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    auto rules = date::ZoneRules::read(bytes);
    if (!rules) return nullptr;
    return std::make_shared<RuledZone>(name, std::move(*rules));
  }

  std::string folder_;
  std::mutex mutex_;
  std::map<std::string, Entry> zones_;  // by lower-case name; the keys never change
};

bool is_utc(std::string_view name) {
  return name == "UTC" || name == "Z" || name == "GMT" || name == "UT" || name == "Etc/UTC";
}

}  // namespace

std::shared_ptr<const TimeZone> TimeZone::utc() {
  static const std::shared_ptr<const TimeZone> zone = std::make_shared<FixedZone>("UTC", 0);
  return zone;
}

std::shared_ptr<const TimeZone> TimeZone::local() {
  static const std::shared_ptr<const TimeZone> zone = [] {
    std::string name;
    if (const char* set = std::getenv("TZ")) {
      name = *set == ':' ? set + 1 : set;
    } else {
      std::error_code error;
      const std::string link = std::filesystem::read_symlink("/etc/localtime", error).string();
      const size_t at = link.find("zoneinfo/");
      if (at != link.npos) name = link.substr(at + 9);
    }
    auto found = find(name);
    return found.ok() ? std::move(found).value() : utc();
  }();
  return zone;
}

Result<std::shared_ptr<const TimeZone>> TimeZone::find(std::string_view name) {
  if (is_utc(name)) return utc();
  if (const auto offset = fixed_offset(name))
    return std::shared_ptr<const TimeZone>(std::make_shared<FixedZone>(std::string(name), *offset));
  ZoneIndex& index = ZoneIndex::instance();
  if (auto zone = index.find(name)) return zone;
  if (index.empty())
    return Error{Errc::not_found,
                 fmt::format("no time zone `{}`: there are no zone files in {} (package tzdata)",
                             escape_invalid_utf8(name), index.folder()),
                 {}};
  return Error{
      Errc::not_found, fmt::format("unknown time zone `{}`", escape_invalid_utf8(name)), {}};
}

std::shared_ptr<const TimeZone> TimeZone::find_prefix(std::string_view text, size_t& length) {
  // A stream names few zones: remembering one spares the lock.
  thread_local std::string last_name;
  thread_local std::shared_ptr<const TimeZone> last;
  std::string name = ZoneIndex::instance().find_prefix(text);
  for (const std::string_view utc_name : {"UTC", "GMT", "UT"})
    if (text.starts_with(utc_name) && utc_name.size() > name.size()) name = utc_name;
  length = name.size();
  if (name.empty()) return nullptr;
  if (!last || name != last_name) {
    auto found = find(name);
    if (!found.ok()) return nullptr;
    last = found.value();
    last_name = name;
  }
  return last;
}

std::optional<int64_t> TimeZone::to_utc_strict(int64_t local_seconds) const {
  const int64_t utc = to_utc(local_seconds);
  if (utc + offset_at(utc) != local_seconds) return std::nullopt;
  return utc;
}

}  // namespace penstock
