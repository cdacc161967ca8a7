#include "inputs/listener.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <chrono>

namespace penstock {

std::string SocketAddress::ip() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr, text,
              sizeof text);
  } else {
    const auto& address = reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&address))
      inet_ntop(AF_INET, &address.s6_addr[12], text, sizeof text);
    else
      inet_ntop(AF_INET6, &address, text, sizeof text);
  }
  return text;
}

uint16_t SocketAddress::port() const {
  return ntohs(storage.ss_family == AF_INET
                   ? reinterpret_cast<const sockaddr_in*>(&storage)->sin_port
                   : reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
}

Result<SocketAddress> resolve(const std::string& host, uint16_t port, bool datagram) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = datagram ? SOCK_DGRAM : SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) return io_error("`" + host + "`: " + gai_strerror(error));
  SocketAddress address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.size = found->ai_addrlen;
  freeaddrinfo(found);
  return address;
}

bool OfferQueue::offer(Records& records, const std::shared_ptr<const Origin>& origin) {
  for (Records& run : cut_into_parcels(records))
    waiting_.push_back(std::make_unique<Parcel>(Parcel{std::move(run), origin, AckToken()}));
  return flush();
}

bool OfferQueue::flush() {
  while (!waiting_.empty()) {
    if (!intake_->offer(*input_, waiting_.front())) return false;
    waiting_.pop_front();
  }
  return true;
}

void OfferQueue::drain(std::chrono::milliseconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (!flush()) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_until(lock, until, [&] { return room_; })) return;
    room_ = false;
  }
}

void OfferQueue::notify_room() {
  std::lock_guard lock(mutex_);
  room_ = true;
  changed_.notify_one();
}

}  // namespace penstock
