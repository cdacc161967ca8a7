#include "filters/threat/field_table.h"

#include "pipeline/base/check.h"
#include "pipeline/event/value.h"

namespace penstock::threat {
namespace {

constexpr std::string_view kRequestNames[] = {
    "query",
    "query_string",
    "querystring",
    "body",
    "request_body",
    "post_data",
    "postdata",
    "payload",
    "params",
    "parameters",
    "args",
    "form",
    "headers",
    "header",
    "cookie",
    "cookies",
    "input",
    "get_params",
    "post_params",
    "query_params",
    "http_cookie",
    "x_forwarded_for",
    "http_x_forwarded_for",
    "uri_query",
    "url_query",
};
constexpr std::string_view kUrlNames[] = {
    "url",           "uri",      "request",     "request_uri",  "request_path", "path",
    "url_path",      "uri_path", "request_url", "referrer",     "referer",      "http_referer",
    "http_referrer", "location", "endpoint",    "redirect_url", "full_path",    "target_url",
};
constexpr std::string_view kAgentNames[] = {"agent",           "user_agent", "useragent",
                                            "http_user_agent", "user-agent", "ua"};
// Ours, the pipeline's, and ECS's [event], whose `original` is the message again.
constexpr std::string_view kSkipped[] = {"tags",         "event",        "threat",
                                         "threat_type",  "threat_types", "threat_rules",
                                         "threat_score", "@version",     "pii"};

}  // namespace

FieldTable::FieldTable() {
  for (const std::string_view name : kRequestNames) slot(name).use = {FieldKind::request, false};
  for (const std::string_view name : kUrlNames) slot(name).use = {FieldKind::url, false};
  for (const std::string_view name : kAgentNames) slot(name).use = {FieldKind::agent, false};
  for (const std::string_view name : kSkipped) slot(name).use.skip = true;
}

void FieldTable::compare_whole(std::string_view name) { slot(name).use.equals = true; }

FieldTable::Slot& FieldTable::slot(std::string_view name) {
  const uint32_t hash = hash_name(name);
  size_t i = hash % kSlots;
  while (slots_[i].used && slots_[i].hash != hash) i = (i + 1) % kSlots;
  if (!slots_[i].used) {
    ++used_;
    CHECK(used_ < kSlots / 2, "too many field names");
    slots_[i].used = true;
    slots_[i].hash = hash;
  }
  return slots_[i];
}

}  // namespace penstock::threat
