// A search engine that does what a test says: speaks enough HTTP/1.1 for bulk requests on a free
// port of the loopback interface, keeps what was stored, and misbehaves by script.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace penstock::test {

struct EngineRequest {
  std::string method, path, body;              // the body without compression
  std::map<std::string, std::string> headers;  // names in lower case
};

struct EngineAnswer {
  int status = 200;
  std::string body;
  enum class Cut : uint8_t { none, before, middle } cut = Cut::none;  // the connection is closed
  bool hold = false;                                                  // no answer until release()
};

struct StoredDocument {
  std::string action, index, id, document;
};

class FakeEngine {
 public:
  explicit FakeEngine(uint16_t port = 0);  // 0: a free one
  ~FakeEngine();

  uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  // Each bulk request takes one step of the script; without one its items are stored.
  using Step = std::function<EngineAnswer(FakeEngine& engine, const EngineRequest& request)>;
  void script(Step step);
  // Ready-made steps.
  static Step status(int status, std::string body = R"({"error":{"type":"t","reason":"r"}})");
  static Step items(std::vector<int> statuses);  // 2xx are stored; the rest get 201
  static Step cut_before();                      // closed without reading the answer's first byte
  static Step cut_after_storing();
  static Step cut_in_answer();           // stored, half of the answer sent
  static Step answer(std::string body);  // 200 with this body, nothing stored
  static Step hold();

  // For requests other than bulks; without it: GET / tells a version, PUT is acknowledged.
  void on_other(Step step);
  void release();

  // Stores the request's items and gives the engine's answer, items' statuses by position.
  std::string store(const EngineRequest& request, const std::vector<int>& statuses = {});

  std::vector<StoredDocument> stored() const;
  std::vector<EngineRequest> bulks() const;
  std::vector<EngineRequest> others() const;
  // Waits until `done` holds; false after a bound that only a broken test reaches.
  bool wait_for(const std::function<bool()>& done);
  bool wait_for_bulks(size_t count);
  bool wait_for_stored(size_t count);

 private:
  void run();
  struct Connection;
  bool serve(Connection& connection);
  EngineAnswer handle(const EngineRequest& request);

  int listener_ = -1;
  int wake_[2] = {-1, -1};
  uint16_t port_ = 0;
  mutable std::mutex mutex_;  // what follows
  std::condition_variable changed_;
  std::deque<Step> script_;
  Step other_;
  std::vector<StoredDocument> stored_;
  std::vector<EngineRequest> bulks_, others_;
  bool released_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace penstock::test
