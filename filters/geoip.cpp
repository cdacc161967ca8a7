// Two caches per worker make a look-up cheap: one by the address, direct-mapped, and one by the
// record's place in the file, which holds the finished fields, frozen.
#include "filters/geoip.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <filesystem>
#include <optional>
#include <unordered_map>

#include "filters/geoip/fields.h"
#include "filters/support/set_field.h"
#include "pipeline/config/declare.h"
#include "pipeline/event/frozen_value.h"

namespace penstock {
namespace {

constexpr int64_t kCacheSizeMax = 1 << 20;
constexpr int64_t kCacheSizeMin = 1 << 15;            // eight bytes each
constexpr size_t kRecordBytesMax = size_t{16} << 20;  // of finished records, per worker

constexpr std::string_view kTypes[] = {"City", "ASN"};

constexpr Option kOptions[] = {
    {"source", OptionType::field, "", "The field with the address; of an array the first item.",
     true},
    {"database", OptionType::path, "",
     "The MaxMind DB file; unset, one is looked for in `geoip` under path.data, "
     "/usr/share/GeoIP and /var/lib/GeoIP."},
    {"default_database_type", OptionType::choice, "City",
     "Which kind of file is looked for when `database` is unset.", false, kTypes},
    {"target", OptionType::field, "",
     "The field to put the result under; unset, `geoip`, or under ECS the parent of `source` when "
     "that is an `[ip]` field."},
    {"fields", OptionType::strings, "[ ]",
     "Which fields to set; unset, those that go with the kind of database."},
    {"cache_size", OptionType::integer, "1000",
     "How many IPv4 addresses each worker remembers at least."},
    {"tag_on_failure", OptionType::strings, "[\"_geoip_lookup_failure\"]",
     "Tags of an event whose address is missing, is none, or isn't in the database."},
    refused("lru_cache_size", "use cache_size"),
};

struct Plan {
  FieldRef source;
  FieldRef target;
  std::vector<std::string> failure_tags;
  size_t cache_slots;
};

// Moves the members of `from` into `into`, level by level.
void merge(Arena& arena, Value& into, const Value& from) {
  for (const Member& member : from.entries()) {
    const Name name(member.name(), member.hash);
    Value* held = object_find(into, name);
    if (held && held->is_object() && member.value.is_object())
      merge(arena, *held, member.value);
    else
      object_set(arena, into, name, member.value);
  }
}

class GeoIp : public Filter {
 public:
  GeoIp(Plan plan, std::shared_ptr<const GeoDatabase> database, GeoRecordMaker maker,
        const Context& context)
      : plan_(std::move(plan)),
        database_(std::move(database)),
        maker_(std::move(maker)),
        slots_(plan_.cache_slots) {
    context.metrics->counter("failures", "Events whose address gave nothing.", {}, failures_);
    context.metrics->counter("damaged_lookups", "Lookups that met damage in the database.", {},
                             damaged_);
  }

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    // Only here, when no event views the records any more.
    if (records_arena_.bytes_reserved() > kRecordBytesMax) forget();
    uint64_t failures = 0;
    for (const Row row : rows) {
      if (locate(batch[row])) {
        matched.push_back(row);
        continue;
      }
      ++failures;
      tag_all(batch[row], plan_.failure_tags);
    }
    if (failures) failures_.add(failures);
  }

 private:
  // What is known of an IPv4 address.
  struct Slot {
    uint32_t address = 0;
    uint32_t record = kFree;  // its number in records_
  };
  static constexpr uint32_t kFree = 0, kUnknown = 1;
  // A text with an address in it.
  struct Source {
    std::string_view text;
    std::optional<uint32_t> ipv4;
    std::optional<GeoAddress> other;
  };

  bool locate(Event& event) {
    const Value* value = event.find(plan_.source);
    if (value && value->is_array()) value = value->size ? value->items : nullptr;
    if (!value || !value->is_string()) return false;
    Source source;
    source.text = value->view();
    source.ipv4 = parse_ipv4(source.text);
    if (source.ipv4 && !maker_.wants_network()) return put(event, source, known(*source.ipv4));
    if (source.text.find_first_not_of(" \t\r\n\f\v") == source.text.npos) return false;
    source.other = GeoAddress::parse(source.text);
    return put(event, source, source.other ? look_up(event, *source.other) : nullptr);
  }

  const FrozenValue* known(uint32_t ipv4) {
    Slot& slot = slots_[ipv4 * kHashFactor >> 8 & (slots_.size() - 1)];
    if (slot.address != ipv4 || slot.record == kFree) {
      GeoDatabase::Found found;
      const auto outcome = database_->find(ipv4, found);
      slot = {ipv4, found_it(outcome) ? number_of(found.offset) : kUnknown};
    }
    return records_[slot.record];
  }

  const FrozenValue* look_up(Event& event, const GeoAddress& address) {
    GeoDatabase::Found found;
    if (!found_it(database_->find(address, found))) return nullptr;
    if (!maker_.wants_network()) return records_[number_of(found.offset)];
    return make(event.arena(), found.offset, network_of(address, found.prefix));
  }

  bool found_it(GeoDatabase::Outcome outcome) {
    if (outcome == GeoDatabase::Outcome::damaged) damaged_.add();
    return outcome == GeoDatabase::Outcome::found;
  }

  uint32_t number_of(uint64_t offset) {
    const auto [at, added] = numbers_.try_emplace(offset, static_cast<uint32_t>(records_.size()));
    if (added) records_.push_back(make(records_arena_, offset, {}));
    return at->second;
  }

  const FrozenValue* make(Arena& arena, uint64_t offset, std::string_view network) {
    Value record = Value::null();
    scratch_.reset();
    if (!maker_.make(*database_, offset, network, scratch_, record)) return nullptr;
    return freezer_.freeze(arena, record);
  }

  // The target is made even when there is nothing to put in, as in Logstash.
  bool put(Event& event, const Source& source, const FrozenValue* record) {
    Arena& arena = event.arena();
    Value* target = event.find(plan_.target);
    const bool fresh = !target || target->is_null();
    if (fresh) {
      Value value = record ? record->thaw(arena) : Value::object();
      if (record && maker_.wants_ip())
        object_append(arena, value, kIp, address_value(event, source));
      return event.set(plan_.target, value) && record;
    }
    if (!record || !target->is_object()) return false;
    merge(arena, *target, record->thaw(arena));
    if (maker_.wants_ip()) object_set(arena, *target, kIp, address_value(event, source));
    return true;
  }

  static Value address_value(Event& event, const Source& source) {
    if (source.ipv4) return Value::string(source.text, Value::kClean);
    return event.string(source.other->text);
  }

  void forget() {
    numbers_.clear();
    records_.resize(kUnknown + 1);
    records_arena_.reset();
    std::fill(slots_.begin(), slots_.end(), Slot{});
  }

  static constexpr uint32_t kHashFactor = 0x9e3779b1U;
  static inline const Name kIp{"ip"};

  Plan plan_;
  std::shared_ptr<const GeoDatabase> database_;
  GeoRecordMaker maker_;
  std::vector<Slot> slots_;
  std::unordered_map<uint64_t, uint32_t> numbers_;  // of records, by place in the file
  std::vector<const FrozenValue*> records_ = {nullptr, nullptr};  // the first two are none
  Arena records_arena_;
  Freezer freezer_;
  Arena scratch_;
  Counter failures_, damaged_;
};

// --- making one ---

Result<FieldRef> target_of(const Settings& settings, Ecs ecs) {
  if (settings.is_given("target")) return settings.field("target");
  if (ecs == Ecs::disabled) return FieldRef::of("geoip");
  const std::string source = settings.field("source").text();
  constexpr std::string_view kSuffix = "[ip]";
  if (!source.ends_with(kSuffix) || source.size() == kSuffix.size())
    return settings.error("target",
                          "must be given when `source` is not an `[ip]` field, e.g. [client][ip]");
  return FieldRef::parse(source.substr(0, source.size() - kSuffix.size()));
}

Result<std::string> database_path(const Settings& settings, const Context& context) {
  if (settings.is_given("database")) return settings.string("database");
  const bool city = settings.string("default_database_type") == "City";
  const std::vector<std::string_view> names =
      city ? std::vector<std::string_view>{"GeoLite2-City.mmdb", "GeoIP2-City.mmdb", "city.mmdb",
                                           "dbip-city-lite.mmdb"}
           : std::vector<std::string_view>{"GeoLite2-ASN.mmdb", "asn.mmdb", "dbip-asn-lite.mmdb"};
  const std::string folders[] = {context.path_data + "/geoip", "/usr/share/GeoIP",
                                 "/var/lib/GeoIP"};
  for (const std::string& folder : folders)
    for (const std::string_view name : names) {
      const std::string path = fmt::format("{}/{}", folder, name);
      std::error_code error;
      if (std::filesystem::exists(path, error)) return path;
    }
  Error missing = settings.error(
      "database", fmt::format("is not given, and there is no {} (or {}) in {}, {} or {}", names[0],
                              names[2], folders[0], folders[1], folders[2]));
  missing.code = Errc::not_found;
  return missing;
}

Result<std::vector<const GeoField*>> wanted_fields(const Settings& settings, GeoKind kind,
                                                   Ecs ecs) {
  std::vector<const GeoField*> out;
  for (const std::string& name : settings.strings("fields")) {
    const GeoField* field = geo_field(name);
    if (!field)
      return settings.error("fields", fmt::format("there is no field `{}`; known are those of "
                                                  "docs/filters/geoip.md",
                                                  name));
    if (std::find(out.begin(), out.end(), field) == out.end()) out.push_back(field);
  }
  return out.empty() ? geo_default_fields(kind, ecs != Ecs::disabled) : out;
}

Result<std::unique_ptr<Filter>> make_geoip(const Settings& settings, const Context& context) {
  TRY(FieldRef target, target_of(settings, context.ecs));
  TRY(const std::string path, database_path(settings, context));
  auto database =
      context.resources->get<GeoDatabase>("geoip/" + path, [&] { return GeoDatabase::open(path); });
  if (!database.ok()) return settings.error("database", database.error().message);
  TRY(const auto fields, wanted_fields(settings, database.value()->kind(), context.ecs));
  const int64_t size =
      std::clamp<int64_t>(settings.integer("cache_size"), kCacheSizeMin, kCacheSizeMax);
  GeoRecordMaker maker(fields, *database.value(), context.ecs);
  Plan plan{settings.field("source"), std::move(target), settings.strings("tag_on_failure"),
            std::bit_ceil(static_cast<size_t>(size))};
  return std::unique_ptr<Filter>(std::make_unique<GeoIp>(
      std::move(plan), std::move(database).value(), std::move(maker), context));
}

}  // namespace

FilterPlugin geoip_filter() {
  return {{"geoip", "Adds what a MaxMind DB file knows about an IP address.", kOptions,
           "No database is downloaded or expires. A Country database gives continent_code by "
           "default as well as continent_name."},
          make_geoip};
}

}  // namespace penstock
