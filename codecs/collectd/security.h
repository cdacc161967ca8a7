// Signed and encrypted packets: who may send, and with what password. One per decoder.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/base/arena.h"
#include "pipeline/base/result.h"

namespace penstock::collectd {

// Users and passwords, "name: password" a line.
using Users = std::map<std::string, std::string, std::less<>>;
Result<Users> read_users(const std::string& path);

// Body of a signature part: 32 bytes of HMAC-SHA256 over the user's name and the rest of the
// packet, then the name.
bool is_signed(const Users& users, std::string_view body, std::string_view rest);

// Body of an encryption part: the name's length and the name, 16 bytes of start, then AES-256-OFB
// of a SHA-1 and the parts it is of. Empty when the user is unknown or the sum is wrong.
std::optional<std::string_view> decrypted(const Users& users, std::string_view body, Arena& arena);

}  // namespace penstock::collectd
