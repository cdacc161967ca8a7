#include "filters/geoip/fields.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "pipeline/base/text.h"

namespace penstock {
namespace {

using What = GeoField::What;

// Beside MaxMind's nested paths stand those of the flat records that DB-IP's free files have in
// the ip-location-db packages (city, country_code, state1, postcode ...).
constexpr GeoField kFields[] = {
    {"autonomous_system_number",
     "asn",
     "as.number",
     What::integer,
     {"autonomous_system_number", "traits.autonomous_system_number"}},
    {"autonomous_system_organization",
     "as_org",
     "as.organization.name",
     What::text,
     {"autonomous_system_organization", "traits.autonomous_system_organization"}},
    {"city_name", "city_name", "geo.city_name", What::text, {"city.names.en", "city"}},
    {"country_name",
     "country_name",
     "geo.country_name",
     What::text,
     {"country.names.en", "country_name"}},
    {"continent_code",
     "continent_code",
     "geo.continent_code",
     What::text,
     {"continent.code", "continent_code"}},
    {"continent_name", "continent_name", "geo.continent_name", What::text, {"continent.names.en"}},
    {"country_code2",
     "country_code2",
     "geo.country_iso_code",
     What::text,
     {"country.iso_code", "country_code"}},
    {"country_code3", "country_code3", "", What::text, {"country.iso_code", "country_code"}},
    {"domain", "domain", "domain", What::text, {"domain"}},
    {"ip", "ip", "ip", What::ip, {}},
    {"isp", "isp", "mmdb.isp", What::text, {"isp", "traits.isp"}},
    {"postal_code", "postal_code", "geo.postal_code", What::text, {"postal.code", "postcode"}},
    {"dma_code", "dma_code", "mmdb.dma_code", What::integer, {"location.metro_code"}},
    {"region_name",
     "region_name",
     "geo.region_name",
     What::text,
     {"subdivisions.-1.names.en", "state1"}},
    {"region_code", "region_code", "geo.region_code", What::text, {"subdivisions.-1.iso_code"}},
    {"region_iso_code", "region_iso_code", "geo.region_iso_code", What::region_iso_code, {}},
    {"timezone", "timezone", "geo.timezone", What::text, {"location.time_zone", "timezone"}},
    {"location", "location", "geo.location", What::location, {}},
    {"latitude", "latitude", "geo.location.lat", What::real, {"location.latitude", "latitude"}},
    {"longitude", "longitude", "geo.location.lon", What::real, {"location.longitude", "longitude"}},
    {"organization",
     "organization",
     "mmdb.organization",
     What::text,
     {"organization", "traits.organization"}},
    {"network", "network", "ip_traits.network", What::network, {}},
    {"hosting_provider",
     "hosting_provider",
     "ip_traits.hosting_provider",
     What::flag,
     {"is_hosting_provider", "traits.is_hosting_provider"}},
    {"tor_exit_node",
     "tor_exit_node",
     "ip_traits.tor_exit_node",
     What::flag,
     {"is_tor_exit_node", "traits.is_tor_exit_node"}},
    {"anonymous_vpn",
     "anonymous_vpn",
     "ip_traits.anonymous_vpn",
     What::flag,
     {"is_anonymous_vpn", "traits.is_anonymous_vpn"}},
    {"anonymous",
     "anonymous",
     "ip_traits.anonymous",
     What::flag,
     {"is_anonymous", "traits.is_anonymous"}},
    {"public_proxy",
     "public_proxy",
     "ip_traits.public_proxy",
     What::flag,
     {"is_public_proxy", "traits.is_public_proxy"}},
    {"residential_proxy",
     "residential_proxy",
     "ip_traits.residential_proxy",
     What::flag,
     {"is_residential_proxy", "traits.is_residential_proxy"}},
};

constexpr std::string_view kCity[] = {
    "ip",          "city_name", "continent_code", "country_name", "country_code2", "country_code3",
    "postal_code", "dma_code",  "region_name",    "timezone",     "location",      "latitude",
    "longitude"};
// Logstash leaves the continent's code to the city databases; who asks for its name wants both.
constexpr std::string_view kCountry[] = {"ip", "country_code2", "country_name", "continent_name",
                                         "continent_code"};
constexpr std::string_view kDomain[] = {"domain"};
constexpr std::string_view kAsn[] = {"ip", "autonomous_system_number",
                                     "autonomous_system_organization"};
constexpr std::string_view kIsp[] = {"ip", "autonomous_system_number",
                                     "autonomous_system_organization", "isp", "organization"};
constexpr std::string_view kEnterprise[] = {
    "ip",          "country_code2", "country_name", "continent_name", "region_iso_code",
    "region_name", "city_name",     "location"};
constexpr std::string_view kAnonymous[] = {"hosting_provider", "tor_exit_node",
                                           "anonymous_vpn",    "anonymous",
                                           "public_proxy",     "residential_proxy"};

std::span<const std::string_view> defaults_of(GeoKind kind) {
  switch (kind) {
    case GeoKind::country:
      return kCountry;
    case GeoKind::domain:
      return kDomain;
    case GeoKind::asn:
      return kAsn;
    case GeoKind::isp:
      return kIsp;
    case GeoKind::enterprise:
      return kEnterprise;
    case GeoKind::anonymous_ip:
      return kAnonymous;
    default:
      return kCity;
  }
}

// "geo.location.lat" as "[geo][location][lat]".
FieldRef field_ref(std::string_view dotted) {
  std::string text = "[";
  for (const char c : dotted)
    if (c == '.')
      text += "][";
    else
      text += c;
  return FieldRef::of(text + "]");
}

Value text_value(const RecordValue& value, Arena& arena) {
  if (value.kind != RecordValue::Kind::text) return Value::null();
  return Value::string(
      is_utf8(value.text) ? value.text : arena.copy(replace_invalid_utf8(value.text)),
      Value::kInert);
}

Value real_value(const RecordValue& value) {
  if (value.kind == RecordValue::Kind::real) return Value::of_real(value.real);
  if (value.kind != RecordValue::Kind::text) return Value::null();
  const auto real = parse_real(value.text);
  return real ? Value::of_real(*real) : Value::null();
}

Value made_of(What what, const RecordValue& value, Arena& arena) {
  switch (what) {
    case What::text:
      return text_value(value, arena);
    case What::integer:
      return value.kind == RecordValue::Kind::integer ? Value::of_integer(value.integer)
                                                      : Value::null();
    case What::real:
      return real_value(value);
    case What::flag:
      return value.kind == RecordValue::Kind::flag ? Value::boolean(value.integer != 0)
                                                   : Value::null();
    default:
      return Value::null();
  }
}

}  // namespace

// "81.2.69.0/24": the address with the bits behind the prefix cleared.
std::string network_of(const GeoAddress& address, unsigned prefix) {
  const bool v4 = address.socket.ss_family == AF_INET;
  uint8_t bytes[16] = {};
  if (v4)
    std::memcpy(bytes, &reinterpret_cast<const sockaddr_in*>(&address.socket)->sin_addr, 4);
  else
    std::memcpy(bytes, &reinterpret_cast<const sockaddr_in6*>(&address.socket)->sin6_addr, 16);
  // In a tree for IPv6 an IPv4 address lies 96 bits deep.
  if (v4 && prefix > 32) prefix -= std::min(prefix, 96U);
  for (unsigned bit = prefix; bit < (v4 ? 32U : 128U); ++bit)
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] & ~(0x80U >> (bit % 8)));
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(v4 ? AF_INET : AF_INET6, bytes, text, sizeof text);
  return fmt::format("{}/{}", text, prefix);
}

const GeoField* geo_field(std::string_view option) {
  const std::string lower = to_lower_ascii(option);
  for (const GeoField& field : kFields)
    if (field.option == lower) return &field;
  return nullptr;
}

std::vector<const GeoField*> geo_default_fields(GeoKind kind, bool ecs) {
  std::vector<const GeoField*> out;
  for (const std::string_view name : defaults_of(kind)) out.push_back(geo_field(name));
  // The region's code has two forms; each schema by default has one of them.
  if (kind == GeoKind::city || kind == GeoKind::other)
    out.push_back(geo_field(ecs ? "region_iso_code" : "region_code"));
  if (kind == GeoKind::other)
    for (const std::string_view name : kIsp)
      if (name != "ip") out.push_back(geo_field(name));
  return out;
}

GeoRecordMaker::GeoRecordMaker(std::span<const GeoField* const> fields, const GeoDatabase& database,
                               Ecs ecs)
    : kind_(database.kind()),
      latitude_{paths_.add("location.latitude"), paths_.add("latitude")},
      longitude_{paths_.add("location.longitude"), paths_.add("longitude")},
      country_(paths_.add("country.iso_code")),
      region_(paths_.add("subdivisions.-1.iso_code")),
      flat_country_(paths_.add("country_code")) {
  for (const GeoField* field : fields) {
    const std::string_view name = ecs == Ecs::disabled ? field->legacy : field->ecs;
    if (name.empty()) continue;
    wants_ip_ = wants_ip_ || field->what == What::ip;
    wants_network_ = wants_network_ || field->what == What::network;
    if (field->what == What::ip) continue;
    Part part{field, field_ref(name), {}};
    for (const std::string_view path : field->paths)
      if (!path.empty()) part.paths.push_back(paths_.add(path));
    parts_.push_back(std::move(part));
  }
}

Value GeoRecordMaker::coordinate(std::span<const size_t> paths, Values values) const {
  for (const size_t path : paths)
    if (values[path].kind != RecordValue::Kind::none) return real_value(values[path]);
  return Value::null();
}

Value GeoRecordMaker::location(Values values, Arena& arena) const {
  static const Name kLat("lat"), kLon("lon");
  const Value latitude = coordinate(latitude_, values), longitude = coordinate(longitude_, values);
  if (latitude.is_null() || longitude.is_null()) return Value::null();
  Value out = Value::object();
  object_set(arena, out, kLat, latitude);
  object_set(arena, out, kLon, longitude);
  return out;
}

Value GeoRecordMaker::region_iso_code(Values values, Arena& arena) const {
  const Value country = text_value(values[country_], arena),
              region = text_value(values[region_], arena);
  if (country.is_null() || region.is_null()) return Value::null();
  return Value::string(arena.copy(fmt::format("{}-{}", country.view(), region.view())),
                       Value::kInert);
}

Value GeoRecordMaker::value_of(const Part& part, Values values, std::string_view network,
                               Arena& arena) const {
  switch (part.field->what) {
    case What::network:
      return Value::string(arena.copy(network));
    case What::location:
      return location(values, arena);
    case What::region_iso_code:
      return region_iso_code(values, arena);
    default:
      break;
  }
  for (const size_t path : part.paths) {
    const Value value = made_of(part.field->what, values[path], arena);
    if (!value.is_null()) return value;
  }
  // These databases leave out what is false.
  const bool flags = kind_ == GeoKind::anonymous_ip || kind_ == GeoKind::enterprise;
  return part.field->what == What::flag && flags ? Value::boolean(false) : Value::null();
}

bool GeoRecordMaker::make(const GeoDatabase& database, uint64_t offset, std::string_view network,
                          Arena& arena, Value& out) const {
  std::array<RecordValue, RecordPaths::kPathsMax> all;
  const std::span<RecordValue> values(all.data(), paths_.size());
  // What was read of a damaged record before the damage is as good as any other.
  (void)paths_.read(database.data(), offset, values);
  // As Logstash has it: where the place isn't known nothing is. The flat files may lack it.
  if (kind_ == GeoKind::city && coordinate(latitude_, values).is_null() &&
      coordinate(longitude_, values).is_null() &&
      values[flat_country_].kind == RecordValue::Kind::none)
    return false;
  Event record(arena, nullptr);
  bool any = wants_ip_;
  for (const Part& part : parts_) {
    const Value value = value_of(part, values, network, arena);
    if (value.is_null() || (value.is_string() && value.size == 0)) continue;
    any = record.set(part.ref, value) || any;
  }
  out = record.root();
  return any;
}

}  // namespace penstock
