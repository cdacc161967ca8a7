// When the clocks of a place changed, and will: a TZif file (RFC 8536) as tables. The reader takes
// any bytes. For pipeline/event and filters/date. Immutable, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::date {

class ZoneRules {
 public:
  struct Type {
    int32_t offset = 0;  // seconds east of UTC
    std::string name;
  };

  // Empty when the bytes aren't a well-formed TZif file of version 2 or later.
  static std::optional<ZoneRules> read(std::string_view bytes);

  const Type& at(int64_t utc_seconds) const;
  // The offset that holds at a local time; of two the earlier one's. In a gap: the one after it.
  int32_t offset_of_local(int64_t local_seconds) const;

 private:
  struct Rule;
  bool read_tables(std::string_view data, uint32_t times, uint32_t types, uint32_t characters);
  bool read_footer(std::string_view text);
  void extend(const Rule& rule);
  void index_local();

  std::vector<int64_t> at_;        // when a type begins, ascending
  std::vector<int64_t> local_at_;  // the same on the clock that ran until then
  std::vector<uint16_t> type_;
  std::vector<Type> types_;
  bool repeats_ = false;  // the calendar repeats after 400 years, and so does a rule
};

}  // namespace penstock::date
