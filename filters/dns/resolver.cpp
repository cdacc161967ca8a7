// Order of names, records, servers and tries: Ruby's resolv.rb, which Logstash uses. A socket per
// server is connected, so that the kernel passes over datagrams of anyone else.
#include "filters/dns/resolver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace penstock::dns {
namespace {

int open_socket(const Server& server) {
  sockaddr_storage address{};
  socklen_t size = 0;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address);
  if (inet_pton(AF_INET, server.address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(server.port);
    size = sizeof *v4;
  } else if (inet_pton(AF_INET6, server.address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(server.port);
    size = sizeof *v6;
  } else {
    return -1;
  }
  const int made = socket(address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made >= 0 && connect(made, reinterpret_cast<sockaddr*>(&address), size) == 0) return made;
  if (made >= 0) close(made);
  return -1;
}

}  // namespace

Resolver::Resolver(ResolverOptions options) : options_(std::move(options)) {}

Resolver::~Resolver() {
  for (const int socket : sockets_)
    if (socket >= 0) close(socket);
}

bool Resolver::open_sockets() {
  sockets_.resize(options_.servers.size(), -1);
  bool any = false;
  for (size_t i = 0; i < sockets_.size(); ++i) {
    if (sockets_[i] < 0) sockets_[i] = open_socket(options_.servers[i]);
    any = any || sockets_[i] >= 0;
  }
  return any;
}

std::vector<std::string> Resolver::candidates_of(const Lookup& lookup) const {
  if (lookup.reverse) return {reverse_name(lookup.name)};
  std::vector<std::string> out;
  if (lookup.name.ends_with('.')) return {lookup.name};
  for (const std::string& domain : options_.search) out.push_back(lookup.name + "." + domain);
  const auto dots = std::count(lookup.name.begin(), lookup.name.end(), '.');
  out.insert(dots >= options_.ndots ? out.begin() : out.end(), lookup.name);
  return out;
}

void Resolver::resolve(std::span<Lookup> lookups) {
  for (Lookup& lookup : lookups)
    lookup.outcome =
        options_.servers.empty() ? Lookup::Outcome::not_found : Lookup::Outcome::timed_out;
  if (lookups.empty() || !open_sockets()) return;
  const Time began = std::chrono::steady_clock::now();
  const auto longest = options_.timeout * options_.tries * static_cast<int>(sockets_.size());
  const Time end = began + std::min<std::chrono::steady_clock::duration>(longest, kWaitMax);
  size_t started = 0;
  start_more(lookups, started, began);
  while (!tasks_.empty()) {
    const Time now = std::chrono::steady_clock::now();
    if (now >= end) break;
    wait(now, end);
    const Time later = std::chrono::steady_clock::now();
    for (size_t i = 0; i < sockets_.size(); ++i)
      if (sockets_[i] >= 0) receive(sockets_[i], i, later);
    expire(later);
    start_more(lookups, started, later);
  }
  tasks_.clear();  // out of time: they timed out
}

void Resolver::start_more(std::span<Lookup> lookups, size_t& started, Time now) {
  for (; started < lookups.size() && tasks_.size() < kInFlightMax; ++started) {
    Lookup& lookup = lookups[started];
    Task task;
    task.lookup = &lookup;
    task.candidates = candidates_of(lookup);
    task.type = lookup.reverse ? Type::ptr : Type::a;
    tasks_.push_back(std::move(task));
    if (!ask(tasks_.back(), now)) finish(tasks_.size() - 1, Lookup::Outcome::not_found);
  }
}

// False: the name is no domain name, nor is any further one.
bool Resolver::ask(Task& task, Time now) {
  do task.id = static_cast<uint16_t>(random_());
  while (std::any_of(tasks_.begin(), tasks_.end(),
                     [&](const Task& other) { return &other != &task && other.id == task.id; }));
  const std::string question = build_question(task.id, task.candidates[task.candidate], task.type);
  if (question.empty()) return next_question(task, now);
  task.until = now + options_.timeout;
  // What can't be sent now is as good as lost: the time limit takes care of it.
  (void)send(sockets_[task.server], question.data(), question.size(), MSG_NOSIGNAL);
  return true;
}

// False: there is nothing more to ask for.
bool Resolver::next_question(Task& task, Time now) {
  task.server = 0;
  if (task.type == Type::a) {
    task.type = Type::aaaa;
  } else {
    if (++task.candidate == task.candidates.size()) return false;
    task.type = task.lookup->reverse ? Type::ptr : Type::a;
  }
  return ask(task, now);
}

// False: it has timed out for good.
bool Resolver::next_server(Task& task, Time now) {
  if (++task.server == sockets_.size()) {
    task.server = 0;
    if (++task.tries == options_.tries) return false;
  }
  return ask(task, now);
}

void Resolver::wait(Time now, Time end) {
  Time until = end;
  for (const Task& task : tasks_) until = std::min(until, task.until);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(until - now).count() + 1;
  std::vector<pollfd> polled;
  for (const int socket : sockets_) polled.push_back({socket, POLLIN, 0});
  (void)poll(polled.data(), polled.size(), static_cast<int>(std::max<int64_t>(milliseconds, 0)));
}

void Resolver::receive(int socket, size_t server, Time now) {
  std::array<char, 4096> buffer;
  while (true) {
    const ssize_t size = recv(socket, buffer.data(), buffer.size(), 0);
    if (size < 0) return;  // nothing more, or the server refuses: the time limit takes care of it
    const std::string_view bytes(buffer.data(), static_cast<size_t>(size));
    for (size_t i = 0; i < tasks_.size(); ++i) {
      Task& task = tasks_[i];
      if (task.server != server) continue;
      const auto answer = read_answer(bytes, task.id, task.candidates[task.candidate], task.type);
      if (!answer) continue;
      if (!take_answer(task, *answer, now))
        finish(i, answer->kind == Answer::Kind::found ? Lookup::Outcome::found
                                                      : Lookup::Outcome::not_found);
      break;
    }
  }
}

// Whether the task goes on.
bool Resolver::take_answer(Task& task, const Answer& answer, Time now) {
  if (answer.kind == Answer::Kind::found) {
    task.lookup->text = answer.text;
    return false;
  }
  // A name that doesn't exist has no record of another type either.
  if (answer.kind == Answer::Kind::no_such_name && task.type == Type::a) task.type = Type::aaaa;
  return next_question(task, now);
}

void Resolver::expire(Time now) {
  for (size_t i = 0; i < tasks_.size();) {
    if (tasks_[i].until > now || next_server(tasks_[i], now))
      ++i;
    else
      finish(i, Lookup::Outcome::timed_out);
  }
}

void Resolver::finish(size_t index, Lookup::Outcome outcome) {
  tasks_[index].lookup->outcome = outcome;
  if (index + 1 != tasks_.size()) tasks_[index] = std::move(tasks_.back());
  tasks_.pop_back();
}

}  // namespace penstock::dns
