#include "base/uuid.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/rng.h"

namespace varve::base {

std::string make_uuid(Rng& rng) {
  constexpr char Digits[] = "0123456789abcdef";
  const std::uint64_t high = rng.next();
  const std::uint64_t low = rng.next();
  std::string out(36, '-');
  std::size_t at = 0;
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) ++at;
    const std::uint64_t half = nibble < 16 ? high : low;
    std::uint64_t value = half >> (60 - 4 * (nibble % 16)) & 15U;
    if (nibble == 12) value = 4;                  // the version
    if (nibble == 16) value = (value & 3U) | 8U;  // the variant
    out[at++] = Digits[value];
  }
  return out;
}

}  // namespace varve::base
