// XPath 1.0 expressions over a document, by libxml2. Compiled once; one Paths per worker.
#pragma once

#include <libxml/tree.h>
#include <libxml/xpath.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/base/result.h"

namespace penstock::xml {

class Path {
 public:
  static Result<Path> compile(const std::string& text);
  xmlXPathCompExpr* get() const { return compiled_.get(); }

 private:
  struct Free {
    void operator()(xmlXPathCompExpr* compiled) const { xmlXPathFreeCompExpr(compiled); }
  };
  std::unique_ptr<xmlXPathCompExpr, Free> compiled_;
};

// The document as XPath sees it, with prefixes for namespaces.
class PathContext {
 public:
  // Without `namespaces` (prefix, URI) those that the root declares; its default one is `xmlns`.
  PathContext(xmlDoc* document, const std::vector<std::pair<std::string, std::string>>& namespaces);

  // What the expression gives, as texts: nodes as XML, attributes' values, a string, number or
  // `true`. False: it can't be evaluated (an undeclared prefix, too many steps).
  bool evaluate(const Path& path, std::vector<std::string>& out);

 private:
  struct Free {
    void operator()(xmlXPathContext* context) const { xmlXPathFreeContext(context); }
  };
  std::string node_text(xmlNode* node) const;

  xmlDoc* document_;
  std::unique_ptr<xmlXPathContext, Free> context_;
};

}  // namespace penstock::xml
