#include "base/rng.h"

#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/bytes.h"

namespace varve::base {

std::uint64_t Rng::below(std::uint64_t bound) {
  VARVE_ASSERT(bound > 0);
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  for (;;) {
    const std::uint64_t draw = next();
    if (draw < limit) return draw % bound;
  }
}

Bytes Rng::bytes(std::size_t count) {
  Bytes out;
  out.reserve(count + 8);
  while (out.size() < count) {
    std::uint64_t draw = next();
    for (int i = 0; i < 8; ++i) {
      out.push_back(static_cast<char>(draw & 255U));
      draw >>= 8U;
    }
  }
  out.resize(count);
  return out;
}

std::uint64_t SeededRng::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31U);
}

}  // namespace varve::base
