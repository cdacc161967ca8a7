#include "codecs/msgpack.h"

#include "codecs/document_events.h"
#include "codecs/msgpack/framer.h"
#include "codecs/msgpack/reader.h"
#include "codecs/msgpack/writer.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"format", OptionType::string, "",
     "Text with %{...} that becomes the `message` of a decoded event without one."},
    kTargetOption,
};

const FieldRef& message_field() {
  static const FieldRef kField = FieldRef::of("message");
  return kField;
}

class MsgpackDecoder : public Decoder {
 public:
  MsgpackDecoder(std::optional<FieldRef> target, std::optional<Template> format,
                 const Context& context)
      : events_(std::move(target), "_msgpackparsefailure", context), format_(std::move(format)) {}

  void decode(std::string_view record, Batch& out) override {
    const Row first = out.size();
    Value document;
    std::string_view rest = record;
    const bool read = reader_.read(rest, out.arena(), document) == msgpack::Outcome::ok;
    Event* event = read && rest.empty() ? events_.add(document, out) : nullptr;
    if (!event)
      events_.fail(record, out);
    else if (format_)
      give_message(*event);
    events_.mark_cut(record, first, out);
  }

 private:
  void give_message(Event& event) {
    const Value* message = static_cast<const Event&>(event).find(message_field());
    if (message && !message->is_null()) return;
    text_.clear();
    format_->append(event, text_);
    (void)event.set(message_field(), event.string(text_));
  }

  DocumentEvents events_;
  msgpack::Reader reader_;
  std::optional<Template> format_;
  std::string text_;
};

class MsgpackEncoder : public Encoder {
 public:
  void encode(const Event& event, ByteBuffer& out) override { msgpack::write(event.root(), out); }
};

Result<std::unique_ptr<Decoder>> make_decoder(const Settings& settings, const Context& context) {
  std::optional<Template> format;
  if (settings.has("format")) {
    Result<Template> parsed = Template::parse(settings.string("format"));
    if (!parsed.ok()) return settings.error("format", parsed.error().message);
    format.emplace(std::move(parsed).value());
  }
  return std::unique_ptr<Decoder>(
      std::make_unique<MsgpackDecoder>(target_of(settings), std::move(format), context));
}

}  // namespace

CodecPlugin msgpack_codec() {
  return {{"msgpack", "MessagePack maps, each an event.", kOptions},
          [](const Settings&, const Context&) -> Result<std::unique_ptr<Framer>> {
            return std::unique_ptr<Framer>(std::make_unique<msgpack::Framer>());
          },
          make_decoder,
          [](const Settings&, const Context&) -> Result<std::unique_ptr<Encoder>> {
            return std::unique_ptr<Encoder>(std::make_unique<MsgpackEncoder>());
          }};
}

}  // namespace penstock
