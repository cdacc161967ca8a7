// The bytes of a MaxMind DB file: opening it and looking up must end, without a crash. The library
// reads files only, so they go through one in memory.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <vector>

#include "filters/geoip/fields.h"

// libmaxminddb 1.7 forgets its list of descriptions when a file's metadata is damaged in the middle
// of it: a few kB at an open that fails.
extern "C" const char* __lsan_default_suppressions() { return "leak:libmaxminddb"; }

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  const int file = memfd_create("geoip", 0);
  if (file < 0) return 0;
  if (write(file, data, size) == static_cast<ssize_t>(size)) {
    const auto database = GeoDatabase::open("/proc/self/fd/" + std::to_string(file));
    if (database.ok()) {
      const auto fields = geo_default_fields(database.value()->kind(), true);
      const GeoRecordMaker maker(fields, *database.value(), Ecs::v8);
      for (const std::string_view text :
           {"81.2.69.142", "203.0.113.7", "1.128.0.1", "255.255.255.255", "2001:218::1", "::"}) {
        const auto address = GeoAddress::parse(text);
        GeoDatabase::Found found{};
        Arena arena;
        Value record;
        if (address && database.value()->find(*address, found) == GeoDatabase::Outcome::found)
          (void)maker.make(*database.value(), found.offset, "", arena, record);
        const auto ipv4 = parse_ipv4(text);
        if (ipv4 && database.value()->find(*ipv4, found) == GeoDatabase::Outcome::found)
          (void)maker.make(*database.value(), found.offset, "", arena, record);
      }
    }
  }
  close(file);
  return 0;
}
