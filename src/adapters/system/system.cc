#include "adapters/system/system.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/assert.h"
#include "base/time.h"

namespace varve::adapters {
namespace {

// The kernel gives up to 256 bytes whole, uninterrupted by signals.
constexpr std::size_t DrawsPerCall = 32;

struct Pool {
  std::array<std::uint64_t, DrawsPerCall> draws{};
  std::size_t used = DrawsPerCall;
};

void refill(Pool& pool) {
  constexpr auto Wanted = static_cast<ssize_t>(sizeof pool.draws);
  ssize_t got = 0;
  do {
    got = ::getrandom(pool.draws.data(), sizeof pool.draws, 0);
  } while (got < 0 && errno == EINTR);
  // It cannot fail on a kernel that runs us, and an id that is not random may overwrite data.
  VARVE_ASSERT(got == Wanted);
  pool.used = 0;
}

}  // namespace

base::Timestamp SystemClock::now() {
  using std::chrono::nanoseconds;
  using std::chrono::seconds;
  const nanoseconds since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const seconds whole = std::chrono::floor<seconds>(since_epoch);
  return {whole.count(), static_cast<std::int32_t>((since_epoch - whole).count())};
}

base::MonotonicTime SystemClock::monotonic() { return std::chrono::steady_clock::now(); }

std::uint64_t SystemRng::next() {
  thread_local Pool pool;
  if (pool.used == DrawsPerCall) refill(pool);
  // Handed out once and forgotten, so that a look at our memory tells no earlier secret.
  return std::exchange(pool.draws.at(pool.used++), 0);
}

}  // namespace varve::adapters
