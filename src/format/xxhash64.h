// XXH64 with seed 0, read as a block checksum of tables that others wrote; Varve writes CRC32C.
#pragma once

#include <cstdint>
#include <string_view>

namespace varve::format {

std::uint64_t xxhash64(std::string_view bytes);

}  // namespace varve::format
