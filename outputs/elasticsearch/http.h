// HttpClient: requests to the engine by libcurl's multi interface, many at a time on one thread.
// Connections are kept and reused. Everything but wake() belongs to the thread that calls poll().
//
// A request's body is sent from where it lies; it must stay until the reply was handed over.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/base/result.h"

namespace penstock::elastic {

struct TlsConfig {
  bool verify = true;                             // ssl_verification_mode
  std::string authorities;                        // file with certificates of authorities
  std::string certificate, key;                   // of this client, PEM
  std::string keystore, keystore_password;        // PKCS#12
  std::vector<std::string> trusted_fingerprints;  // SHA-256 of an authority, hexadecimal
  std::string ciphers;
  std::string protocols;  // "TLSv1.2,TLSv1.3"
};

struct HttpConfig {
  TlsConfig tls;
  std::string proxy;
  std::chrono::milliseconds timeout{60'000};
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds idle_max{30'000};  // a connection idle for longer isn't reused
  int64_t connections_max = 1000;
  int64_t connections_per_host_max = 100;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::string_view body;
  std::vector<std::string> headers;  // "Name: value"
};

struct HttpReply {
  int64_t status = 0;  // 0: no answer, see error
  std::string_view body;
  std::string error;  // one line for people, without secrets
  std::chrono::steady_clock::time_point sent{};
};

class HttpClient {
 public:
  static constexpr size_t kReplyBytesMax = size_t{64} << 20;
  using Done = std::function<void(const HttpReply&)>;

  explicit HttpClient(HttpConfig config);
  ~HttpClient();  // requests under way are given up, their `done` isn't called

  void send(HttpRequest request, Done done);
  size_t in_flight() const;
  // Waits for up to `wait` for something to happen, then hands over the replies that are there.
  // A `done` may send again.
  void poll(std::chrono::milliseconds wait);
  void wake();  // any thread: ends a poll()

  // Fails when a file of the TLS configuration can't be used. Start-up.
  static Status check(const TlsConfig& tls);

 private:
  struct Transfer;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::elastic
