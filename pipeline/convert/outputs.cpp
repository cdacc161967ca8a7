#include "pipeline/base/text.h"
#include "pipeline/convert/converter.h"

namespace penstock {
namespace {

struct Refused {
  const char* name;
  const char* text;
};
constexpr Refused kRefused[] = {
    {"logstash",
     "put the filters and outputs of the pipeline that received it behind these inputs: "
     "Penstock runs them"},
    {"kafka", "there is no such output: pipe standard output into `kcat -P -t TOPIC`"},
    {"redis", "there is no such output: pipe standard output into a client"},
    {"discard", "nothing is delivered there"},
};

}  // namespace

void Converter::output(const YAML::Node& root) {
  bool made = false;
  const auto at = [&](const char* name) {
    const YAML::Node node = get(root, std::string("output.") + name);
    return node.IsDefined() && flag_at(node, "enabled", true)
               ? node
               : YAML::Node(YAML::NodeType::Undefined);
  };
  if (const YAML::Node node = at("elasticsearch"); node.IsDefined()) {
    elasticsearch(node, root);
    made = true;
  }
  if (const YAML::Node node = at("file"); node.IsDefined()) {
    outputs.open("file");
    outputs.option("path", format_string(text_at(node, "path", "/tmp/filebeat")) + "/" +
                               format_string(text_at(node, "filename", "filebeat")));
    outputs.bare("codec", "json_lines");
    outputs.close();
    differs(node, "output.file",
            "files aren't rotated: put the date into the path, or use logrotate");
    made = true;
  }
  if (const YAML::Node node = at("console"); node.IsDefined()) {
    outputs.open("stdout");
    outputs.bare("codec", flag_at(node, "pretty", false) ? "rubydebug" : "json_lines");
    outputs.close();
    made = true;
  }
  for (const Refused& refused : kRefused)
    if (const YAML::Node node = at(refused.name); node.IsDefined())
      unsupported(node, std::string("output.") + refused.name, refused.text);
  if (made) return;
  // The written pipeline is to be whole, and to be tried out.
  outputs.open("stdout");
  outputs.bare("codec", "json_lines");
  outputs.close();
}

void Converter::elasticsearch(const YAML::Node& node, const YAML::Node& root) {
  const YAML::Node indices = get(node, "indices");
  size_t opened = 0;
  if (indices.IsDefined() && indices.IsSequence())
    for (const YAML::Node& item : indices) {
      const YAML::Node when = when_of(item);
      const auto wanted = when.IsDefined() ? condition(when) : std::nullopt;
      if (!wanted) {
        unsupported(item, "output.elasticsearch.indices",
                    "a rule without a condition that can be "
                    "said is left out");
        continue;
      }
      outputs.open((opened++ ? "} else if " : "if ") + *wanted);
      outputs.open("elasticsearch");
      outputs.option("index", format_string(text_at(item, "index")));
      elasticsearch_options(node, root);
      outputs.close();
    }
  if (opened) outputs.open("} else");
  outputs.open("elasticsearch");
  std::string index = format_string(text_at(node, "index"));
  if (index.find("[agent][version]") != std::string::npos) {
    unsupported(node, "output.elasticsearch.index", "[agent][version] isn't there: it is left out");
    for (const char* part : {"-%{[agent][version]}", "%{[agent][version]}-", "%{[agent][version]}"})
      if (const size_t at = index.find(part); at != std::string::npos)
        index.erase(at, std::string_view(part).size());
  }
  if (index.empty()) {
    index = "filebeat-%{+yyyy.MM.dd}";
    differs(node, "output.elasticsearch.index", "a daily index filebeat-DATE, not a data stream");
  }
  outputs.option("index", index);
  elasticsearch_options(node, root);
  outputs.close();
  if (opened) outputs.close();
}

void Converter::elasticsearch_options(const YAML::Node& node, const YAML::Node& root) {
  std::vector<std::string> hosts = texts_of(get(node, "hosts"));
  const std::string protocol = text_at(node, "protocol", "http");
  for (std::string& host : hosts)
    if (host.find("://") == std::string::npos && !host.starts_with("${"))
      host = protocol + "://" + host + (host.find(':') == std::string::npos ? ":9200" : "");
  if (!hosts.empty()) outputs.list("hosts", hosts);
  struct Same {
    const char* from;
    const char* to;
  };
  constexpr Same kSame[] = {{"username", "user"},
                            {"password", "password"},
                            {"api_key", "api_key"},
                            {"path", "path"},
                            {"pipeline", "pipeline"},
                            {"proxy_url", "proxy"},
                            {"compression_level", "compression_level"},
                            {"bulk_max_size", "flush_size"},
                            {"timeout", "timeout"}};
  for (const Same& same : kSame)
    if (const std::string value = text_at(node, same.from); !value.empty())
      outputs.option(same.to, format_string(value));
  if (const std::string id = text_at(root, "cloud.id"); !id.empty() && hosts.empty())
    outputs.option("cloud_id", id);
  if (const std::string auth = text_at(root, "cloud.auth"); !auth.empty())
    outputs.option("cloud_auth", auth);
  Pairs headers, parameters;
  for (const auto& [key, into] : {std::pair{"headers", &headers}, {"parameters", &parameters}})
    if (const YAML::Node map = get(node, key); map.IsDefined() && map.IsMap())
      for (const auto& entry : map)
        into->emplace_back(entry.first.as<std::string>(""), entry.second.as<std::string>(""));
  outputs.hash("custom_headers", headers);
  outputs.hash("parameters", parameters);
  ssl_options(node);
  // An index that a file names is no alias.
  outputs.bare("ilm_enabled", "false");
}

void Converter::ssl_options(const YAML::Node& node) {
  const auto one = [&](const char* key) { return text_at(node, std::string("ssl.") + key); };
  if (const auto list = texts_of(get(node, "ssl.certificate_authorities")); !list.empty())
    outputs.list("ssl_certificate_authorities", list);
  if (const std::string path = one("certificate"); !path.empty())
    outputs.option("ssl_certificate", path);
  if (const std::string path = one("key"); !path.empty()) outputs.option("ssl_key", path);
  if (const std::string print = one("ca_trusted_fingerprint"); !print.empty())
    outputs.option("ca_trusted_fingerprint", print);
  const std::string mode = one("verification_mode");
  if (mode == "none") outputs.option("ssl_verification_mode", "none");
  if (mode == "certificate" || mode == "strict")
    differs(node, "ssl.verification_mode", "the name is checked, too");
}

}  // namespace penstock
