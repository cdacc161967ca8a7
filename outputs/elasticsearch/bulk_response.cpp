#include "outputs/elasticsearch/bulk_response.h"

#include <simdjson.h>

#include "pipeline/base/text.h"

namespace penstock::elastic {

namespace dom = simdjson::dom;

namespace {

Error bad(std::string message) { return {Errc::bad_data, std::move(message), {}}; }

std::string_view text_of(dom::object object, const char* name) {
  std::string_view text;
  if (object[name].get(text)) return {};
  return text;
}

// Cut at a character's border.
std::string bounded(std::string text) {
  if (text.size() <= BulkResponseParser::kReasonBytesMax) return text;
  size_t end = BulkResponseParser::kReasonBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text;
}

// {"type":..., "reason":..., "caused_by":{...}}; some engines and proxies answer with a text.
void describe(dom::element error, ItemOutcome& out) {
  std::string_view plain;
  if (!error.get(plain)) {
    out.error_type = "error";
    out.reason = bounded(std::string(plain));
    return;
  }
  dom::object object;
  if (error.get(object)) {
    out.error_type = "error";
    return;
  }
  out.error_type = text_of(object, "type");
  std::string reason = out.error_type;
  if (const auto why = text_of(object, "reason"); !why.empty())
    reason += (reason.empty() ? "" : ": ") + std::string(why);
  dom::object cause;
  if (!object["caused_by"].get(cause))
    if (const auto why = text_of(cause, "reason"); !why.empty())
      reason += " (" + std::string(why) + ")";
  out.reason = bounded(std::move(reason));
  if (out.error_type.empty()) out.error_type = "error";
}

// {"index":{"status":201,...}}: the operation's object, whatever its name.
bool operation_of(dom::element item, dom::object& operation) {
  dom::object object;
  if (item.get(object)) return false;
  auto first = object.begin();
  if (first == object.end()) return false;
  return !first.value().get(operation);
}

bool take(std::string_view& text, std::string_view wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(wanted.size());
  return true;
}

// {"index":{"status":201}}: one item that was stored. Empty when it is anything else.
std::string_view stored_item(std::string_view text) {
  std::string_view rest = text;
  if (!take(rest, "{\"")) return {};
  while (!rest.empty() && rest[0] >= 'a' && rest[0] <= 'z') rest.remove_prefix(1);
  if (!take(rest, "\":{\"status\":2")) return {};
  for (int i = 0; i < 2; ++i) {
    if (rest.empty() || rest[0] < '0' || rest[0] > '9') return {};
    rest.remove_prefix(1);
  }
  if (!take(rest, "}}")) return {};
  return text.substr(0, text.size() - rest.size());
}

// Whether the answer is, to the letter, what an engine says that stored everything. Anything else,
// a blank more included, is the parser's to judge. A tenth of a parser's cost.
bool says_all_stored(std::string_view text, uint32_t documents) {
  if (!take(text, R"({"errors":false,"items":[)")) return false;
  std::string_view item;
  for (uint32_t i = 0; i < documents; ++i) {
    if (i && !take(text, ",")) return false;
    if (!item.empty() && take(text, item)) continue;
    item = stored_item(text);
    if (item.empty()) return false;
    text.remove_prefix(item.size());
  }
  return text == "]}";
}

}  // namespace

struct BulkResponseParser::Impl {
  dom::parser parser;
};

BulkResponseParser::BulkResponseParser() : impl_(std::make_unique<Impl>()) {}
BulkResponseParser::~BulkResponseParser() = default;

Result<std::vector<ItemFailure>> BulkResponseParser::parse(std::string_view text,
                                                           uint32_t documents) {
  if (says_all_stored(text, documents)) return std::vector<ItemFailure>();
  dom::object root;
  if (impl_->parser.parse(text.data(), text.size()).get(root))
    return bad("the answer is not a JSON object");
  dom::array items;
  if (root["items"].get(items)) return bad("the answer has no items");
  std::vector<ItemFailure> failures;
  uint32_t position = 0;
  for (const dom::element item : items) {
    dom::object operation;
    int64_t status = 0;
    if (position >= documents) return bad("the answer has more items than were sent");
    if (!operation_of(item, operation) || operation["status"].get(status) || status < 100 ||
        status > 599)
      return bad("an item of the answer has no status");
    if (status < 200 || status > 299) {
      ItemFailure failure{position, {static_cast<int>(status), "", ""}};
      dom::element error;
      if (!operation["error"].get(error)) describe(error, failure.outcome);
      failures.push_back(std::move(failure));
    }
    ++position;
  }
  if (position != documents) return bad("the answer has fewer items than were sent");
  return failures;
}

std::string BulkResponseParser::error_reason(std::string_view text) {
  dom::object root;
  dom::element error;
  if (impl_->parser.parse(text.data(), text.size()).get(root) || root["error"].get(error))
    return {};
  ItemOutcome outcome;
  describe(error, outcome);
  return outcome.reason;
}

}  // namespace penstock::elastic
