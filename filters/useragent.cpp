// Field names and the making of the version texts are those of logstash-filter-useragent
// (useragent.rb). A user agent is taken apart once; its finished fields are kept by the text, so
// that the next event with it costs a hash, a comparison and one copy of the containers.
#include "filters/useragent.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <filesystem>

#include "filters/useragent/rules.h"
#include "pipeline/base/text.h"
#include "pipeline/event/frozen_value.h"

namespace penstock {
namespace {

constexpr int64_t kCacheEntriesMax = 1 << 20;
constexpr size_t kCacheBytesMax = size_t{32} << 20;  // per worker
constexpr size_t kSlotsFirst = 256;

constexpr Option kOptions[] = {
    {"source", OptionType::field, "", "The field with the user agent; of an array the first item.",
     true},
    {"target", OptionType::field, "",
     "The field to put the result under; unset, the event itself, or under ECS `user_agent`."},
    {"regexes", OptionType::path, "",
     "uap-core's regexes.yaml, or one like it; unset, it is looked for in `useragent` under "
     "path.data, in /usr/share/uap-core and in share/penstock beside the program's folder."},
    {"prefix", OptionType::string, "", "What the names of all fields begin with; not under ECS."},
    {"lru_cache_size", OptionType::integer, "100000",
     "How many user agents each worker remembers, within 32 MB."},
};

uint64_t hash_text(std::string_view text) {
  constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15U;
  uint64_t hash = text.size() * kMultiplier;
  const char* at = text.data();
  for (size_t left = text.size(); left > 0;) {
    uint64_t word = 0;
    const size_t bytes = std::min<size_t>(left, 8);
    if (bytes == 8)
      std::memcpy(&word, at, 8);
    else
      std::memcpy(&word, at, bytes);
    hash = std::rotl(hash ^ word, 27) * kMultiplier;
    at += bytes;
    left -= bytes;
  }
  return hash ^ (hash >> 32);
}

// The fields that are set, by what they hold; those of a schema that has no place for one are
// unset.
struct Names {
  FieldRef name, device, version, os_name, os_version, os_full;
  FieldRef major, minor, patch, os_major, os_minor, os_patch;
  std::optional<FieldRef> os;  // the older name of os_name
};

Names legacy_names(const std::string& target, const std::string& prefix) {
  const auto at = [&](std::string_view name) {
    return FieldRef::of(fmt::format("{}[{}{}]", target, prefix, name));
  };
  return {at("name"),     at("device"),   at("version"), at("os_name"), at("os_version"),
          at("os_full"),  at("major"),    at("minor"),   at("patch"),   at("os_major"),
          at("os_minor"), at("os_patch"), at("os")};
}

Names ecs_names(const std::string& target) {
  const auto at = [&](std::string_view name) { return FieldRef::of(target + std::string(name)); };
  const auto part = [](std::string_view name) {
    return FieldRef::of("[@metadata][filter][user_agent]" + std::string(name));
  };
  return {at("[name]"),
          at("[device][name]"),
          at("[version]"),
          at("[os][name]"),
          at("[os][version]"),
          at("[os][full]"),
          part("[version][major]"),
          part("[version][minor]"),
          part("[version][patch]"),
          part("[os][version][major]"),
          part("[os][version][minor]"),
          part("[os][version][patch]"),
          std::nullopt};
}

// "123", but not "0123" or "1a": what Ruby's to_i.to_s leaves unchanged.
bool is_plain_integer(std::string_view text) {
  const auto number = parse_integer(text);
  return number && std::to_string(*number) == text;
}

// Rules give three parts of a version at most; a fourth is read from the text behind them, when
// it goes on with ".digits ".
std::string with_build(std::string version, std::string_view text) {
  const size_t at = text.find(version);
  const size_t end = at + version.size();
  if (at == text.npos || end >= text.size() || text[end] != '.') return version;
  const size_t space = text.find(' ', end + 1);
  if (space == text.npos) return version;
  const std::string_view build = text.substr(end + 1, space - end - 1);
  return is_plain_integer(build) ? fmt::format("{}.{}", version, build) : version;
}

std::string agent_version(const UserAgentVersion& agent, std::string_view text) {
  std::string out = *agent.major;
  if (!agent.minor) return out;
  out += "." + *agent.minor;
  if (!agent.patch) return out;
  out += "." + *agent.patch;
  return agent.patch_minor ? out + "." + *agent.patch_minor : with_build(std::move(out), text);
}

std::string os_version(const UserAgentVersion& os) {
  std::string out = *os.major;
  if (!os.minor) return out;
  out += (is_plain_integer(*os.major) ? "." : " ") + *os.minor;  // "10.4", "Vista SP1"
  if (!os.patch) return out;
  out += "." + *os.patch;
  return os.patch_minor ? out + "." + *os.patch_minor : out;
}

// Words and versions ("Safari", "117.0.5938", "Mac OS X 10.15"): too little to hide anything in, so
// that neither personal data nor an attack need be looked for. The user agent itself is looked at
// as it is.
bool is_word(std::string_view text) {
  constexpr size_t kWordBytesMax = 15;
  const auto letter = [](char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; };
  return text.size() <= kWordBytesMax && std::all_of(text.begin(), text.end(), letter);
}

bool is_version(std::string_view text) {
  constexpr size_t kVersionBytesMax = 19, kPartDigitsMax = 4;
  if (text.size() > kVersionBytesMax) return false;
  size_t digits = 0;
  for (const char c : text) {
    digits = c == '.' ? 0 : digits + 1;
    if ((c != '.' && (c < '0' || c > '9')) || digits > kPartDigitsMax) return false;
  }
  return true;
}

// At most one version, so that no longer number is written in parts.
bool is_inert(std::string_view text) {
  constexpr size_t kPartsMax = 4;
  size_t versions = 0;
  for (size_t parts = 0; parts < kPartsMax; ++parts) {
    const size_t blank = std::min(text.find(' '), text.size());
    const std::string_view part = text.substr(0, blank);
    if (!is_word(part) && (!is_version(part) || ++versions > 1)) return false;
    if (blank == text.size()) return true;
    text.remove_prefix(blank + 1);
  }
  return false;
}

Value text_value(const Event& event, const std::string& text) {
  Value value = event.string(text);
  if (is_inert(text)) value.flags |= Value::kInert | Value::kClean;
  return value;
}

// Finished fields: what goes into the event and into its metadata.
struct Record {
  const FrozenValue* root;
  const FrozenValue* metadata;  // nullptr: nothing
};

class RecordMaker {
 public:
  RecordMaker(Names names) : names_(std::move(names)) {}

  Record make(const UserAgent& agent, std::string_view text, Arena& arena) {
    scratch_.reset();
    Event event(scratch_, nullptr);
    const auto set = [&](const FieldRef& field, const std::optional<std::string>& value) {
      if (value) (void)event.set(field, text_value(event, *value));
    };
    set(names_.name, agent.agent.family);
    set(names_.device, agent.device);
    set(names_.major, agent.agent.major);
    set(names_.minor, agent.agent.minor);
    set(names_.patch, agent.agent.patch);
    if (agent.agent.major) set(names_.version, agent_version(agent.agent, text));
    set(names_.os_major, agent.os.major);
    set(names_.os_minor, agent.os.minor);
    set(names_.os_patch, agent.os.patch);
    std::string full = agent.os.family;
    if (agent.os.major) {
      const std::string version = os_version(agent.os);
      set(names_.os_version, version);
      full += " " + version;
    }
    set(names_.os_name, agent.os.family);
    if (names_.os) set(*names_.os, agent.os.family);
    set(names_.os_full, full);
    return {freezer_.freeze(arena, event.root()),
            event.metadata().size ? freezer_.freeze(arena, event.metadata()) : nullptr};
  }

 private:
  Names names_;
  Freezer freezer_;
  Arena scratch_;
};

// Moves the members of `from` into `into`, level by level. False: a scalar is in the way.
bool merge(Arena& arena, Value& into, const Value& from) {
  for (const Member& member : from.entries()) {
    const Name name(member.name(), member.hash);
    Value* held = object_find(into, name);
    if (held && !held->is_null() && member.value.is_object()) {
      if (!held->is_object() || !merge(arena, *held, member.value)) return false;
    } else {
      object_set(arena, into, name, member.value);
    }
  }
  return true;
}

// User agents by their text: open addressing, never more than half full. Entries live until
// clear(), which the owner calls when no event views them.
class Cache {
 public:
  explicit Cache(size_t entries_max) : entries_max_(entries_max), slots_(kSlotsFirst) {}

  const Record* find(std::string_view text, uint64_t hash) const {
    for (size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[i];
      if (!slot.entry) return nullptr;
      if (slot.hash == hash && slot.entry->text == text) return &slot.entry->record;
    }
  }

  Arena& arena() { return arena_; }

  // `record` was made in arena(). REQUIRES: the text isn't there yet.
  const Record* add(std::string_view text, uint64_t hash, const Record& record) {
    if ((count_ + 1) * 2 > slots_.size()) grow();
    auto* entry = arena_.allocate_array<Entry>(1);
    new (entry) Entry{arena_.copy(text), record};
    place({hash, entry});
    ++count_;
    return &entry->record;
  }

  bool full() const { return count_ >= entries_max_ || arena_.bytes_reserved() > kCacheBytesMax; }

  void clear() {
    slots_.assign(kSlotsFirst, {});
    count_ = 0;
    arena_.reset();
  }

 private:
  struct Entry {
    std::string_view text;
    Record record;
  };
  struct Slot {
    uint64_t hash = 0;
    const Entry* entry = nullptr;
  };

  void place(const Slot& added) {
    size_t i = added.hash & (slots_.size() - 1);
    while (slots_[i].entry) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = added;
  }

  void grow() {
    std::vector<Slot> before(slots_.size() * 2);
    before.swap(slots_);
    for (const Slot& slot : before)
      if (slot.entry) place(slot);
  }

  size_t entries_max_;
  std::vector<Slot> slots_;
  size_t count_ = 0;
  Arena arena_;
};

class UserAgentFilter : public Filter {
 public:
  UserAgentFilter(FieldRef source, bool replace_source, Names names,
                  std::shared_ptr<const UserAgentRules> rules, size_t cache_size,
                  const Context& context)
      : source_(std::move(source)),
        replace_source_(replace_source),
        rules_(std::move(rules)),
        maker_(std::move(names)),
        cache_(cache_size) {
    context.metrics->counter("cache_misses", "User agents that had to be taken apart.", {},
                             misses_);
  }

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    if (cache_.full()) cache_.clear();  // only here, when no event views it any more
    for (const Row row : rows)
      if (describe(batch[row])) matched.push_back(row);
  }

 private:
  bool describe(Event& event) {
    const Value* source = event.find(source_);
    if (source && source->is_array()) source = source->size ? source->items : nullptr;
    if (!source || !source->is_string() || source->size == 0) return false;
    const Record& record = record_of(source->view());
    if (replace_source_) event.erase(source_);
    Arena& arena = event.arena();
    if (record.metadata && !merge(arena, event.metadata(), record.metadata->thaw(arena)))
      return false;
    return merge(arena, event.root(), record.root->thaw(arena));
  }

  const Record& record_of(std::string_view text) {
    text = UserAgentRules::looked_at(text);
    const uint64_t hash = hash_text(text);
    if (const Record* known = cache_.find(text, hash)) return *known;
    misses_.add();
    const UserAgent agent = rules_->match(text, match_);
    return *cache_.add(text, hash, maker_.make(agent, text, cache_.arena()));
  }

  FieldRef source_;
  bool replace_source_;
  std::shared_ptr<const UserAgentRules> rules_;
  RecordMaker maker_;
  Cache cache_;
  Regex::Match match_;
  Counter misses_;
};

// --- making one ---

Result<std::string> rules_path(const Settings& settings, const Context& context) {
  if (settings.is_given("regexes")) return settings.string("regexes");
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string paths[] = {
      context.path_data + "/useragent/regexes.yaml", "/usr/share/uap-core/regexes.yaml",
      (program.parent_path().parent_path() / "share/penstock/regexes.yaml").string()};
  for (const std::string& path : paths)
    if (std::filesystem::exists(path, error)) return path;
  return settings.error("regexes",
                        fmt::format("is not given, and there is no {}, {} or {} (Debian's package "
                                    "uap-core has the file)",
                                    paths[0], paths[1], paths[2]));
}

Result<std::unique_ptr<Filter>> make_useragent(const Settings& settings, const Context& context) {
  TRY(const std::string path, rules_path(settings, context));
  auto rules = context.resources->get<UserAgentRules>("useragent/" + path,
                                                      [&] { return UserAgentRules::load(path); });
  if (!rules.ok()) return settings.error("regexes", rules.error().message);
  const bool ecs = context.ecs != Ecs::disabled;
  const bool given = settings.is_given("target");
  const std::string target = given ? settings.field("target").text() : ecs ? "[user_agent]" : "";
  const std::string prefix = settings.string("prefix");
  if (prefix.find_first_of("[]") != prefix.npos)
    return settings.error("prefix", "may not have brackets");
  FieldRef source = settings.field("source");
  const bool replace = given && source == settings.field("target");
  const int64_t size = std::clamp<int64_t>(settings.integer("lru_cache_size"), 1, kCacheEntriesMax);
  return std::unique_ptr<Filter>(std::make_unique<UserAgentFilter>(
      std::move(source), replace, ecs ? ecs_names(target) : legacy_names(target, prefix),
      std::move(rules).value(), static_cast<size_t>(size), context));
}

}  // namespace

FilterPlugin useragent_filter() {
  return {{"useragent", "Takes browser, operating system and device out of a user agent.", kOptions,
           "The rules are those of the uap-core that is installed."},
          make_useragent};
}

}  // namespace penstock
