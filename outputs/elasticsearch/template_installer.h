// Installs index templates on the engine before the first bulk is sent, so that every index is
// made with its mappings. Session thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "outputs/elasticsearch/complaints.h"
#include "outputs/elasticsearch/http.h"
#include "outputs/elasticsearch/templates.h"

namespace penstock::elastic {

class TemplateInstaller {
 public:
  // `failed` is told when the host didn't answer or is not ready to; begin() may then be called
  // again. A template that the engine refuses is an error in the log and not tried again.
  TemplateInstaller(std::vector<IndexTemplate> templates, bool overwrite, HttpClient& http,
                    std::vector<std::string> headers, Complaints& complaints);

  bool done() const { return next_ >= templates_.size(); }
  bool running() const { return running_; }
  void begin(const std::string& base_url, std::function<void(const HttpReply&)> failed);

 private:
  void ask_version();
  void next();
  void put();
  void request(std::string method, std::string path, std::string_view body,
               std::function<void(const HttpReply&)> done);
  bool is_retryable(const HttpReply& reply) const;
  void give_up(const HttpReply& reply);

  std::vector<IndexTemplate> templates_;
  bool overwrite_;
  HttpClient& http_;
  std::vector<std::string> headers_;
  Complaints& complaints_;
  std::string base_url_, body_;
  std::function<void(const HttpReply&)> failed_;
  EngineVersion version_;
  size_t next_ = 0;
  bool running_ = false;
};

}  // namespace penstock::elastic
