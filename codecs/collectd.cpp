#include "codecs/collectd.h"

#include <bit>
#include <cmath>

#include "codecs/collectd/packet.h"
#include "codecs/collectd/security.h"
#include "codecs/collectd/types.h"
#include "codecs/document_events.h"

namespace penstock {
namespace {

using collectd::PartType;

constexpr std::string_view kLevels[] = {"None", "Sign", "Encrypt"};
constexpr std::string_view kNanHandling[] = {"change_value", "warn", "drop"};

constexpr Option kOptions[] = {
    {.name = "typesdb",
     .type = OptionType::strings,
     .fallback = "",
     .doc = "Files in the format of collectd's types.db, with the names of a type's values.",
     .differs = "Unset, the types that collectd's own plugins send with several values are known; "
                "Logstash has a whole types.db built in."},
    {"prune_intervals", OptionType::boolean, "true", "Whether intervals make no event."},
    {.name = "security_level",
     .type = OptionType::choice,
     .fallback = "None",
     .doc = "Sign: packets must be signed or encrypted; Encrypt: they must be encrypted.",
     .choices = kLevels,
     .differs = "With Sign, packets without a signature are dropped; Logstash takes them."},
    {"nan_handling", OptionType::choice, "change_value",
     "Whether a gauge that is no number becomes `nan_value`, or the rest of the packet is dropped.",
     false, kNanHandling},
    {"nan_value", OptionType::number, "0", "What a gauge that is no number becomes."},
    {"nan_tag", OptionType::string, "_collectdNaN", "Tag of events with such a gauge."},
    {.name = "authfile",
     .type = OptionType::path,
     .fallback = "",
     .doc = "The file with users and passwords, \"name: password\" a line.",
     .differs = "Read at start; Logstash reads it again when it changes."},
    kTargetOption,
};

enum class Security : uint8_t { none, sign, encrypt };

struct CollectdOptions {
  collectd::Types types;
  collectd::Users users;
  Security security = Security::none;
  bool prune_intervals = true;
  bool drop_nan = false;
  Value nan_value;
  std::string nan_tag;
};

// What parts set before the values come, in the order of the fields of an event.
struct State {
  Value host, time, plugin, plugin_instance, type, type_instance;  // null: not set
};

class CollectdDecoder : public Decoder {
 public:
  CollectdDecoder(CollectdOptions options, std::optional<FieldRef> target, const Context& context)
      : options_(std::move(options)), events_(std::move(target), "", context) {
    if (!context.metrics) return;
    context.metrics->counter("packets_refused", "Packets not signed or encrypted as they must be.",
                             {}, refused_);
    context.metrics->counter("packets_malformed", "Packets whose end could not be read.", {},
                             malformed_);
  }

  void decode(std::string_view record, Batch& out) override {
    state_ = State();
    protected_ = options_.security == Security::none;
    std::string_view packet = record;
    while (!packet.empty()) {
      const auto part = collectd::take_part(packet);
      if (!part) return malformed_.add();
      if (part->type == PartType::signature) {
        if (!accept_signature(part->body, packet)) return refused_.add();
      } else if (part->type == PartType::encryption) {
        const auto plain = collectd::decrypted(options_.users, part->body, out.arena());
        if (!plain) return refused_.add();
        packet = *plain;
        protected_ = true;
      } else if (!protected_) {
        return refused_.add();
      } else if (!take(*part, out)) {
        return malformed_.add();
      }
    }
  }

 private:
  bool accept_signature(std::string_view body, std::string_view rest) {
    if (options_.security == Security::none) return true;
    if (!collectd::is_signed(options_.users, body, rest)) return false;
    protected_ |= options_.security == Security::sign;
    return true;
  }

  bool take(const collectd::Part& part, Batch& out) {
    switch (part.type) {
      case PartType::host:
        return set_text(state_.host, part.body, out);
      case PartType::plugin:
        return set_text(state_.plugin, part.body, out);
      case PartType::plugin_instance:
        return set_text(state_.plugin_instance, part.body, out);
      case PartType::type:
        return set_text(state_.type, part.body, out);
      case PartType::type_instance:
        return set_text(state_.type_instance, part.body, out);
      case PartType::time:
      case PartType::time_high:
        return set_time(part);
      case PartType::interval:
      case PartType::interval_high:
        return take_interval(part, out);
      case PartType::values:
        return take_values(part.body, out);
      case PartType::severity:
        if (part.body.size() != 8) return false;
        severity_ = Value::of_integer(static_cast<int64_t>(collectd::big_endian(part.body)));
        return true;
      case PartType::message:
        return take_message(part.body, out);
      default:
        return true;  // a part of a type that nobody knows is passed over
    }
  }

  // Texts end with a null byte.
  static std::string_view text_of(std::string_view body, Batch& out) {
    if (!body.empty()) body.remove_suffix(1);
    return Charset::well_formed(body, out.arena());
  }

  static bool set_text(Value& field, std::string_view body, Batch& out) {
    field = Value::string(text_of(body, out));
    return true;
  }

  // Seconds; or, high, in units of 2^-30 seconds.
  bool set_time(const collectd::Part& part) {
    if (part.body.size() != 8) return false;
    const uint64_t time = collectd::big_endian(part.body);
    if (part.type == PartType::time) {
      state_.time = Value::timestamp({static_cast<int64_t>(time & INT32_MAX), 0});
    } else {
      const uint64_t part_of_second = time & ((uint64_t{1} << 30) - 1);
      state_.time = Value::timestamp({static_cast<int64_t>(time >> 30),
                                      static_cast<uint32_t>(part_of_second * 1'000'000'000 >> 30)});
    }
    return true;
  }

  bool take_interval(const collectd::Part& part, Batch& out) {
    if (part.body.size() != 8) return false;
    if (options_.prune_intervals) return true;
    const uint64_t interval = collectd::big_endian(part.body);
    Value document = begin(out);
    const uint64_t seconds = part.type == PartType::interval ? interval : interval >> 30;
    set(document, "interval", Value::of_integer(static_cast<int64_t>(seconds)), out);
    return add(document, false, out);
  }

  bool take_message(std::string_view body, Batch& out) {
    Value document = begin(out);
    if (!severity_.is_null()) set(document, "severity", severity_, out);
    severity_ = Value::null();
    set(document, "message", Value::string(text_of(body, out)), out);
    return add(document, false, out);
  }

  bool take_values(std::string_view body, Batch& out) {
    const auto values = collectd::values_of(body);
    if (!values) return false;
    Value document = begin(out);
    bool had_nan = false;
    const auto* names = state_.type.is_string() ? options_.types.find(state_.type.view()) : nullptr;
    Value rest = Value::array();
    for (size_t i = 0; i < values->size(); ++i) {
      bool is_nan = false;
      const Value value = value_of(values->kinds[i], values->number(i), is_nan);
      if (is_nan && options_.drop_nan) return false;
      had_nan |= is_nan;
      if (values->size() == 1)
        set(document, "value", value, out);
      else if (names && i < names->size())
        set(document, (*names)[i], value, out);
      else
        array_append(out.arena(), rest, value);
    }
    if (rest.size > 0) set(document, "values", rest, out);
    return add(document, had_nan, out);
  }

  Value value_of(char kind, std::string_view number, bool& is_nan) const {
    const uint64_t bits = collectd::big_endian(number);
    if (static_cast<collectd::ValueKind>(kind) != collectd::ValueKind::gauge)
      return Value::of_integer(static_cast<int64_t>(bits));
    const double real = std::bit_cast<double>(__builtin_bswap64(bits));  // little-endian
    is_nan = std::isnan(real);
    return is_nan ? options_.nan_value : Value::of_real(real);
  }

  // A document with the state in it.
  Value begin(Batch& out) const {
    Value document = Value::object();
    object_reserve(out.arena(), document, kFields);
    const auto put = [&](std::string_view name, const Value& value, bool blank_too) {
      if (value.is_null() || (!blank_too && value.size == 0)) return;
      set(document, name, value, out);
    };
    put("host", state_.host, true);
    put("@timestamp", state_.time, true);
    put("plugin", state_.plugin, true);
    put("plugin_instance", state_.plugin_instance, false);
    put("collectd_type", state_.type, true);
    put("type_instance", state_.type_instance, false);
    return document;
  }

  static void set(Value& document, std::string_view name, const Value& value, Batch& out) {
    object_set(out.arena(), document, Name(name), value);
  }

  bool add(const Value& document, bool had_nan, Batch& out) {
    Event* event = events_.add(document, out);
    if (event && had_nan) event->tag(options_.nan_tag);
    return event != nullptr;
  }

  static constexpr uint32_t kFields = 16;
  CollectdOptions options_;
  DocumentEvents events_;
  State state_;
  Value severity_;
  bool protected_ = false;  // signed or encrypted as the option asks for
  Counter refused_, malformed_;
};

Result<std::unique_ptr<Decoder>> make_decoder(const Settings& settings, const Context& context) {
  CollectdOptions options;
  options.types = collectd::Types::known();
  if (settings.has("typesdb")) {
    auto types = collectd::Types::read(settings.strings("typesdb"));
    if (!types.ok()) return settings.error("typesdb", types.error().message);
    options.types = std::move(types).value();
  }
  const std::string level = settings.string("security_level");
  options.security = level == "Sign"      ? Security::sign
                     : level == "Encrypt" ? Security::encrypt
                                          : Security::none;
  if (options.security != Security::none && !settings.has("authfile"))
    return settings.error("security_level", "needs the option authfile");
  if (settings.has("authfile")) {
    auto users = collectd::read_users(settings.string("authfile"));
    if (!users.ok()) return settings.error("authfile", users.error().message);
    options.users = std::move(users).value();
  }
  options.prune_intervals = settings.boolean("prune_intervals");
  options.drop_nan = settings.string("nan_handling") == "drop";
  const double nan_value = settings.number("nan_value");
  const bool whole = std::trunc(nan_value) == nan_value && std::abs(nan_value) < 1e15;
  options.nan_value =
      whole ? Value::of_integer(static_cast<int64_t>(nan_value)) : Value::of_real(nan_value);
  options.nan_tag = settings.string("nan_tag");
  return std::unique_ptr<Decoder>(
      std::make_unique<CollectdDecoder>(std::move(options), target_of(settings), context));
}

}  // namespace

CodecPlugin collectd_codec() {
  return {{.name = "collectd",
           .summary = "Packets of collectd's network plugin.",
           .options = kOptions,
           .differs = "Several values of a type whose names aren't known become the array "
                      "`values`; Logstash logs and leaves them out."},
          nullptr,
          make_decoder};
}

}  // namespace penstock
