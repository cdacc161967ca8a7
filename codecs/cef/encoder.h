// Events as CEF. One per worker and output.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "codecs/cef/fields.h"
#include "pipeline/event/interpolate.h"
#include "pipeline/plugin/codec.h"

namespace penstock::cef {

class Encoder : public penstock::Encoder {
 public:
  static Result<std::unique_ptr<penstock::Encoder>> make(const Settings& settings, bool ecs,
                                                         Device device, std::string delimiter);
  void encode(const Event& event, ByteBuffer& out) override;

 private:
  struct Field {
    std::string key;
    FieldRef field;
  };
  // A header field that comes out empty has its default.
  struct Header {
    Template text;
    std::string_view fallback;
  };
  void write_header(const Header& header, const Event& event, ByteBuffer& out);
  void write_severity(const Event& event, ByteBuffer& out);
  bool write_field(const Field& field, const Event& event, bool first, ByteBuffer& out);

  std::vector<Header> headers_;  // vendor to name
  std::optional<Template> severity_;
  std::vector<Field> fields_;
  std::string delimiter_;
  std::string text_;
  ByteBuffer json_;
};

}  // namespace penstock::cef
