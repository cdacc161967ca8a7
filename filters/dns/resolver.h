// Resolver: asks name servers many questions at once and waits for all answers, but never longer
// than one question may take in the worst case, or than kWaitMax. One per worker.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "filters/dns/message.h"

namespace penstock::dns {

struct Server {
  std::string address;
  uint16_t port = 53;
};

struct ResolverOptions {
  std::vector<Server> servers;
  std::vector<std::string> search;
  int ndots = 1;
  std::chrono::milliseconds timeout{500};  // for an answer of one server
  int tries = 3;
};

struct Lookup {
  enum class Outcome : uint8_t { found, not_found, timed_out };

  std::string name;      // a host name, or an address
  bool reverse = false;  // address to name
  Outcome outcome = Outcome::timed_out;
  std::string text;  // found
};

class Resolver {
 public:
  static constexpr size_t kInFlightMax = 256;
  static constexpr std::chrono::seconds kWaitMax{30};

  explicit Resolver(ResolverOptions options);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  void resolve(std::span<Lookup> lookups);

 private:
  using Time = std::chrono::steady_clock::time_point;
  // A lookup on its way: which of the names it may mean and which record is asked for, and whom.
  struct Task {
    Lookup* lookup;
    std::vector<std::string> candidates;
    size_t candidate = 0;
    Type type = Type::a;
    size_t server = 0;
    int tries = 0;
    uint16_t id = 0;
    Time until{};
  };

  std::vector<std::string> candidates_of(const Lookup& lookup) const;
  bool open_sockets();
  bool ask(Task& task, Time now);
  bool next_server(Task& task, Time now);
  bool next_question(Task& task, Time now);
  bool take_answer(Task& task, const Answer& answer, Time now);
  void start_more(std::span<Lookup> lookups, size_t& started, Time now);
  void wait(Time now, Time end);
  void receive(int socket, size_t server, Time now);
  void expire(Time now);
  void finish(size_t index, Lookup::Outcome outcome);

  const ResolverOptions options_;
  std::vector<int> sockets_;  // by server
  std::vector<Task> tasks_;   // in flight
  std::mt19937 random_{std::random_device{}()};
};

}  // namespace penstock::dns
