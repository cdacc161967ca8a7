#include "codecs/text_events.h"

#include "pipeline/plugin/line_framer.h"

namespace penstock {
namespace {

const Name kMessage{"message"};
const Name kHost{"host"};
const FieldRef& original_field() {
  static const FieldRef kField = FieldRef::of("[event][original]");
  return kField;
}

class TextDecoder : public Decoder {
 public:
  TextDecoder(Charset charset, const Context& context)
      : charset_(std::move(charset)),
        keep_original_(context.ecs != Ecs::disabled),
        clock_(*context.clock),
        cut_(context) {}

  void decode(std::string_view record, Batch& out) override {
    const Instant now = clock_.now(out);
    Event& event = out[out.append()];
    const Value message = Value::string(charset_.convert(record, out.arena()));
    object_reserve(out.arena(), event.root(), kFields);
    object_append(out.arena(), event.root(), kMessage, message);
    if (keep_original_) (void)event.set(original_field(), message);
    event.complete(now);
    cut_.mark(record, event);
  }

 private:
  static constexpr uint32_t kFields = 8;  // room for the first ones, so that adding them is cheap
  Charset charset_;
  bool keep_original_;
  EventClock clock_;
  CutRecords cut_;
};

// Java's text form of a value, which is what an event's default text form shows of a host object.
void append_java(const Value& value, std::string& out) {
  if (!value.is_container()) return append_text(value, out);
  out += value.is_array() ? '[' : '{';
  for (uint32_t i = 0; i < value.size; ++i) {
    if (i) out += ", ";
    if (value.is_object()) (out += value.members[i].name()) += '=';
    append_java(value.is_array() ? value.items[i] : value.members[i].value, out);
  }
  out += value.is_array() ? ']' : '}';
}

void append_field(const Event& event, const Name& name, std::string_view missing,
                  std::string& out) {
  const Value* found = object_find(event.root(), name);
  if (found && !found->is_null())
    append_java(*found, out);
  else
    out += missing;
}

class TextEncoder : public Encoder {
 public:
  TextEncoder(std::optional<Template> format, std::string_view delimiter)
      : format_(std::move(format)), delimiter_(delimiter) {}

  void encode(const Event& event, ByteBuffer& out) override {
    text_.clear();
    if (format_)
      format_->append(event, text_);
    else
      append_default(event);
    out.append(text_);
    out.append(delimiter_);
  }

 private:
  void append_default(const Event& event) {
    if (const Value* stamp = event.timestamp()) {
      append_text(*stamp, text_);
      text_ += ' ';
    }
    append_field(event, kHost, "%{host}", text_);
    text_ += ' ';
    append_field(event, kMessage, "%{message}", text_);
  }

  std::optional<Template> format_;
  std::string delimiter_;
  std::string text_;
};

}  // namespace

CutRecords::CutRecords(const Context& context, size_t record_bytes_max)
    : record_bytes_max_(record_bytes_max) {
  if (context.metrics)
    context.metrics->counter("records_cut",
                             "Records longer than the limit, whose end was left out.", {}, count_);
}

void CutRecords::mark(std::string_view record, Event& event) {
  if (!is_cut(record)) [[likely]]
    return;
  event.tag(kCutTag);
  count_.add();
}

Result<std::unique_ptr<Decoder>> make_text_decoder(const Settings& settings,
                                                   const Context& context) {
  TRY(Charset charset, Charset::open(settings));
  return std::unique_ptr<Decoder>(std::make_unique<TextDecoder>(std::move(charset), context));
}

Result<std::unique_ptr<Decoder>> make_bare_text_decoder(const Settings& settings,
                                                        const Context& context) {
  Context bare = context;
  bare.ecs = Ecs::disabled;
  return make_text_decoder(settings, bare);
}

Result<std::unique_ptr<Encoder>> make_text_encoder(const Settings& settings,
                                                   std::string_view delimiter) {
  std::optional<Template> format;
  if (settings.has("format")) {
    Result<Template> parsed = Template::parse(settings.string("format"));
    if (!parsed.ok()) return settings.error("format", parsed.error().message);
    format.emplace(std::move(parsed).value());
  }
  return std::unique_ptr<Encoder>(std::make_unique<TextEncoder>(std::move(format), delimiter));
}

}  // namespace penstock
