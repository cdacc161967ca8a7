// Index templates: what `template` names, the ones built in, and how they look to engines of
// different ages. Start-up.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/result.h"

namespace penstock::elastic {

enum class TemplateApi : uint8_t { automatic, legacy, composable };

struct IndexTemplate {
  std::string name;
  std::string body;        // JSON as in the file
  bool composable = true;  // the body's form: "template" inside, or settings and mappings on top
  TemplateApi api = TemplateApi::automatic;
};

struct EngineVersion {
  std::string number = "8.0.0";
  int major = 8, minor = 0;
  bool opensearch = false;

  // _index_template is known since Elasticsearch 7.8 and in every OpenSearch.
  bool has_composable() const { return opensearch || major > 7 || (major == 7 && minor >= 8); }
};

// Of the answer to GET /; empty when it doesn't say.
std::optional<EngineVersion> parse_engine_version(std::string_view answer);

// One template of a file, or all *.json of a folder (named by their files). `name` is that of a
// single one; "" = the file's.
Result<std::vector<IndexTemplate>> load_templates(const std::string& path, const std::string& name,
                                                  TemplateApi api);
// For the default index: strings as text with a keyword, @timestamp a date, geo points.
IndexTemplate default_template(const std::string& name, const std::string& index_pattern,
                               TemplateApi api);

// "/_index_template/x" or "/_template/x", and the body in the form that belongs to it.
std::string template_path(const IndexTemplate& which, const EngineVersion& version);
std::string template_body(const IndexTemplate& which, const EngineVersion& version);

}  // namespace penstock::elastic
