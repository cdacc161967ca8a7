// What the listening inputs (tcp, udp) share: addresses, and a queue for parcels that the intake
// refused.
#pragma once

#include <netinet/in.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "pipeline/plugin/input.h"

namespace penstock {

// An input on a port; with port 0 the system chooses one.
class ListeningInput : public Input {
 public:
  virtual uint16_t port() const = 0;  // after start()
};

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  std::string ip() const;  // IPv4 in IPv6 is shown as IPv4
  uint16_t port() const;
};

// Looks the name up (numeric addresses are taken as they are). May wait for the name service.
Result<SocketAddress> resolve(const std::string& host, uint16_t port, bool datagram);

// Parcels on their way into the intake, in order. The input's loop thread, but for notify_room().
class OfferQueue {
 public:
  void open(Intake& intake, Input& input) {
    intake_ = &intake;
    input_ = &input;
  }
  // Offers what waits and then `records`, cut into parcels. False: the intake is full; what was
  // not taken is kept, and the caller stops reading until flush() gives true.
  bool offer(Records& records, const std::shared_ptr<const Origin>& origin);
  bool flush();
  bool empty() const { return waiting_.empty(); }
  // At the end, when nobody resumes us: waits for room until all is taken or the time is up.
  void drain(std::chrono::milliseconds at_most);
  void notify_room();  // any thread: the intake has room

 private:
  Intake* intake_ = nullptr;
  Input* input_ = nullptr;
  std::deque<std::unique_ptr<Parcel>> waiting_;
  std::mutex mutex_;  // room_
  std::condition_variable changed_;
  bool room_ = false;
};

}  // namespace penstock
