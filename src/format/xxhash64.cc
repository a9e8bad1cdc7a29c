#include "format/xxhash64.h"

#include <bit>
#include <cstdint>
#include <string_view>

#include "format/table_format.h"

namespace varve::format {
namespace {

constexpr std::uint64_t P1 = 0x9e3779b185ebca87ULL;
constexpr std::uint64_t P2 = 0xc2b2ae3d27d4eb4fULL;
constexpr std::uint64_t P3 = 0x165667b19e3779f9ULL;
constexpr std::uint64_t P4 = 0x85ebca77c2b2ae63ULL;
constexpr std::uint64_t P5 = 0x27d4eb2f165667c5ULL;

std::uint64_t round(std::uint64_t lane, std::uint64_t word) {
  return std::rotl(lane + word * P2, 31) * P1;
}

std::uint64_t merge(std::uint64_t hash, std::uint64_t lane) {
  return (hash ^ round(0, lane)) * P1 + P4;
}

}  // namespace

std::uint64_t xxhash64(std::string_view bytes) {
  std::uint64_t hash = P5;
  const std::uint64_t size = bytes.size();
  if (bytes.size() >= 32) {
    std::uint64_t lane[4] = {P1 + P2, P2, 0, 0 - P1};
    for (; bytes.size() >= 32; bytes.remove_prefix(32)) {
      for (int i = 0; i < 4; ++i) lane[i] = round(lane[i], load_u64le(bytes.data() + 8 * i));
    }
    hash = std::rotl(lane[0], 1) + std::rotl(lane[1], 7) + std::rotl(lane[2], 12) +
           std::rotl(lane[3], 18);
    for (const std::uint64_t value : lane) hash = merge(hash, value);
  }
  hash += size;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    const char* const at = bytes.data();
    hash = std::rotl(hash ^ round(0, load_u64le(at)), 27) * P1 + P4;
  }
  if (bytes.size() >= 4) {
    const char* const at = bytes.data();
    hash = std::rotl(hash ^ load_u32le(at) * P1, 23) * P2 + P3;
    bytes.remove_prefix(4);
  }
  for (const char c : bytes) {
    hash = std::rotl(hash ^ static_cast<unsigned char>(c) * P5, 11) * P1;
  }
  hash = (hash ^ hash >> 33U) * P2;
  hash = (hash ^ hash >> 29U) * P3;
  return hash ^ hash >> 32U;
}

}  // namespace varve::format
