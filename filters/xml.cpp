// Options, order and failures: logstash-filter-xml (xml.rb). Logstash parses twice, leniently for
// XPath and strictly for the target; here one parse tells both.
#include "filters/xml.h"

#include <algorithm>

#include "filters/xml/document.h"
#include "filters/xml/paths.h"
#include "filters/xml/simple.h"
#include "pipeline/base/text.h"

namespace penstock {
namespace {

constexpr std::string_view kFailureTag = "_xmlparsefailure";

constexpr Option kOptions[] = {
    {"source", OptionType::field, "", "The field with the XML text, or a list of one text.", true},
    {"target", OptionType::field, "",
     "The field that takes the whole document; required unless `store_xml` is false."},
    {"store_xml", OptionType::boolean, "true", "Whether the whole document is stored."},
    {"xpath", OptionType::hash, "{}",
     "XPath 1.0 expression => field: what it gives, as a list of texts."},
    {"namespaces", OptionType::hash, "{}",
     "Prefix => URI, for the expressions. Unset: those that the root element declares."},
    {"remove_namespaces", OptionType::boolean, "false",
     "Whether prefixes are taken off names before the expressions look."},
    {"force_array", OptionType::boolean, "true",
     "Whether elements and what expressions give are lists even where there is one."},
    {"force_content", OptionType::boolean, "false",
     "Whether text goes into a member `content` even where there are no attributes."},
    {"suppress_empty", OptionType::boolean, "true", "Whether empty elements are left out."},
    {"parse_options", OptionType::string, "",
     "Nokogiri's options, joined by commas: STRICT (a malformed text gives nothing), RECOVER, "
     "NOBLANKS, NOCDATA, ... Unset: RECOVER."},
};

struct PathField {
  xml::Path path;
  FieldRef field;
};

class Xml : public Filter {
 public:
  struct Parts {
    FieldRef source;
    std::optional<FieldRef> target;  // empty: not stored
    std::vector<PathField> paths;
    std::vector<std::pair<std::string, std::string>> namespaces;
    bool remove_namespaces = false;
    xml::SimpleOptions simple;
    int parse_options = XML_PARSE_RECOVER;
  };
  explicit Xml(Parts parts) : parts_(std::move(parts)) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      const Outcome outcome = parse(batch[row]);
      if (outcome == Outcome::failed) batch[row].tag(kFailureTag);
      if (outcome == Outcome::matched) matched.push_back(row);
    }
  }

 private:
  enum class Outcome : uint8_t { nothing, matched, failed };

  Outcome parse(Event& event) {
    const Value* source = static_cast<const Event&>(event).find(parts_.source);
    if (!source || source->is_null()) return Outcome::nothing;
    if (source->kind == Kind::boolean && !source->truth()) return Outcome::nothing;
    if (source->is_array()) {
      if (source->size != 1) return Outcome::failed;
      source = source->items;
    }
    if (!source->is_string()) return Outcome::failed;
    const std::string_view text = source->view();
    if (trim(text).empty()) return Outcome::nothing;
    const xml::Parser::Parsed parsed = parser_.parse(text, parts_.parse_options);
    const bool strict = !(parts_.parse_options & XML_PARSE_RECOVER);
    if (strict && !parsed.well_formed) return Outcome::failed;
    bool found = false;
    if (!parts_.paths.empty() && parsed.document && !pick(event, *parsed.document, found))
      return Outcome::failed;
    if (parts_.target && !store(event, parsed)) return Outcome::failed;
    return found || parts_.target ? Outcome::matched : Outcome::nothing;
  }

  bool store(Event& event, const xml::Parser::Parsed& parsed) const {
    const xmlNode* root =
        parsed.well_formed ? xmlDocGetRootElement(parsed.document.get()) : nullptr;
    return root &&
           event.set(*parts_.target, xml::simple_value(*root, parts_.simple, event.arena()));
  }

  // False: an expression can't be evaluated.
  bool pick(Event& event, xmlDoc& document, bool& found) {
    // A copy, so that the stored document keeps its namespaces.
    xml::Document bare;
    if (parts_.remove_namespaces) {
      bare.reset(xmlCopyDoc(&document, 1));
      xml::remove_namespaces(bare->children);
    }
    xml::PathContext context(bare ? bare.get() : &document, parts_.namespaces);
    for (const PathField& each : parts_.paths) {
      texts_.clear();
      if (!context.evaluate(each.path, texts_)) return false;
      found = found || !texts_.empty();
      put(event, each.field);
    }
    return true;
  }

  void put(Event& event, const FieldRef& field) const {
    if (texts_.empty()) return;
    if (texts_.size() == 1 && !parts_.simple.force_array) {
      (void)event.set(field, event.string(texts_[0]));
      return;
    }
    Value list = Value::array();
    for (const std::string& text : texts_) array_append(event.arena(), list, event.string(text));
    (void)event.set(field, list);
  }

  Parts parts_;
  xml::Parser parser_;
  std::vector<std::string> texts_;
};

// --- making one ---

struct ParseOption {
  std::string_view name;
  int value;
};

// Nokogiri::XML::ParseOptions, less those that would let a text read files or grow without end.
constexpr ParseOption kParseOptions[] = {
    {"STRICT", 0},
    {"RECOVER", XML_PARSE_RECOVER},
    {"NOERROR", XML_PARSE_NOERROR},
    {"NOWARNING", XML_PARSE_NOWARNING},
    {"PEDANTIC", XML_PARSE_PEDANTIC},
    {"NOBLANKS", XML_PARSE_NOBLANKS},
    {"SAX1", 0},  // how the parser works inside
    {"NONET", XML_PARSE_NONET},
    {"NODICT", XML_PARSE_NODICT},
    {"NSCLEAN", XML_PARSE_NSCLEAN},
    {"NOCDATA", XML_PARSE_NOCDATA},
    {"NOXINCNODE", XML_PARSE_NOXINCNODE},
    {"COMPACT", XML_PARSE_COMPACT},
    {"OLD10", XML_PARSE_OLD10},
    {"NOBASEFIX", XML_PARSE_NOBASEFIX},
};
constexpr std::string_view kDangerous[] = {"NOENT",    "DTDLOAD",  "DTDATTR",
                                           "DTDVALID", "XINCLUDE", "HUGE"};

std::string constant_name(std::string_view text) {
  std::string out;
  for (const char c : trim(text))
    if (c != '_') out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}

Status add_parse_option(const Settings& settings, std::string_view text, int& out) {
  const std::string name = constant_name(text);
  if (name.empty()) return ok_status();
  for (const ParseOption& option : kParseOptions)
    if (option.name == name) {
      out |= option.value;
      return ok_status();
    }
  if (std::find(std::begin(kDangerous), std::end(kDangerous), name) != std::end(kDangerous))
    return settings.error("parse_options",
                          name +
                              " isn't allowed: texts from outside could read files or grow "
                              "without end; leave it out");
  return settings.error("parse_options",
                        "unsupported parse option: \"" + std::string(trim(text)) + "\"");
}

Result<int> parse_options(const Settings& settings) {
  if (!settings.is_given("parse_options")) return int{XML_PARSE_RECOVER};
  int out = 0;
  const std::string all = settings.string("parse_options");
  for (size_t begin = 0; begin <= all.size();) {
    const size_t end = std::min(all.find_first_of(",|", begin), all.size());
    TRY_STATUS(add_parse_option(settings, std::string_view(all).substr(begin, end - begin), out));
    begin = end + 1;
  }
  return out;
}

Status add_paths(const Settings& settings, std::vector<PathField>& out) {
  for (const auto& [key, value] : settings.hash("xpath")) {
    auto path = xml::Path::compile(key.text);
    if (!path.ok()) return settings.error("xpath", path.error().message);
    auto field = FieldRef::parse(value.text);
    if (!field.ok() || !value.is_scalar())
      return settings.error("xpath", "`" + value.text + "` is no field reference");
    out.push_back({std::move(path).value(), std::move(field).value()});
  }
  return ok_status();
}

Result<std::unique_ptr<Filter>> make_xml(const Settings& settings, const Context&) {
  Xml::Parts parts;
  parts.source = settings.field("source");
  if (settings.boolean("store_xml")) {
    if (!settings.is_given("target"))
      return settings.error("target", "is required unless `store_xml` is false");
    parts.target = settings.field("target");
  }
  TRY(parts.parse_options, parse_options(settings));
  TRY_STATUS(add_paths(settings, parts.paths));
  for (const auto& [prefix, uri] : settings.hash("namespaces"))
    parts.namespaces.emplace_back(prefix.text, uri.text);
  parts.remove_namespaces = settings.boolean("remove_namespaces");
  parts.simple = {settings.boolean("force_array"), settings.boolean("force_content"),
                  settings.boolean("suppress_empty")};
  return std::unique_ptr<Filter>(std::make_unique<Xml>(std::move(parts)));
}

}  // namespace

FilterPlugin xml_filter() {
  return {{"xml", "Parses XML into fields.", kOptions,
           "Entities declared in the document are refused. The text is UTF-8 whatever its "
           "declaration says. What can be read of a malformed text may differ."},
          make_xml};
}

}  // namespace penstock
