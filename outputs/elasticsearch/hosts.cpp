#include "outputs/elasticsearch/hosts.h"

#include <curl/curl.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>

namespace penstock::elastic {
namespace {

// Asked this soon after a failure; then half as often each time.
constexpr std::chrono::milliseconds kAskAgainFirst{100};

Error bad(std::string_view text, const std::string& what) {
  (void)text;  // may hold a password: not repeated
  return {Errc::bad_config, what, {}};
}

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlDeleter>;

std::string part(const Url& url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), which, &text, flags) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

std::string joined_path(std::string first, const std::string& second) {
  if (!second.empty() && second != "/") first = second;
  while (first.ends_with('/')) first.pop_back();
  if (!first.empty() && !first.starts_with('/')) first.insert(0, "/");
  return first;
}

}  // namespace

Result<HostUrl> parse_host(std::string_view text, const HostDefaults& defaults) {
  std::string full(text);
  const std::string scheme = defaults.secure.value_or(false) ? "https" : "http";
  if (full.starts_with("//")) full.erase(0, 2);
  const bool has_scheme = full.find("://") != std::string::npos;
  if (!has_scheme) full = scheme + "://" + full;
  const Url url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, full.c_str(), 0) != CURLUE_OK)
    return bad(text, "one of the addresses is not a URL such as https://localhost:9200");
  HostUrl out;
  const std::string given_scheme = part(url, CURLUPART_SCHEME);
  if (given_scheme != "http" && given_scheme != "https")
    return bad(text, "an address must begin with http:// or https://, not " + given_scheme + "://");
  out.secure = given_scheme == "https";
  if (has_scheme && defaults.secure && *defaults.secure != out.secure)
    return bad(text, std::string("an address begins with ") + given_scheme +
                         ":// but ssl_enabled is " + (*defaults.secure ? "true" : "false"));
  out.user = part(url, CURLUPART_USER, CURLU_URLDECODE);
  out.password = part(url, CURLUPART_PASSWORD, CURLU_URLDECODE);
  std::string port = part(url, CURLUPART_PORT);
  if (port.empty()) port = std::to_string(defaults.port);
  out.base = given_scheme + "://" + part(url, CURLUPART_HOST) + ":" + port +
             joined_path(defaults.path, part(url, CURLUPART_PATH));
  return out;
}

Result<std::string> parse_cloud_id(std::string_view cloud_id) {
  const size_t colon = cloud_id.rfind(':');
  std::string encoded(colon == std::string_view::npos ? cloud_id : cloud_id.substr(colon + 1));
  while (encoded.size() % 4) encoded += '=';
  std::string decoded(encoded.size() / 4 * 3 + 1, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                   reinterpret_cast<const unsigned char*>(encoded.data()),
                                   static_cast<int>(encoded.size()));
  const size_t dollar = size > 0 ? decoded.find('$') : std::string::npos;
  if (dollar == std::string::npos || dollar == 0)
    return bad(cloud_id, "cloud_id: expected the text that the console shows, label:code");
  std::string host = decoded.substr(0, dollar);
  std::string engine = decoded.substr(dollar + 1);
  engine.resize(engine.find_first_of(std::string_view("$\0", 2)));
  std::string port = "443";
  const auto cut_port = [&port](std::string& from) {
    if (const size_t at = from.rfind(':'); at != std::string::npos) {
      port = from.substr(at + 1);
      from.resize(at);
    }
  };
  cut_port(host);
  cut_port(engine);
  if (engine.empty() || engine == "undefined")
    return bad(cloud_id, "cloud_id: it names no search engine");
  return "https://" + engine + "." + host + ":" + port;
}

Hosts::Hosts(std::vector<HostUrl> urls, Milliseconds resurrect_delay)
    : resurrect_delay_(std::max(resurrect_delay, Milliseconds(1))) {
  for (HostUrl& url : urls) {
    Host host;
    host.url = std::move(url);
    hosts_.push_back(std::move(host));
  }
}

bool Hosts::any_up() const {
  return std::any_of(hosts_.begin(), hosts_.end(), [](const Host& host) { return host.up; });
}

std::optional<size_t> Hosts::choose(std::optional<size_t> avoid) {
  std::optional<size_t> second;
  for (size_t i = 0; i < hosts_.size(); ++i) {
    const size_t host = (turn_ + i) % hosts_.size();
    if (!hosts_[host].up) continue;
    if (avoid && host == *avoid) {
      second = host;
      continue;
    }
    turn_ = host + 1;
    return host;
  }
  return second;
}

void Hosts::mark_down(size_t which, TimePoint now) {
  Host& host = hosts_[which];
  host.up = false;
  host.asking = false;
  const uint32_t doublings = std::min(host.failures, 16U);
  ++host.failures;
  host.ask_at = now + std::min(kAskAgainFirst * (1 << doublings), resurrect_delay_);
}

void Hosts::mark_up(size_t which) {
  Host& host = hosts_[which];
  host.up = true;
  host.asking = false;
  host.failures = 0;
}

std::optional<size_t> Hosts::due(TimePoint now) {
  for (size_t i = 0; i < hosts_.size(); ++i) {
    Host& host = hosts_[i];
    if (host.up || host.asking || host.ask_at > now) continue;
    host.asking = true;
    return i;
  }
  return {};
}

std::optional<Hosts::TimePoint> Hosts::next_due() const {
  std::optional<TimePoint> next;
  for (const Host& host : hosts_)
    if (!host.up && !host.asking && (!next || host.ask_at < *next)) next = host.ask_at;
  return next;
}

}  // namespace penstock::elastic
