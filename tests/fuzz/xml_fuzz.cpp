// Any text as XML, leniently and strictly: what comes out is well-formed UTF-8, and XPaths end.
#include <cstdint>

#include "filters/xml/document.h"
#include "filters/xml/paths.h"
#include "filters/xml/simple.h"
#include "pipeline/base/check.h"
#include "pipeline/base/text.h"

namespace {

using namespace penstock;

void check_texts(const Value& value) {
  if (value.is_string()) CHECK(is_utf8(value.view()), "texts are well-formed");
  if (value.is_array())
    for (const Value& item : value.elements()) check_texts(item);
  if (!value.is_object()) return;
  for (const Member& member : value.entries()) {
    CHECK(is_utf8(member.name()), "names are well-formed");
    check_texts(member.value);
  }
}

void pick(xmlDoc* document) {
  for (const char* text : {"//*", "//@*", "count(//text())", "string(/)", "//a[.//b]/text()"}) {
    const auto path = xml::Path::compile(text);
    xml::PathContext context(document, {});
    std::vector<std::string> out;
    (void)context.evaluate(path.value(), out);
    for (const std::string& each : out) CHECK(is_utf8(each), "results are well-formed");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text = replace_invalid_utf8({reinterpret_cast<const char*>(data), size});
  xml::Parser parser;
  for (const int options : {0, int{XML_PARSE_RECOVER}}) {
    const xml::Parser::Parsed parsed = parser.parse(text, options);
    CHECK(!parsed.well_formed || parsed.document, "a well-formed text is a document");
    if (!parsed.document) continue;
    Arena arena;
    if (const xmlNode* root = xmlDocGetRootElement(parsed.document.get()))
      for (const bool flag : {false, true})
        check_texts(xml::simple_value(*root, {flag, !flag, flag}, arena));
    pick(parsed.document.get());
    xml::remove_namespaces(parsed.document->children);
  }
  return 0;
}
