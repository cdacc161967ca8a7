#include "codecs/cef/encoder.h"

#include "pipeline/base/text.h"
#include "pipeline/event/json_writer.h"
#include "pipeline/event/ruby_numbers.h"

namespace penstock::cef {
namespace {

constexpr std::string_view kVersion = "CEF:0";
constexpr std::string_view kSeverityFallback = "6";

struct HeaderOption {
  std::string_view option, fallback;
};
constexpr HeaderOption kHeaders[] = {{"vendor", "Elasticsearch"},
                                     {"product", "Logstash"},
                                     {"version", "1.0"},
                                     {"signature", "Logstash"},
                                     {"name", "Logstash"}};

// Letters and digits only.
std::string clean_key(std::string_view text) {
  std::string out;
  for (const char c : text)
    if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z')) out += c;
  return out;
}

void append_header(std::string_view text, ByteBuffer& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (c == '\\' || c == '|') out.push_back('\\');
    out.push_back(c == '\n' || c == '\r' ? ' ' : c);
  }
}

void append_value(std::string_view text, ByteBuffer& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (c == '\n' || c == '\r') {
      out.append("\\n");
      continue;
    }
    if (c == '\\' || c == '=') out.push_back('\\');
    out.push_back(c);
  }
}

Result<Template> template_of(const Settings& settings, std::string_view option) {
  auto parsed = Template::parse(settings.string(option));
  if (!parsed.ok()) return settings.error(option, parsed.error().message);
  return parsed;
}

}  // namespace

Result<std::unique_ptr<penstock::Encoder>> Encoder::make(const Settings& settings, bool ecs,
                                                         Device device, std::string delimiter) {
  auto out = std::make_unique<Encoder>();
  for (const HeaderOption& header : kHeaders) {
    TRY(Template text, template_of(settings, header.option));
    out->headers_.push_back({std::move(text), header.fallback});
  }
  TRY(Template severity, template_of(settings, "severity"));
  out->severity_.emplace(std::move(severity));
  const EncodeMap keys(ecs, device, settings.boolean("reverse_mapping"));
  for (const std::string& name : settings.strings("fields")) {
    auto field = FieldRef::parse(name);
    if (!field.ok()) return settings.error("fields", field.error().message);
    out->fields_.push_back({clean_key(keys.find(name)), std::move(field).value()});
  }
  out->delimiter_ = std::move(delimiter);
  return std::unique_ptr<penstock::Encoder>(std::move(out));
}

void Encoder::encode(const Event& event, ByteBuffer& out) {
  out.append(kVersion);
  for (const Header& header : headers_) write_header(header, event, out);
  write_severity(event, out);
  bool first = true;
  for (const Field& field : fields_)
    if (write_field(field, event, first, out)) first = false;
  out.append(delimiter_);
}

void Encoder::write_header(const Header& header, const Event& event, ByteBuffer& out) {
  out.push_back('|');
  text_.clear();
  header.text.append(event, text_);
  append_header(text_.empty() ? header.fallback : std::string_view(text_), out);
}

// A whole number from 0 to 10, as an integer.
void Encoder::write_severity(const Event& event, ByteBuffer& out) {
  text_.clear();
  severity_->append(event, text_);
  const auto severity = strict_real(trim(text_));
  const bool valid = severity && *severity >= 0 && *severity <= 10 &&
                     *severity == static_cast<double>(static_cast<int>(*severity));
  out.push_back('|');
  out.append(valid ? std::to_string(static_cast<int>(*severity)) : kSeverityFallback);
  out.push_back('|');
}

bool Encoder::write_field(const Field& field, const Event& event, bool first, ByteBuffer& out) {
  const Value* value = event.find(field.field);
  if (!value || value->is_null()) return false;
  if (!first) out.push_back(' ');
  out.append(field.key);
  out.push_back('=');
  if (value->is_container()) {
    json_.clear();
    write_json(*value, json_);
    append_value(json_.view(), out);
  } else if (value->is_string()) {
    append_value(value->view(), out);
  } else {
    text_.clear();
    append_text(*value, text_);
    append_value(text_, out);
  }
  return true;
}

}  // namespace penstock::cef
