#include "outputs/elasticsearch/http.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "pipeline/base/check.h"
#include "pipeline/base/text.h"

namespace penstock::elastic {
namespace {

// Bytes that libcurl copies of a body, and sends, at a time: little enough that the kernel finds
// them in the cache.
constexpr int64_t kUploadChunkBytes = 128 << 10;

void initialize_curl() {
  static const CURLcode kCode = curl_global_init(CURL_GLOBAL_DEFAULT);
  CHECK(kCode == CURLE_OK, "libcurl does not start");
}

std::string fingerprint_of(X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest, &size) != 1) return {};
  std::string out;
  for (unsigned i = 0; i < size; ++i) out += fmt::format("{:02x}", digest[i]);
  return out;
}

// What `ca_trusted_fingerprint` adds to OpenSSL's own check of the chain: a chain whose signatures
// hold but whose root isn't known is accepted when one of its authorities was named.
int verify_pinned(int ok, X509_STORE_CTX* context) {
  if (ok) return ok;
  switch (X509_STORE_CTX_get_error(context)) {
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      break;
    default:
      return ok;
  }
  const auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* tls = static_cast<const TlsConfig*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const auto* chain = X509_STORE_CTX_get0_chain(context);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    const std::string found = fingerprint_of(sk_X509_value(chain, i));
    if (std::find(tls->trusted_fingerprints.begin(), tls->trusted_fingerprints.end(), found) ==
        tls->trusted_fingerprints.end())
      continue;
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
  }
  return ok;
}

CURLcode on_ssl_context(CURL*, void* ssl_context, void* tls) {
  auto* context = static_cast<SSL_CTX*>(ssl_context);
  SSL_CTX_set_app_data(context, static_cast<char*>(tls));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, verify_pinned);
  return CURLE_OK;
}

int64_t ssl_version(const std::string& protocols) {
  if (protocols.empty()) return CURL_SSLVERSION_TLSv1_2;
  int64_t low = CURL_SSLVERSION_TLSv1_3, high = CURL_SSLVERSION_MAX_TLSv1_1;
  const std::pair<const char*, std::pair<int64_t, int64_t>> kKnown[] = {
      {"TLSv1.1", {CURL_SSLVERSION_TLSv1_1, CURL_SSLVERSION_MAX_TLSv1_1}},
      {"TLSv1.2", {CURL_SSLVERSION_TLSv1_2, CURL_SSLVERSION_MAX_TLSv1_2}},
      {"TLSv1.3", {CURL_SSLVERSION_TLSv1_3, CURL_SSLVERSION_MAX_TLSv1_3}}};
  for (const auto& [name, range] : kKnown)
    if (protocols.find(name) != std::string::npos) {
      low = std::min(low, range.first);
      high = std::max(high, range.second);
    }
  return low | high;
}

// libcurl's own text is precise but has no advice.
std::string explain(CURLcode code, const char* detail, long verify_result, long os_error) {
  std::string text = detail && *detail ? detail : curl_easy_strerror(code);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  while (text.ends_with(' ')) text.pop_back();
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "the host name does not resolve";
    case CURLE_COULDNT_CONNECT:
      return "cannot connect: " + (os_error ? errno_text(static_cast<int>(os_error)) : text);
    case CURLE_OPERATION_TIMEDOUT:
      return "no answer in time (" + text + ")";
    case CURLE_PEER_FAILED_VERIFICATION:
      if (verify_result == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
          verify_result == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN)
        return "the server's certificate is self-signed and not trusted; name its authority in "
               "ssl_certificate_authorities or ca_trusted_fingerprint";
      if (verify_result == X509_V_ERR_CERT_HAS_EXPIRED)
        return "the server's certificate has expired";
      if (verify_result == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
          verify_result == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
          verify_result == X509_V_ERR_CERT_SIGNATURE_FAILURE)
        return "the server's certificate is from an unknown authority; name it in "
               "ssl_certificate_authorities or ca_trusted_fingerprint";
      if (text.find("subject name") != std::string::npos)
        return "the server's certificate is for another host name (" + text + ")";
      return "the server's certificate is not accepted (" + text + ")";
    case CURLE_SSL_CONNECT_ERROR:
      return "TLS failed (" + text +
             "); is the port one for https, and does it ask for a client certificate?";
    case CURLE_GOT_NOTHING:
      return "the server closed the connection without an answer (is the port one for https?)";
    default:
      return text;
  }
}

}  // namespace

struct HttpClient::Transfer {
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  HttpRequest request;
  Done done;
  std::string reply;
  std::chrono::steady_clock::time_point sent{};
  char detail[CURL_ERROR_SIZE] = {};

  static size_t on_body(char* data, size_t one, size_t size, void* self) {
    auto* transfer = static_cast<Transfer*>(self);
    if (transfer->reply.size() + size * one > kReplyBytesMax) return 0;  // ends the transfer
    transfer->reply.append(data, size * one);
    return size * one;
  }
};

struct HttpClient::Impl {
  explicit Impl(HttpConfig c) : config(std::move(c)) {}

  HttpConfig config;
  CURLM* multi = nullptr;
  std::map<CURL*, std::unique_ptr<Transfer>> active;
  std::vector<std::unique_ptr<Transfer>> idle;

  std::unique_ptr<Transfer> make();
  void set_tls(CURL* easy);
  void finish(CURL* easy, CURLcode code);
};

HttpClient::HttpClient(HttpConfig config) : impl_(std::make_unique<Impl>(std::move(config))) {
  initialize_curl();
  impl_->multi = curl_multi_init();
  CHECK(impl_->multi != nullptr, "libcurl: out of memory");
  const auto& own = impl_->config;
  curl_multi_setopt(impl_->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, own.connections_max);
  curl_multi_setopt(impl_->multi, CURLMOPT_MAX_HOST_CONNECTIONS, own.connections_per_host_max);
  curl_multi_setopt(impl_->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
}

HttpClient::~HttpClient() {
  for (auto& [easy, transfer] : impl_->active) {
    curl_multi_remove_handle(impl_->multi, easy);
    curl_slist_free_all(transfer->headers);
    curl_easy_cleanup(easy);
  }
  for (auto& transfer : impl_->idle) curl_easy_cleanup(transfer->easy);
  curl_multi_cleanup(impl_->multi);
}

void HttpClient::Impl::set_tls(CURL* easy) {
  TlsConfig& tls = config.tls;
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, ssl_version(tls.protocols));
  if (!tls.authorities.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, tls.authorities.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  if (!tls.certificate.empty()) {
    curl_easy_setopt(easy, CURLOPT_SSLCERT, tls.certificate.c_str());
    curl_easy_setopt(easy, CURLOPT_SSLKEY, tls.key.c_str());
  }
  if (!tls.keystore.empty()) {
    curl_easy_setopt(easy, CURLOPT_SSLCERT, tls.keystore.c_str());
    curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, "P12");
    curl_easy_setopt(easy, CURLOPT_KEYPASSWD, tls.keystore_password.c_str());
  }
  if (!tls.ciphers.empty()) curl_easy_setopt(easy, CURLOPT_SSL_CIPHER_LIST, tls.ciphers.c_str());
  if (tls.verify && !tls.trusted_fingerprints.empty()) {
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_ssl_context);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, &tls);
  }
}

std::unique_ptr<HttpClient::Transfer> HttpClient::Impl::make() {
  if (!idle.empty()) {
    auto transfer = std::move(idle.back());
    idle.pop_back();
    return transfer;
  }
  auto transfer = std::make_unique<Transfer>();
  CURL* easy = transfer->easy = curl_easy_init();
  CHECK(easy != nullptr, "libcurl: out of memory");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer.get());
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->detail);
  curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, static_cast<long>(kUploadChunkBytes));
  curl_easy_setopt(easy, CURLOPT_PROXY, config.proxy.c_str());  // "": the environment's isn't used
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(config.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(std::min(config.connect_timeout, config.timeout).count()));
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN,
                   std::max(1L, static_cast<long>(config.idle_max.count() / 1000)));
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "penstock/" PENSTOCK_VERSION);
  set_tls(easy);
  return transfer;
}

void HttpClient::send(HttpRequest request, Done done) {
  auto transfer = impl_->make();
  CURL* easy = transfer->easy;
  transfer->request = std::move(request);
  transfer->done = std::move(done);
  transfer->reply.clear();
  transfer->detail[0] = '\0';
  transfer->sent = std::chrono::steady_clock::now();
  const HttpRequest& own = transfer->request;
  curl_slist* headers = curl_slist_append(nullptr, "Expect:");  // no waiting for 100-continue
  for (const std::string& header : own.headers)
    headers = curl_slist_append(headers, header.c_str());
  transfer->headers = headers;
  curl_easy_setopt(easy, CURLOPT_URL, own.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  const bool head = own.method == "HEAD";
  if (own.method == "GET" || head) {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, nullptr);
    curl_easy_setopt(easy, CURLOPT_NOBODY, head ? 1L : 0L);
  } else {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 0L);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, own.body.data() ? own.body.data() : "");
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(own.body.size()));
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST,
                     own.method == "POST" ? nullptr : own.method.c_str());
  }
  curl_multi_add_handle(impl_->multi, easy);
  impl_->active.emplace(easy, std::move(transfer));
}

size_t HttpClient::in_flight() const { return impl_->active.size(); }

void HttpClient::Impl::finish(CURL* easy, CURLcode code) {
  const auto found = active.find(easy);
  CHECK(found != active.end(), "a reply to a request that was sent");
  std::unique_ptr<Transfer> transfer = std::move(found->second);
  active.erase(found);
  curl_multi_remove_handle(multi, easy);
  curl_slist_free_all(std::exchange(transfer->headers, nullptr));
  HttpReply reply;
  reply.sent = transfer->sent;
  long status = 0, verify_result = 0, os_error = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verify_result);
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
  if (code == CURLE_OK) {
    reply.status = status;
    reply.body = transfer->reply;
  } else {
    reply.error = explain(code, transfer->detail, verify_result, os_error);
  }
  const Done done = std::move(transfer->done);
  done(reply);
  if (transfer->reply.capacity() > (size_t{4} << 20)) transfer->reply = {};
  idle.push_back(std::move(transfer));
}

void HttpClient::poll(std::chrono::milliseconds wait) {
  int running = 0;
  curl_multi_perform(impl_->multi, &running);
  const auto hand_over = [this] {
    bool any = false;
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(impl_->multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      impl_->finish(message->easy_handle, message->data.result);
      any = true;
    }
    return any;
  };
  if (hand_over()) return;
  curl_multi_poll(impl_->multi, nullptr, 0, static_cast<int>(wait.count()), nullptr);
  curl_multi_perform(impl_->multi, &running);
  hand_over();
}

void HttpClient::wake() { curl_multi_wakeup(impl_->multi); }

Status HttpClient::check(const TlsConfig& tls) {
  for (const std::string* file : {&tls.authorities, &tls.certificate, &tls.key, &tls.keystore}) {
    if (file->empty()) continue;
    if (!std::ifstream(*file).good()) return io_error(*file + ": cannot be read");
  }
  if (tls.authorities.empty()) return ok_status();
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  const bool good = SSL_CTX_load_verify_locations(context, tls.authorities.c_str(), nullptr) == 1;
  SSL_CTX_free(context);
  if (!good) return io_error(tls.authorities + ": holds no certificate in PEM form");
  return ok_status();
}

}  // namespace penstock::elastic
