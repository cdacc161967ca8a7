#include "codecs/cef.h"

#include "codecs/cef/encoder.h"
#include "codecs/cef/fields.h"
#include "codecs/cef/message.h"
#include "codecs/cef/timestamps.h"
#include "codecs/document_events.h"
#include "pipeline/base/text.h"
#include "pipeline/plugin/line_framer.h"

namespace penstock {
namespace {

constexpr std::string_view kFailureTag = "_cefparsefailure";
constexpr std::string_view kDevices[] = {"observer", "host"};

constexpr Option kOptions[] = {
    {"vendor", OptionType::string, "Elasticsearch", "Encoding: the device's vendor, with %{...}."},
    {"product", OptionType::string, "Logstash", "Encoding: the device's product, with %{...}."},
    {"version", OptionType::string, "1.0", "Encoding: the device's version, with %{...}."},
    {"signature", OptionType::string, "Logstash",
     "Encoding: the event's class or signature, with %{...}."},
    {"name", OptionType::string, "Logstash", "Encoding: the event's name, with %{...}."},
    {"severity", OptionType::string, "6",
     "Encoding: a whole number from 0 to 10, with %{...}; what is none is 6."},
    {"fields", OptionType::strings, "[ ]", "Encoding: the fields to write as extensions."},
    {"reverse_mapping", OptionType::boolean, "false",
     "Encoding: whether extensions have CEF's short keys (`src`) and not the long names."},
    {"delimiter", OptionType::string, "",
     "What stands between messages in a stream, and follows an encoded one; \\r and \\n stand for "
     "line ends."},
    {"default_timezone", OptionType::string, "",
     "Time zone of times that name none, nor their device. Unset: this machine's."},
    {.name = "locale",
     .type = OptionType::string,
     .fallback = "",
     .doc = "Language of the months' names. Unset: English.",
     .differs = "Unset, it is English and not the machine's locale."},
    {"raw_data_field", OptionType::string, "", "A field that keeps the message as received."},
    {"device", OptionType::choice, "observer",
     "Under ECS: whether device fields describe an observer or the host itself.", false, kDevices},
};

// The header's fields in their order.
constexpr std::string_view kHeader[] = {"cefVersion",    "deviceVendor",       "deviceProduct",
                                        "deviceVersion", "deviceEventClassId", "name",
                                        "severity"};
constexpr std::string_view kEcsHeader[] = {
    "[cef][version]", "[observer][vendor]", "[observer][product]", "[observer][version]",
    "[event][code]",  "[cef][name]",        "[event][severity]"};

const Name kTagsName{"tags"};

class CefDecoder : public Decoder {
 public:
  CefDecoder(bool ecs, cef::Device device, std::unique_ptr<cef::Timestamps> times,
             std::optional<FieldRef> raw_field, const Context& context)
      : ecs_(ecs),
        map_(ecs, device),
        times_(std::move(times)),
        raw_field_(std::move(raw_field)),
        events_(std::nullopt, kFailureTag, context),
        timezone_(map_.find("dtz")),
        syslog_(FieldRef::of(ecs ? "[log][syslog][header]" : "syslog")) {
    for (const std::string_view name : ecs ? kEcsHeader : kHeader)
      header_.push_back(FieldRef::of(name));
  }

  void decode(std::string_view record, Batch& out) override {
    const Row first = out.size();
    if (is_utf8(record) && cef::parse(record, out.arena(), message_)) {
      Event& event = events_.begin(out);
      if (fill(event, record))
        events_.finish(event);
      else
        events_.turn_into_failure(event, Value::string(cef::without_quotes(record)));
    } else {
      events_.fail(cef::without_quotes(record), out);
    }
    events_.mark_cut(record, first, out);
  }

 private:
  // False when a field can't be set, or a time isn't one.
  bool fill(Event& event, std::string_view record) {
    object_reserve(event.arena(), event.root(),
                   static_cast<uint32_t>(message_.extensions.size()) + kFieldsMore);
    if (raw_field_ && !event.set(*raw_field_, Value::string(record))) return false;
    for (size_t i = 0; i < cef::kHeaderFields; ++i)
      if (!event.set(header_[i], Value::string(message_.header[i]))) return false;
    if (message_.has_syslog && !event.set(syslog_, Value::string(message_.syslog))) return false;
    const std::string_view zone = ecs_ ? device_zone() : std::string_view();
    for (const cef::Extension& extension : message_.extensions)
      if (!set_extension(event, extension, zone)) return false;
    return true;
  }

  // The last one that the message names.
  std::string_view device_zone() const {
    std::string_view zone;
    for (const cef::Extension& extension : message_.extensions)
      if (map_.find(extension.key) == timezone_) zone = extension.value;
    return zone;
  }

  bool set_extension(Event& event, const cef::Extension& extension, std::string_view zone) {
    const cef::Target* target = map_.find(extension.key);
    if (!target) return set_unknown(event, extension);
    Value value = Value::string(extension.value);
    if (target->is_time) {
      const bool blank = trim(extension.value).empty();
      const auto instant =
          blank ? std::nullopt : times_->parse(extension.value, zone, events_.now());
      if (!blank && !instant) return false;
      value = instant ? Value::timestamp(*instant) : Value::null();
    }
    if (target->field) return event.set(*target->field, value);
    object_set(event.arena(), event.root(), target->name, value);
    return true;
  }

  // Its name is the field's; name[0] becomes [name][0].
  static bool set_unknown(Event& event, const cef::Extension& extension) {
    const Value value = Value::string(extension.value);
    if (!extension.key.ends_with(']')) {
      object_set(event.arena(), event.root(), Name(extension.key), value);
      return true;
    }
    const size_t index = extension.key.find('[');
    std::string text;
    text.push_back('[');
    text.append(extension.key.substr(0, index));
    text.push_back(']');
    text.append(extension.key.substr(index));
    const auto field = FieldRef::parse(text);
    return field.ok() && field.value().segments()[0].text != kTagsName.text &&
           event.set(field.value(), value);
  }

  static constexpr uint32_t kFieldsMore = 16;  // the header's, and what the engine adds
  bool ecs_;
  cef::DecodeMap map_;
  std::unique_ptr<cef::Timestamps> times_;
  std::optional<FieldRef> raw_field_;
  DocumentEvents events_;
  const cef::Target* timezone_;
  FieldRef syslog_;
  std::vector<FieldRef> header_;
  cef::Message message_;
};

bool is_ecs(const Context& context) { return context.ecs != Ecs::disabled; }

cef::Device device_of(const Settings& settings) {
  return settings.string("device") == "host" ? cef::Device::host : cef::Device::observer;
}

// \r and \n may be written with a backslash, whether or not config.support_escapes is on.
std::string delimiter_of(const Settings& settings) {
  const std::string text = settings.string("delimiter");
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    const bool escaped = next == 'r' || next == 'n';
    out += !escaped ? text[i] : next == 'r' ? '\r' : '\n';
    i += escaped;
  }
  return out;
}

Result<std::unique_ptr<Framer>> make_framer(const Settings& settings, const Context&) {
  std::string delimiter = delimiter_of(settings);
  if (delimiter.empty()) return std::unique_ptr<Framer>();
  return std::unique_ptr<Framer>(std::make_unique<LineFramer>(std::move(delimiter)));
}

Result<std::unique_ptr<Decoder>> make_decoder(const Settings& settings, const Context& context) {
  std::optional<FieldRef> raw_field;
  if (settings.has("raw_data_field")) {
    auto field = FieldRef::parse(settings.string("raw_data_field"));
    if (!field.ok()) return settings.error("raw_data_field", field.error().message);
    raw_field = std::move(field).value();
  }
  const std::string zone = settings.string("default_timezone");
  auto times = cef::Timestamps::make(zone, settings.string("locale"));
  if (!times.ok())
    return settings.error(settings.has("locale") ? "locale" : "default_timezone",
                          times.error().message);
  return std::unique_ptr<Decoder>(std::make_unique<CefDecoder>(is_ecs(context), device_of(settings),
                                                               std::move(times).value(),
                                                               std::move(raw_field), context));
}

}  // namespace

CodecPlugin cef_codec() {
  return {{.name = "cef",
           .summary = "ArcSight's Common Event Format.",
           .options = kOptions,
           .differs = "Without `delimiter`, messages of a byte stream (tcp, stdin) are its lines; "
                      "Logstash takes what a read brings as one message."},
          make_framer,
          make_decoder,
          [](const Settings& settings, const Context& context) {
            return cef::Encoder::make(settings, is_ecs(context), device_of(settings),
                                      delimiter_of(settings));
          }};
}

}  // namespace penstock
