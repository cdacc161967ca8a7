#include "codecs/edn/events.h"

#include "codecs/edn/reader.h"
#include "pipeline/base/text.h"

namespace penstock::edn {
namespace {

class EdnDecoder : public Decoder {
 public:
  // As in Logstash, what can't be read has no tag.
  EdnDecoder(std::optional<FieldRef> target, const Context& context)
      : events_(std::move(target), "", context) {}

  void decode(std::string_view record, Batch& out) override {
    const Row first = out.size();
    if (trim(record).empty()) return;
    Value document;
    const bool read = is_utf8(record) && reader_.read(record, out.arena(), document);
    if (!read || !events_.add(document, out)) events_.fail(record, out);
    events_.mark_cut(record, first, out);
  }

 private:
  DocumentEvents events_;
  Reader reader_;
};

class EdnEncoder : public Encoder {
 public:
  explicit EdnEncoder(std::string_view delimiter) : delimiter_(delimiter) {}
  void encode(const Event& event, ByteBuffer& out) override {
    write(event.root(), out);
    out.append(delimiter_);
  }

 private:
  std::string delimiter_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_decoder(const Settings& settings, const Context& context) {
  return std::unique_ptr<Decoder>(std::make_unique<EdnDecoder>(target_of(settings), context));
}

std::unique_ptr<Encoder> make_encoder(std::string_view delimiter) {
  return std::make_unique<EdnEncoder>(delimiter);
}

}  // namespace penstock::edn
