// Entropy as an argument. The real source is adapters/system; a seeded one serves tests and sim/.
// One draw per statement: argument order differs between compilers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace varve::base {

class Rng {
 public:
  virtual ~Rng() = default;
  // Uniform over all 64-bit values. Any thread may draw.
  virtual std::uint64_t next() = 0;

  // Uniform in [0, bound); bound > 0. Rejection sampling, the same on every library.
  std::uint64_t below(std::uint64_t bound);
  Bytes bytes(std::size_t count);
};

// splitmix64 (Steele, Lea, Flood 2014): every seed gives a full-period stream. Not for secrets and
// not thread-safe.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override;

 private:
  std::uint64_t state_;
};

}  // namespace varve::base
