// The register of CRC-64/NVME, for base/hash.cc. Callers use crc64nvme() or a Hasher there.
#pragma once

#include <cstdint>
#include <string_view>

namespace varve::base {

// Feeds `bytes` to the register, which starts as all ones and is inverted at the end.
std::uint64_t crc64nvme_update(std::uint64_t state, std::string_view bytes);

}  // namespace varve::base
