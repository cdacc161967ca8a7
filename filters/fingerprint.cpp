#include "filters/fingerprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "filters/fingerprint/canonical.h"
#include "filters/fingerprint/method.h"
#include "filters/support/prepared_field.h"
#include "pipeline/base/regex.h"
#include "pipeline/event/ruby_numbers.h"

namespace penstock {
namespace {

constexpr std::string_view kMethods[] = {"SHA1", "SHA256",     "SHA384",      "SHA512",
                                         "MD5",  "MURMUR3",    "MURMUR3_128", "IPV4_NETWORK",
                                         "UUID", "PUNCTUATION"};

constexpr Option kOptions[] = {
    {"source", OptionType::strings, "[\"message\"]",
     "The fields to make a fingerprint of. Of several, without concatenation, the last one "
     "counts."},
    {"target", OptionType::field, "",
     "The field that takes the fingerprint. Unset: `fingerprint`, with ECS `[event][hash]`."},
    {"method", OptionType::choice, "SHA1",
     "SHA1, SHA256, SHA384, SHA512, MD5 (keyed with `key`), MURMUR3, MURMUR3_128, IPV4_NETWORK, "
     "UUID (random), PUNCTUATION (all that is no letter, digit or white space).",
     false, kMethods},
    {"key", OptionType::password, "",
     "The key of the hash (HMAC); with IPV4_NETWORK the length of the prefix to keep."},
    {"base64encode", OptionType::boolean, "false",
     "Whether SHA, MD5 and MURMUR3_128 hashes are written in Base64 instead of hexadecimal."},
    {"concatenate_sources", OptionType::boolean, "false",
     "Whether one fingerprint is made of the names and values of all fields of `source`."},
    {"concatenate_all_fields", OptionType::boolean, "false",
     "Whether one fingerprint is made of the names and values of all fields of the event."},
};

// Where Logstash's worker would die of an exception.
constexpr std::string_view kFailureTag = "_fingerprintfailure";

struct Source {
  std::string text;
  FieldRef field;
};

struct Plan {
  std::vector<Source> sources;
  std::unique_ptr<PreparedField> target;
  bool concatenate = false;
  bool all_fields = false;
};

// Runs `one` for each event: false tags it.
class PerEvent : public Filter {
 public:
  explicit PerEvent(Plan plan) : plan_(std::move(plan)) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      if (one(batch[row]))
        matched.push_back(row);
      else
        batch[row].tag(kFailureTag);
    }
  }

 protected:
  virtual bool one(Event& event) = 0;
  Plan plan_;
};

class Hashed : public PerEvent {
 public:
  Hashed(Plan plan, std::unique_ptr<fingerprint::Method> method)
      : PerEvent(std::move(plan)), method_(std::move(method)) {}

 private:
  bool one(Event& event) override {
    if (plan_.concatenate || plan_.all_fields) return concatenated(event);
    for (const Source& source : plan_.sources) {
      const Value* value = static_cast<const Event&>(event).find(source.field);
      if (!value) continue;
      const auto out =
          value->is_array() ? of_items(*value, event.arena()) : of(*value, event.arena());
      if (!out || !plan_.target->set(event, *out)) return false;
    }
    return true;
  }

  bool concatenated(Event& event) {
    text_.clear();
    if (plan_.all_fields) {
      canonical_.append_fields(event.root(), text_);
    } else {
      for (const Source& source : plan_.sources) {
        text_ += '|';
        text_ += source.text;
        text_ += '|';
        if (const Value* value = static_cast<const Event&>(event).find(source.field))
          canonical_.append(*value, text_);
      }
    }
    text_ += '|';
    const auto out = method_->of(Value::string(text_), text_, event.arena());
    return out && plan_.target->set(event, *out);
  }

  std::optional<Value> of(const Value& value, Arena& arena) {
    if (value.is_string()) return method_->of(value, value.view(), arena);
    text_.clear();
    canonical_.append(value, text_);
    if (value.is_container()) return method_->of(Value::string(text_), text_, arena);
    return method_->of(value, text_, arena);
  }

  std::optional<Value> of_items(const Value& array, Arena& arena) {
    Value out = Value::array();
    for (const Value& item : array.elements()) {
      const auto hash = of(item, arena);
      if (!hash) return std::nullopt;
      array_append(arena, out, *hash);
    }
    return out;
  }

  std::unique_ptr<fingerprint::Method> method_;
  fingerprint::Canonical canonical_;
  std::string text_;
};

// Version 4 (RFC 9562): random but for six bits.
class RandomId : public PerEvent {
 public:
  using PerEvent::PerEvent;

 private:
  bool one(Event& event) override {
    const uint64_t high = (random_() & ~uint64_t{0xF000}) | 0x4000;
    const uint64_t low = (random_() >> 2) | uint64_t{1} << 63;
    char text[37];
    fmt::format_to_n(text, sizeof text, "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32,
                     high >> 16 & 0xFFFF, high & 0xFFFF, low >> 48, low & 0xFFFFFFFFFFFF);
    return plan_.target->set(event, Value::string(event.arena().copy({text, 36}), Value::kClean));
  }

  static std::mt19937_64 seeded() {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }
  std::mt19937_64 random_ = seeded();
};

class Punctuation : public PerEvent {
 public:
  Punctuation(Plan plan, std::shared_ptr<const Regex> regex)
      : PerEvent(std::move(plan)), regex_(std::move(regex)) {}

 private:
  bool one(Event& event) override {
    for (const Source& source : plan_.sources) {
      const Value* value = static_cast<const Event&>(event).find(source.field);
      if (!value) continue;
      if (!value->is_string()) return false;
      collect(value->view());
      if (!plan_.target->set(event, event.string(out_))) return false;
    }
    return true;
  }

  void collect(std::string_view text) {
    out_.clear();
    bool ascii = true;
    for (const char c : text) {
      ascii &= static_cast<signed char>(c) >= 0;
      const auto alphanumeric = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
      if (c > ' ' && c < 127 && !alphanumeric) out_ += c;
    }
    if (ascii) return;
    out_.clear();
    for (size_t at = 0; regex_->search(text, at, match_) == Regex::Outcome::match;) {
      out_ += *match_.group(0);
      at = match_.end();
    }
  }

  std::shared_ptr<const Regex> regex_;
  Regex::Match match_;
  std::string out_;
};

Result<Plan> make_plan(const Settings& settings, const Context& context) {
  Plan plan;
  for (std::string& text : settings.strings("source")) {
    auto field = FieldRef::parse(text);
    if (!field.ok()) return settings.error("source", field.error().message);
    plan.sources.push_back({std::move(text), std::move(field).value()});
  }
  const std::string target = settings.has("target")         ? settings.field("target").text()
                             : context.ecs == Ecs::disabled ? "fingerprint"
                                                            : "[event][hash]";
  plan.target = std::make_unique<PreparedField>(target);
  plan.concatenate = settings.boolean("concatenate_sources");
  plan.all_fields = settings.boolean("concatenate_all_fields");
  return plan;
}

Result<std::unique_ptr<fingerprint::Method>> make_method(const Settings& settings) {
  const std::string name = settings.string("method");
  const bool base64 = settings.boolean("base64encode");
  std::optional<std::string> key;
  if (settings.is_given("key")) key = settings.string("key");
  if (name == "MURMUR3") return fingerprint::make_murmur3();
  if (name == "MURMUR3_128") return fingerprint::make_murmur3_128(base64);
  if (name == "IPV4_NETWORK") {
    if (!key) return settings.error("key", "IPV4_NETWORK needs the length of a prefix, like 24");
    const int64_t prefix = leading_integer(*key);
    if (prefix < 0 || prefix > 128)
      return settings.error("key", "expected the length of a prefix, 0 to 128");
    return fingerprint::make_ipv4_network(static_cast<unsigned>(prefix));
  }
  auto made = fingerprint::make_digest(name, key, base64);
  if (!made.ok()) return settings.error("method", made.error().message);
  return made;
}

Result<std::unique_ptr<Filter>> make(const Settings& settings, const Context& context) {
  TRY(Plan plan, make_plan(settings, context));
  const std::string method = settings.string("method");
  if (method == "UUID") return std::unique_ptr<Filter>(std::make_unique<RandomId>(std::move(plan)));
  // As Logstash: sources that are taken together are taken in the order of their names.
  if (plan.concatenate || method == "PUNCTUATION")
    std::sort(plan.sources.begin(), plan.sources.end(),
              [](const Source& a, const Source& b) { return a.text < b.text; });
  if (method == "PUNCTUATION") {
    TRY(auto regex, Regex::compile("[\\p{P}\\p{S}]+"));
    return std::unique_ptr<Filter>(
        std::make_unique<Punctuation>(std::move(plan), std::move(regex)));
  }
  TRY(auto hash, make_method(settings));
  return std::unique_ptr<Filter>(std::make_unique<Hashed>(std::move(plan), std::move(hash)));
}

}  // namespace

FilterPlugin fingerprint_filter() {
  return {{"fingerprint", "Makes a hash of fields.", kOptions}, make};
}

}  // namespace penstock
