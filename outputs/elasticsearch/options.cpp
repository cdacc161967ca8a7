#include "outputs/elasticsearch/options.h"

#include <curl/curl.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cctype>
#include <functional>

#include "pipeline/base/log.h"
#include "pipeline/base/text.h"
#include "pipeline/config/declare.h"

namespace penstock::elastic {
namespace {

using enum OptionType;

constexpr std::string_view kDataStream[] = {"true", "false", "auto"};
constexpr std::string_view kIlm[] = {"true", "false", "auto"};
constexpr std::string_view kTemplateApi[] = {"auto", "legacy", "composable"};
constexpr std::string_view kVerification[] = {"full", "none"};
constexpr std::string_view kVersionTypes[] = {"internal", "external", "external_gt",
                                              "external_gte"};
constexpr std::string_view kProtocols[] = {"TLSv1.1", "TLSv1.2", "TLSv1.3"};
constexpr std::string_view kJavaStore =
    "Java key and trust stores aren't read; export them as PEM files for "
    "ssl_certificate_authorities, "
    "ssl_certificate and ssl_key";
constexpr std::string_view kScript = "scripted updates aren't supported";
constexpr std::string_view kParent = "parent and join fields aren't supported";

constexpr Option kOptions[] = {
    {"hosts", strings, R"(["http://127.0.0.1:9200"])",
     "Addresses of the engine's nodes; requests go to those that answer, in turn."},
    {"index", string, "",
     "The index to write to, usually with a date: `logs-%{+yyyy.MM.dd}`. Default: "
     "`ecs-logstash-%{+yyyy.MM.dd}`, or `logstash-%{+yyyy.MM.dd}` without ECS."},
    {"action", string, "",
     "`index`, `create`, `update` or `delete`; may hold %{...}. Default: `index`, `create` for "
     "data "
     "streams."},
    {"document_id", string, "",
     "The document's id, with %{...}. With `create` an event that comes twice is stored once."},
    differing({"document_type", string, "", "Has no effect: engines have no types any more."},
              "it has no effect: engines since version 7 have no types"),
    {"routing", string, "", "The shard routing value, with %{...}."},
    {"pipeline", string, "", "The ingest pipeline that the engine runs, with %{...}."},
    {"version", string, "", "The document's version, with %{...}."},
    {"version_type", choice, "", "How the engine compares versions.", false, kVersionTypes},
    {"doc_as_upsert", boolean, "false", "For `update`: a document that isn't there is made."},
    {"upsert", string, "", "For `update`: the document (JSON) when it isn't there."},
    {"retry_on_conflict", integer, "1", "For `update`: how often the engine tries again."},
    {"data_stream", choice, "",
     "`true` writes to the data stream <type>-<dataset>-<namespace>, `false` to an index. Default: "
     "`auto`, true with ECS when nothing speaks against it (index, document_id, action, template).",
     false, kDataStream},
    {"data_stream_type", string, "logs", "The data stream's type."},
    {"data_stream_dataset", string, "generic", "The data stream's dataset."},
    {"data_stream_namespace", string, "default", "The data stream's namespace."},
    {"data_stream_auto_routing", boolean, "true",
     "An event's own [data_stream] fields choose its stream."},
    {"data_stream_sync_fields", boolean, "true", "Adds [data_stream] to documents that have none."},
    {"user", string, "", "The user's name."},
    {"password", password, "", "The user's password."},
    {"api_key", password, "", "An API key, as `id:key` or encoded."},
    {"cloud_id", string, "", "A hosted engine's id, instead of `hosts`."},
    {"cloud_auth", password, "", "`user:password` for a hosted engine."},
    {"ssl_enabled", boolean, "", "Whether hosts without https:// are reached by TLS."},
    {"ssl_certificate_authorities", strings, "",
     "A PEM file with the authorities to trust instead of the system's."},
    {"ssl_verification_mode", choice, "full",
     "`full` checks the server's certificate and its name, `none` nothing: use it for tests only.",
     false, kVerification},
    {"ssl_certificate", path, "", "This client's certificate, PEM."},
    {"ssl_key", path, "", "The key of ssl_certificate, PEM."},
    {"ssl_keystore_path", path, "", "This client's certificate and key, PKCS#12."},
    {"ssl_keystore_password", password, "", "The password of ssl_keystore_path."},
    {"ssl_keystore_type", string, "", "Only pkcs12 is read."},
    {"ssl_truststore_path", path, "", "", false, {}, kJavaStore},
    {"ssl_truststore_password", password, "", "", false, {}, kJavaStore},
    {"ssl_truststore_type", string, "", "", false, {}, kJavaStore},
    {"ssl_cipher_suites", strings, "", "Cipher suites in OpenSSL's names."},
    {"ssl_supported_protocols", strings, "", "TLS versions to allow. Default: 1.2 and later.",
     false, kProtocols},
    {"ca_trusted_fingerprint", strings, "",
     "SHA-256 fingerprints (hexadecimal) of authorities to trust."},
    {"ssl", boolean, "", "The former name of ssl_enabled."},
    {"cacert", path, "", "The former name of ssl_certificate_authorities."},
    {"ssl_certificate_verification", boolean, "", "The former form of ssl_verification_mode."},
    {"keystore", path, "", "", false, {}, kJavaStore},
    {"keystore_password", password, "", "", false, {}, kJavaStore},
    {"truststore", path, "", "", false, {}, kJavaStore},
    {"truststore_password", password, "", "", false, {}, kJavaStore},
    {"http_compression", boolean, "", "gzip for requests; the former form of compression_level."},
    {"compression_level", integer, "1", "gzip level of requests, 0 (none) to 9."},
    {"custom_headers", hash, "", "Headers to add to every request."},
    {"parameters", hash, "", "Query parameters to add to every request's URL."},
    {"path", string, "", "The path under which the engine is reached, for proxies."},
    {"bulk_path", string, "", "The path of bulk requests. Default: `_bulk` under `path`."},
    {"healthcheck_path", string, "/", "The path that is asked to see whether a host answers."},
    {"absolute_healthcheck_path", boolean, "", "Whether healthcheck_path leaves `path` out."},
    differing({"sniffing", boolean, "false",
               "Not supported: `true` is taken with a warning and only `hosts` are used."},
              "[true] only `hosts` are used"),
    differing({"sniffing_delay", integer, "5", "Has no effect."}, "it has no effect"),
    differing({"sniffing_path", string, "", "Has no effect."}, "it has no effect"),
    differing({"absolute_sniffing_path", boolean, "", "Has no effect."}, "it has no effect"),
    {"proxy", string, "", "An HTTP proxy's URL."},
    {"timeout", duration, "60", "How long a request may take."},
    {"pool_max", integer, "1000", "The most connections."},
    {"pool_max_per_route", integer, "100", "The most connections to one host."},
    {"validate_after_inactivity", integer, "10000",
     "A connection idle for longer (milliseconds) is not used again."},
    {"resurrect_delay", duration, "5",
     "The longest wait before a host that is down is asked again."},
    {"retry_initial_interval", duration, "2",
     "The wait before the first repetition; it doubles each time."},
    {"retry_max_interval", duration, "64", "The longest wait between repetitions."},
    {"manage_template", boolean, "",
     "Installs index templates at start. Default: true, false for data streams."},
    {"template", path, "", "A template file, or a folder of them. Default: one built in."},
    {"template_name", string, "",
     "The template's name. Default: `ecs-logstash`, or `logstash` without ECS; a folder's "
     "templates "
     "are named by their files."},
    {"template_overwrite", boolean, "false", "Replaces a template of the same name."},
    {"template_api", choice, "auto",
     "Which kind of template to install; `auto` goes by the file and the engine's version.", false,
     kTemplateApi},
    differing({"ilm_enabled", choice, "auto",
               "Rollover aliases aren't supported: `true` is an error, `auto` means a daily index.",
               false, kIlm},
              "[auto] rollover aliases aren't supported: a daily index is written"),
    differing({"ilm_pattern", string, "{now/d}-000001", "Has no effect."},
              "!rollover aliases aren't supported: events go to `index`"),
    differing({"ilm_policy", string, "logstash-policy", "Has no effect."},
              "!no policy is attached: name it in the index template (`template`)"),
    differing({"ilm_rollover_alias", string, "", "Has no effect."},
              "!rollover aliases aren't supported: events go to `index` and not to the alias"),
    {"dlq_custom_codes", strings, "",
     "More statuses (besides 400, 404 and the like) that mean the dead-letter queue."},
    {"dlq_on_failed_indexname_interpolation", boolean, "true",
     "An event that lacks a field of the index name becomes a dead letter; otherwise the name is "
     "used as it stands."},
    {"drop_error_types", strings, "", "Error types of items that are given up without a letter."},
    {"silence_errors_in_log", strings, "", "Error types of items that aren't logged."},
    own({"flush_size", integer, "10000", "A bulk request is sent when it holds this many events."}),
    own({"flush_bytes", bytes, "2mib", "A bulk request is sent when it holds this many bytes."}),
    own({"flush_interval", duration, "200ms",
         "A bulk request is sent when its first event waited this long."}),
    own({"max_in_flight", integer, "4",
         "The most bulk requests sent and not answered; how many of them are used follows the "
         "engine's "
         "answers."}),
    {"parent", string, "", "", false, {}, kParent},
    {"join_field", string, "", "", false, {}, kParent},
    {"script", string, "", "", false, {}, kScript},
    {"script_lang", string, "", "", false, {}, kScript},
    {"script_type", string, "", "", false, {}, kScript},
    {"script_var_name", string, "", "", false, {}, kScript},
    {"scripted_upsert", boolean, "", "", false, {}, kScript},
    refused("failure_type_logging_whitelist", "use silence_errors_in_log"),
    refused("host", "use hosts"),
    refused("port", "put it into hosts: `hosts => [\"http://HOST:9200\"]`"),
    refused("protocol", "remove it: only HTTP is spoken"),
    refused("cluster", "remove it, and name the nodes in hosts"),
    refused("node_name", "remove it"),
    refused("embedded", "remove it, and name the nodes in hosts"),
    refused("index_type", "remove it: engines have no types any more"),
    refused("max_retries", "remove it: what can be retried is retried until it is stored"),
    refused("retry_max_items", "remove it"),
    refused("idle_flush_time", "use flush_interval"),
};

constexpr size_t kBodyBytesMax = size_t{20} << 20;  // as Logstash's bulk limit

std::string base64(std::string_view text) {
  std::string out((text.size() + 2) / 3 * 4, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  out.resize(static_cast<size_t>(size));
  return out;
}

std::string percent_encoded(const std::string& text) {
  char* escaped = curl_easy_escape(nullptr, text.c_str(), static_cast<int>(text.size()));
  std::string out(escaped ? escaped : "");
  curl_free(escaped);
  return out;
}

std::string rooted(std::string path) {
  if (!path.empty() && !path.starts_with('/')) path.insert(0, "/");
  return path;
}

bool is_header_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; });
}

class Reader {
 public:
  Reader(const Settings& settings, const Context& context) : s_(settings), context_(context) {}

  Result<ElasticsearchConfig> read() {
    TRY_STATUS(read_flush());
    TRY_STATUS(read_hosts());
    TRY_STATUS(read_authorization());
    TRY_STATUS(read_tls());
    TRY_STATUS(read_http());
    TRY_STATUS(read_retry());
    TRY_STATUS(read_item());
    TRY_STATUS(read_templates());
    return std::move(out_);
  }

 private:
  Status read_flush();
  Status read_hosts();
  Status read_authorization();
  Status read_tls();
  Status read_tls_files();
  Status read_http();
  Status read_retry();
  Status read_item();
  Status read_data_stream();
  Status read_templates();
  bool data_stream_fits() const;
  std::optional<bool> secure() const;
  void warn(std::string_view text) const {
    log::warn("elasticsearch", "{}{}{}", s_.where().text(), s_.where().known() ? ": " : "", text);
  }

  const Settings& s_;
  const Context& context_;
  ElasticsearchConfig out_;
};

Status Reader::read_flush() {
  const int64_t documents = s_.integer("flush_size"), in_flight = s_.integer("max_in_flight");
  if (documents < 1 || documents > 1'000'000)
    return s_.error("flush_size", "must be 1 to 1000000 events");
  if (s_.bytes("flush_bytes") < 1 || s_.bytes("flush_bytes") > static_cast<int64_t>(kBodyBytesMax))
    return s_.error("flush_bytes",
                    "must be 1 byte to 20 MiB, what engines accept by default is more");
  if (in_flight < 1 || in_flight > 256) return s_.error("max_in_flight", "must be 1 to 256");
  out_.flush_documents = static_cast<uint32_t>(documents);
  out_.flush_bytes = static_cast<size_t>(s_.bytes("flush_bytes"));
  out_.flush_interval = std::chrono::milliseconds(s_.milliseconds("flush_interval"));
  out_.session.in_flight_max = static_cast<uint32_t>(in_flight);
  out_.session.open_bytes_max = out_.flush_bytes * static_cast<size_t>(in_flight);
  out_.session.bulk_keep_bytes = out_.flush_bytes * 2;
  return ok_status();
}

std::optional<bool> Reader::secure() const {
  if (s_.is_given("ssl_enabled")) return s_.boolean("ssl_enabled");
  if (s_.is_given("ssl")) return s_.boolean("ssl");
  return {};
}

Status Reader::read_hosts() {
  HostDefaults defaults;
  defaults.secure = secure();
  defaults.path = s_.string("path");
  std::vector<std::string> hosts = s_.strings("hosts");
  if (s_.is_given("cloud_id")) {
    if (s_.is_given("hosts"))
      return s_.error("cloud_id", "names the hosts itself; leave `hosts` out");
    auto address = parse_cloud_id(s_.string("cloud_id"));
    if (!address.ok()) return s_.error("cloud_id", address.error().message);
    hosts = {address.value()};
    defaults.secure = true;
  }
  if (hosts.empty()) return s_.error("hosts", "at least one host is needed");
  for (const std::string& host : hosts) {
    auto parsed = parse_host(host, defaults);
    if (!parsed.ok()) return s_.error("hosts", parsed.error().message);
    out_.session.hosts.push_back(std::move(parsed).value());
  }
  return ok_status();
}

Status Reader::read_authorization() {
  std::string user = s_.string("user"), password = s_.string("password");
  if (s_.is_given("cloud_auth")) {
    const std::string both = s_.string("cloud_auth");
    const size_t colon = both.find(':');
    if (colon == std::string::npos) return s_.error("cloud_auth", "must be user:password");
    user = both.substr(0, colon);
    password = both.substr(colon + 1);
  }
  for (const HostUrl& host : out_.session.hosts)
    if (user.empty() && !host.user.empty()) {
      user = host.user;
      password = host.password;
    }
  const std::string key = s_.string("api_key");  // "" as from ${KEY:} is none
  if (!user.empty() && !key.empty())
    return s_.error("api_key", "give either user and password or an api_key, not both");
  if (!user.empty()) {
    out_.session.authorization = "Basic " + base64(user + ":" + password);
  } else if (!key.empty()) {
    out_.session.authorization =
        "ApiKey " + (key.find(':') == std::string::npos ? key : base64(key));
  }
  if (!is_header_text(out_.session.authorization)) return s_.error("api_key", "holds a line break");
  const bool plain = std::any_of(out_.session.hosts.begin(), out_.session.hosts.end(),
                                 [](const HostUrl& host) { return !host.secure; });
  if (plain && !out_.session.authorization.empty())
    warn("credentials go over the network unencrypted; use https:// in hosts");
  return ok_status();
}

Status Reader::read_tls() {
  TlsConfig& tls = out_.session.http.tls;
  tls.verify = s_.string("ssl_verification_mode") != "none";
  if (s_.is_given("ssl_certificate_verification"))
    tls.verify = s_.boolean("ssl_certificate_verification");
  if (!tls.verify) warn("the servers' certificates are not checked (ssl_verification_mode)");
  for (std::string print : s_.strings("ca_trusted_fingerprint")) {
    print.erase(std::remove(print.begin(), print.end(), ':'), print.end());
    print = to_lower_ascii(print);
    if (print.size() != 64 || print.find_first_not_of("0123456789abcdef") != std::string::npos)
      return s_.error("ca_trusted_fingerprint", "must be 64 hexadecimal digits (SHA-256)");
    tls.trusted_fingerprints.push_back(std::move(print));
  }
  for (const std::string& suite : s_.strings("ssl_cipher_suites"))
    tls.ciphers += (tls.ciphers.empty() ? "" : ":") + suite;
  for (const std::string& protocol : s_.strings("ssl_supported_protocols"))
    tls.protocols += (tls.protocols.empty() ? "" : ",") + protocol;
  return read_tls_files();
}

Status Reader::read_tls_files() {
  TlsConfig& tls = out_.session.http.tls;
  const auto authorities = s_.strings("ssl_certificate_authorities");
  if (authorities.size() > 1)
    return s_.error("ssl_certificate_authorities",
                    "give one file; it may hold several certificates");
  if (!authorities.empty()) tls.authorities = authorities.front();
  if (s_.is_given("cacert")) tls.authorities = s_.string("cacert");
  tls.certificate = s_.string("ssl_certificate");
  tls.key = s_.string("ssl_key");
  tls.keystore = s_.string("ssl_keystore_path");
  tls.keystore_password = s_.string("ssl_keystore_password");
  if (tls.certificate.empty() != tls.key.empty())
    return s_.error("ssl_certificate", "ssl_certificate and ssl_key belong together");
  if (s_.is_given("ssl_keystore_type") && s_.string("ssl_keystore_type") != "pkcs12")
    return s_.error("ssl_keystore_type", "only pkcs12 is read");
  const auto checked = HttpClient::check(tls);
  if (!checked.ok())
    return s_.error(tls.authorities.empty() ? "ssl_certificate" : "ssl_certificate_authorities",
                    checked.error().message);
  return ok_status();
}

Status Reader::read_http() {
  HttpConfig& http = out_.session.http;
  http.timeout = std::chrono::milliseconds(std::max<int64_t>(1, s_.milliseconds("timeout")));
  http.idle_max =
      std::chrono::milliseconds(std::max<int64_t>(1'000, s_.integer("validate_after_inactivity")));
  http.connections_max = std::max<int64_t>(1, s_.integer("pool_max"));
  http.connections_per_host_max = std::max<int64_t>(1, s_.integer("pool_max_per_route"));
  http.proxy = s_.string("proxy");
  const int64_t level = s_.integer("compression_level");
  if (level < 0 || level > 9) return s_.error("compression_level", "must be 0 to 9");
  out_.session.compression_level = static_cast<int>(level);
  if (s_.is_given("http_compression") && !s_.boolean("http_compression"))
    out_.session.compression_level = 0;
  for (const auto& [name, value] : s_.hash("custom_headers")) {
    if (!is_header_text(name.text) || !is_header_text(value.text))
      return s_.error("custom_headers", "holds a line break");
    out_.session.headers.push_back(name.text + ": " + value.text);
  }
  std::string query =
      "filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason,"
      "items.*.error.caused_by.reason";
  for (const auto& [name, value] : s_.hash("parameters"))
    query += "&" + percent_encoded(name.text) + "=" + percent_encoded(value.text);
  const std::string path = s_.is_given("bulk_path") ? rooted(s_.string("bulk_path")) : "/_bulk";
  out_.session.bulk_path = path + (path.find('?') == std::string::npos ? "?" : "&") + query;
  out_.session.health_path = rooted(s_.string("healthcheck_path"));
  if (s_.boolean("sniffing")) warn("sniffing is not supported: only `hosts` are used");
  return ok_status();
}

Status Reader::read_retry() {
  SessionConfig& session = out_.session;
  session.retry_initial = std::chrono::milliseconds(s_.milliseconds("retry_initial_interval"));
  session.retry_max = std::chrono::milliseconds(s_.milliseconds("retry_max_interval"));
  session.resurrect_delay = std::chrono::milliseconds(s_.milliseconds("resurrect_delay"));
  for (const std::string& code : s_.strings("dlq_custom_codes")) {
    const auto number = parse_integer(code);
    if (!number || *number < 300 || *number > 599 || *number == 409)
      return s_.error("dlq_custom_codes", "must be statuses from 300 to 599, other than 409");
    session.dead_letter_codes.insert(static_cast<int>(*number));
  }
  const auto dropped = s_.strings("drop_error_types"), silent = s_.strings("silence_errors_in_log");
  session.drop_error_types = {dropped.begin(), dropped.end()};
  session.silenced_error_types = {silent.begin(), silent.end()};
  session.plugin_id = context_.plugin_id;
  session.seed = std::hash<std::string>{}(context_.plugin_id + context_.host_name);
  return ok_status();
}

// Logstash's rule for `auto`: nothing that only makes sense for indices is set.
bool Reader::data_stream_fits() const {
  if (context_.ecs == Ecs::disabled) return false;
  for (const auto option : {"index", "document_id", "template", "template_name",
                            "template_overwrite", "ilm_policy", "ilm_rollover_alias", "ilm_pattern",
                            "routing", "version", "version_type", "upsert", "doc_as_upsert"})
    if (s_.is_given(option)) return false;
  if (s_.is_given("action") && s_.string("action") != "create") return false;
  if (s_.is_given("manage_template") && s_.boolean("manage_template")) return false;
  return !(s_.is_given("ilm_enabled") && s_.string("ilm_enabled") == "true");
}

Status Reader::read_data_stream() {
  ItemConfig& item = out_.item;
  const std::string wanted = s_.is_given("data_stream") ? s_.string("data_stream") : "auto";
  item.data_stream = wanted == "true" || (wanted == "auto" && data_stream_fits());
  if (wanted == "true" && s_.is_given("index"))
    return s_.error("index",
                    "a data stream's name comes from data_stream_type, data_stream_dataset "
                    "and data_stream_namespace");
  if (!item.data_stream) return ok_status();
  if (s_.is_given("action") && s_.string("action") != "create")
    return s_.error("action", "a data stream takes only `create`");
  item.action = "create";
  item.data_stream_type = s_.string("data_stream_type");
  item.data_stream_dataset = s_.string("data_stream_dataset");
  item.data_stream_namespace = s_.string("data_stream_namespace");
  item.data_stream_auto_routing = s_.boolean("data_stream_auto_routing");
  item.data_stream_sync_fields = s_.boolean("data_stream_sync_fields");
  return ok_status();
}

Status Reader::read_item() {
  ItemConfig& item = out_.item;
  if (s_.is_given("action")) item.action = s_.string("action");
  TRY_STATUS(read_data_stream());
  item.index = s_.is_given("index")            ? s_.string("index")
               : context_.ecs == Ecs::disabled ? "logstash-%{+yyyy.MM.dd}"
                                               : "ecs-logstash-%{+yyyy.MM.dd}";
  item.document_id = s_.string("document_id");
  item.routing = s_.string("routing");
  item.pipeline = s_.string("pipeline");
  item.version = s_.string("version");
  item.version_type = s_.string("version_type");
  item.upsert = s_.string("upsert");
  item.doc_as_upsert = s_.boolean("doc_as_upsert");
  item.retry_on_conflict =
      static_cast<int>(std::clamp<int64_t>(s_.integer("retry_on_conflict"), 0, 1'000));
  item.refuse_unresolved_index = s_.boolean("dlq_on_failed_indexname_interpolation");
  if ((item.action == "update" || item.action == "delete") && item.document_id.empty())
    return s_.error("action", "`" + item.action + "` needs a document_id");
  auto encoder = DocumentEncoder::make(item, nullptr);
  if (!encoder.ok()) return s_.error("index", encoder.error().message);
  if (s_.string("ilm_enabled") == "true")
    return s_.error("ilm_enabled",
                    "rollover aliases aren't supported; use `data_stream => true`, or "
                    "`ilm_enabled => false` and a daily index");
  return ok_status();
}

Status Reader::read_templates() {
  const bool manage =
      s_.is_given("manage_template") ? s_.boolean("manage_template") : !out_.item.data_stream;
  if (!manage) return ok_status();
  out_.session.template_overwrite = s_.boolean("template_overwrite");
  const std::string wanted = s_.string("template_api");
  const TemplateApi api = wanted == "legacy"       ? TemplateApi::legacy
                          : wanted == "composable" ? TemplateApi::composable
                                                   : TemplateApi::automatic;
  const std::string fallback = context_.ecs == Ecs::disabled ? "logstash" : "ecs-logstash";
  const std::string name = s_.is_given("template_name") ? s_.string("template_name") : "";
  if (name.find_first_of("/?#%* ,\"\\") != std::string::npos)
    return s_.error("template_name", "a name can't hold any of / ? # % * , \\ \" or a blank");
  if (!s_.is_given("template")) {
    // It fits the default index only; other indices keep the engine's own defaults.
    out_.session.templates.push_back(
        default_template(name.empty() ? fallback : name, fallback + "-*", api));
    return ok_status();
  }
  auto loaded = load_templates(s_.string("template"), name.empty() ? fallback : name, api);
  if (!loaded.ok()) return s_.error("template", loaded.error().message);
  out_.session.templates = std::move(loaded).value();
  return ok_status();
}

}  // namespace

std::span<const Option> elasticsearch_options() { return kOptions; }

Result<ElasticsearchConfig> read_options(const Settings& settings, const Context& context) {
  return Reader(settings, context).read();
}

}  // namespace penstock::elastic
