// DNS messages (RFC 1035): questions for A, AAAA (RFC 3596) and PTR, and what answers them.
// Stateless, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::dns {

enum class Type : uint16_t { a = 1, ptr = 12, aaaa = 28 };

// The bytes of a question, recursion desired; empty when `name` is no domain name.
std::string build_question(uint16_t id, std::string_view name, Type type);

struct Answer {
  enum class Kind : uint8_t { found, none, no_such_name, failure };
  Kind kind = Kind::failure;
  std::string text;  // found: the first address or name
};

// Empty when the bytes are no answer to this question. Names come in lower and upper case as they
// were sent, with bytes that aren't printable ASCII refused.
std::optional<Answer> read_answer(std::string_view bytes, uint16_t id, std::string_view name,
                                  Type type);

// "4.3.2.1.in-addr.arpa" of an IPv4 or IPv6 address; empty when it is none.
std::string reverse_name(std::string_view address);

bool is_address(std::string_view text);

}  // namespace penstock::dns
