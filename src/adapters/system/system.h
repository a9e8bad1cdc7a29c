// The real clock and real entropy. The only place that may ask the operating system for either:
// everything else is given a Clock and an Rng.  [I-9]
//
// Any thread may use them at any time.
#pragma once

#include <cstdint>

#include "base/rng.h"
#include "base/time.h"

namespace varve::adapters {

class SystemClock final : public base::Clock {
 public:
  base::Timestamp now() override;
  base::MonotonicTime monotonic() override;
};

// The kernel's generator (getrandom): good for secrets. Draws a little ahead for each thread.
class SystemRng final : public base::Rng {
 public:
  std::uint64_t next() override;
};

}  // namespace varve::adapters
