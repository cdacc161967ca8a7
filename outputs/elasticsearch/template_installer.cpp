#include "outputs/elasticsearch/template_installer.h"

#include <fmt/format.h>

namespace penstock::elastic {

TemplateInstaller::TemplateInstaller(std::vector<IndexTemplate> templates, bool overwrite,
                                     HttpClient& http, std::vector<std::string> headers,
                                     Complaints& complaints)
    : templates_(std::move(templates)),
      overwrite_(overwrite),
      http_(http),
      headers_(std::move(headers)),
      complaints_(complaints) {
  headers_.emplace_back("Content-Type: application/json");
}

void TemplateInstaller::begin(const std::string& base_url,
                              std::function<void(const HttpReply&)> failed) {
  base_url_ = base_url;
  failed_ = std::move(failed);
  running_ = true;
  ask_version();
}

void TemplateInstaller::request(std::string method, std::string path, std::string_view body,
                                std::function<void(const HttpReply&)> done) {
  HttpRequest request;
  request.method = std::move(method);
  request.url = base_url_ + path;
  request.headers = headers_;
  request.body = body;
  http_.send(std::move(request), std::move(done));
}

bool TemplateInstaller::is_retryable(const HttpReply& reply) const {
  return reply.status == 0 || reply.status == 401 || reply.status == 429 || reply.status >= 500;
}

void TemplateInstaller::give_up(const HttpReply& reply) {
  running_ = false;
  failed_(reply);
}

void TemplateInstaller::ask_version() {
  request("GET", "/", {}, [this](const HttpReply& reply) {
    if (is_retryable(reply)) return give_up(reply);
    // An engine that keeps its version to itself is taken for a new one.
    if (const auto version = parse_engine_version(reply.body)) {
      version_ = *version;
      log::info("elasticsearch", "{}: connected, {} {}", base_url_,
                version_.opensearch ? "OpenSearch" : "Elasticsearch", version_.number);
    }
    next();
  });
}

void TemplateInstaller::next() {
  if (done()) {
    running_ = false;
    return;
  }
  if (overwrite_) return put();
  const IndexTemplate& which = templates_[next_];
  request("HEAD", template_path(which, version_), {}, [this](const HttpReply& reply) {
    if (is_retryable(reply)) return give_up(reply);
    if (reply.status != 200) return put();
    log::debug("elasticsearch", "template {} is there already", templates_[next_].name);
    ++next_;
    next();
  });
}

void TemplateInstaller::put() {
  const IndexTemplate& which = templates_[next_];
  body_ = template_body(which, version_);
  request("PUT", template_path(which, version_), body_, [this](const HttpReply& reply) {
    if (is_retryable(reply)) return give_up(reply);
    const std::string& name = templates_[next_].name;
    if (reply.status >= 200 && reply.status < 300)
      log::info("elasticsearch", "template {} is installed", name);
    else
      log::error("elasticsearch", "template {} was not installed: status {} {}", name, reply.status,
                 reply.body.substr(0, 300));
    ++next_;
    next();
  });
}

}  // namespace penstock::elastic
