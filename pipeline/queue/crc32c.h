// CRC-32C (Castagnoli, RFC 3720), by the processor's instruction where there is one. Thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

namespace penstock {

// `seed` is the checksum of what came before.
uint32_t crc32c(std::string_view bytes, uint32_t seed = 0);

}  // namespace penstock
