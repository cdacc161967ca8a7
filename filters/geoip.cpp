// Two caches per worker make a lookup cheap: one by the address's text, direct-mapped, and one by
// the record's place in the file, which holds the finished fields. Their text views the mapped
// file, so an event costs one copy of the containers.
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

namespace penstock {
namespace {

constexpr int64_t kCacheSizeMax = 1 << 20;
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
    {"cache_size", OptionType::integer, "1000", "How many addresses each worker remembers."},
    {"tag_on_failure", OptionType::strings, "[\"_geoip_lookup_failure\"]",
     "Tags of an event whose address is missing, is none, or isn't in the database."},
};

struct Plan {
  FieldRef source;
  FieldRef target;
  std::vector<std::string> failure_tags;
  size_t cache_slots;
};

// Puts the members of `from` into `into`, level by level.
void merge(Arena& arena, Value& into, const Value& from) {
  for (const Member& member : from.entries()) {
    const Name name(member.name(), member.hash);
    Value* held = object_find(into, name);
    if (held && held->is_object() && member.value.is_object())
      merge(arena, *held, member.value);
    else
      object_set(arena, into, name, deep_copy(arena, member.value));
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
  struct Slot {
    std::array<char, 46> text;
    uint8_t size = 0;
    bool written_alike = false;     // the address's own form is the text
    const Value* record = nullptr;  // null: nothing is known of it
  };
  static_assert(sizeof(Slot) == 56);

  bool locate(Event& event) {
    const Value* source = event.find(plan_.source);
    if (source && source->is_array()) source = source->size ? source->items : nullptr;
    if (!source || !source->is_string()) return false;
    const std::string_view text = source->view();
    if (text.find_first_not_of(" \t\r\n\f\v") == text.npos) return false;
    if (const Slot* slot = cached(text)) return put(event, text, *slot);
    return look_up(event, text);
  }

  const Slot* cached(std::string_view text) const {
    if (text.size() > std::tuple_size_v<decltype(Slot::text)>) return nullptr;
    const Slot& slot = slots_[hash_name(text) & (slots_.size() - 1)];
    const bool hit =
        slot.size == text.size() && std::memcmp(slot.text.data(), text.data(), text.size()) == 0;
    return hit ? &slot : nullptr;
  }

  bool look_up(Event& event, std::string_view text) {
    Slot slot;
    const auto address = GeoAddress::parse(text);
    if (address) {
      slot.record = record_of(event, *address);
      slot.written_alike = address->text == text;
    }
    const bool keep = text.size() <= slot.text.size() && !maker_.wants_network();
    if (keep) {
      slot.size = static_cast<uint8_t>(text.size());
      std::memcpy(slot.text.data(), text.data(), text.size());
      slots_[hash_name(text) & (slots_.size() - 1)] = slot;
    }
    return put(event, text, slot);
  }

  const Value* record_of(Event& event, const GeoAddress& address) {
    GeoDatabase::Found found{};
    switch (database_->find(address, found)) {
      case GeoDatabase::Outcome::not_found:
        return nullptr;
      case GeoDatabase::Outcome::damaged:
        damaged_.add();
        return nullptr;
      case GeoDatabase::Outcome::found:
        break;
    }
    if (maker_.wants_network()) return made_in(event.arena(), found, address);
    const auto known = records_.find(found.entry.offset);
    if (known != records_.end()) return known->second;
    const Value* made = made_in(records_arena_, found, address);
    records_.emplace(found.entry.offset, made);
    return made;
  }

  const Value* made_in(Arena& arena, const GeoDatabase::Found& found, const GeoAddress& address) {
    Value record = Value::null();
    if (!maker_.make(found, address, arena, record)) return nullptr;
    auto* kept = arena.allocate_array<Value>(1);
    *kept = record;
    return kept;
  }

  // The target is made even when there is nothing to put in, as in Logstash.
  bool put(Event& event, std::string_view text, const Slot& slot) {
    Arena& arena = event.arena();
    Value* target = event.find(plan_.target);
    const bool fresh = !target || target->is_null();
    if (fresh) {
      if (!event.set(plan_.target, slot.record ? deep_copy(arena, *slot.record) : Value::object()))
        return false;
      target = event.find(plan_.target);
    }
    if (!slot.record || !target || !target->is_object()) return false;
    if (!fresh) merge(arena, *target, *slot.record);
    if (maker_.wants_ip()) object_set(arena, *target, kIp, address_value(event, text, slot));
    return true;
  }

  static Value address_value(Event& event, std::string_view text, const Slot& slot) {
    if (slot.written_alike) return Value::string(text, Value::kClean);
    const auto address = GeoAddress::parse(text);
    return event.string(address ? address->text : std::string(text));
  }

  void forget() {
    records_.clear();
    records_arena_.reset();
    std::fill(slots_.begin(), slots_.end(), Slot{});
  }

  static inline const Name kIp{"ip"};

  Plan plan_;
  std::shared_ptr<const GeoDatabase> database_;
  GeoRecordMaker maker_;
  std::vector<Slot> slots_;
  std::unordered_map<uint32_t, const Value*> records_;  // by place in the file
  Arena records_arena_;
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
  return settings.error(
      "database", fmt::format("is not given, and there is no {} (or {}) in {}, {} or {}", names[0],
                              names[2], folders[0], folders[1], folders[2]));
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
  const int64_t size = std::clamp<int64_t>(settings.integer("cache_size"), 1, kCacheSizeMax);
  GeoRecordMaker maker(fields, *database.value(), context.ecs);
  Plan plan{settings.field("source"), std::move(target), settings.strings("tag_on_failure"),
            std::bit_ceil(static_cast<size_t>(size))};
  return std::unique_ptr<Filter>(std::make_unique<GeoIp>(
      std::move(plan), std::move(database).value(), std::move(maker), context));
}

}  // namespace

FilterPlugin geoip_filter() {
  return {{"geoip", "Adds what a MaxMind DB file knows about an IP address.", kOptions},
          make_geoip};
}

}  // namespace penstock
