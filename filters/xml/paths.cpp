// How results are written: Nokogiri's to_s of its nodes, and Ruby's of floats.
#include "filters/xml/paths.h"

#include <libxml/xpathInternals.h>

#include <cmath>

#include "filters/xml/document.h"
#include "pipeline/event/value.h"

namespace penstock::xml {
namespace {

// Steps of one evaluation.
constexpr unsigned long kStepsMax = 10'000'000;

void ignore_error(void*, xmlError*) {}

const xmlChar* chars(const std::string& text) {
  return reinterpret_cast<const xmlChar*>(text.c_str());
}

std::string number_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  std::string out;
  append_real(number, out);
  return out;
}

struct FreeObject {
  void operator()(xmlXPathObject* object) const { xmlXPathFreeObject(object); }
};

}  // namespace

Result<Path> Path::compile(const std::string& text) {
  struct FreeContext {
    void operator()(xmlXPathContext* context) const { xmlXPathFreeContext(context); }
  };
  const std::unique_ptr<xmlXPathContext, FreeContext> context(xmlXPathNewContext(nullptr));
  CHECK(context != nullptr, "there is memory for a context");
  context->error = ignore_error;
  Path out;
  out.compiled_.reset(xmlXPathCtxtCompile(context.get(), chars(text)));
  if (!out.compiled_)
    return Error{Errc::bad_config, "`" + text + "` is no XPath 1.0 expression", {}};
  return out;
}

PathContext::PathContext(xmlDoc* document,
                         const std::vector<std::pair<std::string, std::string>>& namespaces)
    : document_(document), context_(xmlXPathNewContext(document)) {
  CHECK(context_ != nullptr, "there is memory for a context");
  context_->error = ignore_error;
  context_->opLimit = kStepsMax;
  for (const auto& [prefix, uri] : namespaces)
    xmlXPathRegisterNs(context_.get(), chars(prefix), chars(uri));
  const xmlNode* root = xmlDocGetRootElement(document);
  if (!namespaces.empty() || !root) return;
  for (const xmlNs* ns = root->nsDef; ns; ns = ns->next)
    xmlXPathRegisterNs(context_.get(),
                       ns->prefix ? ns->prefix : reinterpret_cast<const xmlChar*>("xmlns"),
                       ns->href);
}

bool PathContext::evaluate(const Path& path, std::vector<std::string>& out) {
  context_->opCount = 0;
  context_->node = reinterpret_cast<xmlNode*>(document_);
  const std::unique_ptr<xmlXPathObject, FreeObject> result(
      xmlXPathCompiledEval(path.get(), context_.get()));
  if (!result) return false;
  switch (result->type) {
    case XPATH_NODESET:
      for (int i = 0; result->nodesetval && i < result->nodesetval->nodeNr; ++i)
        out.push_back(node_text(result->nodesetval->nodeTab[i]));
      return true;
    case XPATH_STRING:
      out.emplace_back(view(result->stringval));
      return true;
    case XPATH_NUMBER:
      out.push_back(number_text(result->floatval));
      return true;
    case XPATH_BOOLEAN:
      if (result->boolval) out.emplace_back("true");
      return true;
    default:
      return false;
  }
}

std::string PathContext::node_text(xmlNode* node) const {
  std::string out;
  if (node->type == XML_NAMESPACE_DECL)
    return std::string(view(reinterpret_cast<const xmlNs*>(node)->href));
  if (node->type == XML_ATTRIBUTE_NODE) {
    for (const xmlNode* child = node->children; child; child = child->next)
      out += view(child->content);
    return out;
  }
  if (node->type == XML_DOCUMENT_NODE) node = xmlDocGetRootElement(document_);
  xmlBuffer* buffer = xmlBufferCreate();
  CHECK(buffer != nullptr, "there is memory for a buffer");
  if (node) xmlNodeDump(buffer, document_, node, 0, 1);
  out = view(xmlBufferContent(buffer));
  xmlBufferFree(buffer);
  return out;
}

}  // namespace penstock::xml
