// XML documents from untrusted text, by libxml2. What makes XML dangerous is off:
//   - nothing outside of the text is ever read: no external entities, DTDs or includes, no network;
//   - a document that declares entities is refused, so none can multiply;
//   - nesting is bounded (libxml2's 256), and so are texts (10 MB) and steps of an XPath.
// One Parser per worker.
#pragma once

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <memory>
#include <string_view>

#include "pipeline/base/check.h"

namespace penstock::xml {

struct FreeDocument {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using Document = std::unique_ptr<xmlDoc, FreeDocument>;

class Parser {
 public:
  struct Parsed {
    Document document;  // null when nothing could be made of the text
    bool well_formed = false;
  };

  // `options` are libxml2's (XML_PARSE_NOBLANKS ...). With XML_PARSE_RECOVER a malformed text gives
  // a document of what could be read.
  Parsed parse(std::string_view text, int options);

 private:
  struct FreeContext {
    void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
  };
  xmlParserCtxt& context();

  std::unique_ptr<xmlParserCtxt, FreeContext> context_;
  int uses_ = 0;
};

// Takes all namespaces out of the element and what is in it: names lose their prefixes.
void remove_namespaces(xmlNode* element);

inline std::string_view view(const xmlChar* text) {
  return text ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view();
}

}  // namespace penstock::xml
