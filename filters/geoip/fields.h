// The fields that the geoip filter can set: their names in the two schemas, and where a database
// keeps them. Facts of logstash-filter-geoip (Field.java, GeoIPFilter.java) and of the GeoIP2 and
// DB-IP data formats. Immutable, thread-safe.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "filters/geoip/database.h"
#include "filters/geoip/record.h"
#include "pipeline/event/event.h"
#include "pipeline/plugin/context.h"

namespace penstock {

struct GeoField {
  enum class What : uint8_t { text, integer, real, flag, ip, network, location, region_iso_code };
  std::string_view option;  // as `fields` names it
  std::string_view legacy;  // field name; the ECS name's dots are levels
  std::string_view ecs;     // "": has no place in ECS
  What what;
  // Paths into a record, levels divided by dots; the first that leads anywhere holds.
  std::string_view paths[3];
};

// nullptr when there is no such field.
const GeoField* geo_field(std::string_view option);
std::vector<const GeoField*> geo_default_fields(GeoKind kind, bool ecs);

// Makes a record's fields, all but the address itself, into an object.
class GeoRecordMaker {
 public:
  GeoRecordMaker(std::span<const GeoField* const> fields, const GeoDatabase& database, Ecs ecs);

  // False: the record is empty, or the file is damaged there. Text views the database or lies in
  // the arena. `network`: the address's, where wants_network(); else "".
  bool make(const GeoDatabase& database, uint64_t offset, std::string_view network, Arena& arena,
            Value& out) const;

  bool wants_ip() const { return wants_ip_; }
  bool wants_network() const { return wants_network_; }  // records differ by network then

 private:
  struct Part {
    const GeoField* field;
    FieldRef ref;
    std::vector<size_t> paths;  // in paths_, in order of preference
  };
  using Values = std::span<const RecordValue>;
  Value value_of(const Part& part, Values values, std::string_view network, Arena& arena) const;
  Value coordinate(std::span<const size_t> paths, Values values) const;
  Value location(Values values, Arena& arena) const;
  Value region_iso_code(Values values, Arena& arena) const;

  GeoKind kind_;
  bool wants_ip_ = false, wants_network_ = false;
  std::vector<Part> parts_;
  RecordPaths paths_;
  size_t latitude_[2], longitude_[2], country_, region_, flat_country_;
};

// "81.2.69.0/24": the address with the bits behind the prefix cleared.
std::string network_of(const GeoAddress& address, unsigned prefix);

}  // namespace penstock
