#include "filters/xml/document.h"

#include <climits>

namespace penstock::xml {
namespace {

// A context keeps every name it has seen: it is made anew now and then.
constexpr int kUsesMax = 1000;

void refuse_entities(void* context, const xmlChar*, int, const xmlChar*, const xmlChar*, xmlChar*) {
  auto* parser = static_cast<xmlParserCtxt*>(context);
  parser->wellFormed = 0;
  parser->_private = parser;  // noted for parse()
  xmlStopParser(parser);
}

xmlParserInput* no_external_entity(const char*, const char*, xmlParserCtxt*) { return nullptr; }

void ignore_external_subset(void*, const xmlChar*, const xmlChar*, const xmlChar*) {}

void initialize_library() {
  static const bool done = [] {
    xmlInitParser();
    xmlSetExternalEntityLoader(no_external_entity);
    return true;
  }();
  (void)done;
}

// Reads nothing but the text, says nothing on standard error.
constexpr int kAlways = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;

}  // namespace

xmlParserCtxt& Parser::context() {
  if (!context_ || uses_ >= kUsesMax) {
    initialize_library();
    context_.reset(xmlNewParserCtxt());
    CHECK(context_ != nullptr, "there is memory for a parser");
    context_->sax->entityDecl = refuse_entities;
    context_->sax->externalSubset = ignore_external_subset;
    uses_ = 0;
  }
  ++uses_;
  return *context_;
}

Parser::Parsed Parser::parse(std::string_view text, int options) {
  Parsed out;
  if (text.size() > INT_MAX) return out;
  xmlParserCtxt& parser = context();
  parser._private = nullptr;
  // The text is UTF-8, whatever its declaration says.
  out.document.reset(xmlCtxtReadMemory(&parser, text.data(), static_cast<int>(text.size()), nullptr,
                                       "UTF-8", options | kAlways));
  out.well_formed = parser.wellFormed && parser.nsWellFormed;
  if (parser._private) {
    out.document.reset();
    out.well_formed = false;
    context_.reset();
  }
  return out;
}

void remove_namespaces(xmlNode* element) {
  for (xmlNode* node = element; node; node = node->next) {
    if (node->type != XML_ELEMENT_NODE) continue;
    node->ns = nullptr;
    for (xmlAttr* attribute = node->properties; attribute; attribute = attribute->next)
      attribute->ns = nullptr;
    remove_namespaces(node->children);
    xmlFreeNsList(node->nsDef);
    node->nsDef = nullptr;
  }
}

}  // namespace penstock::xml
