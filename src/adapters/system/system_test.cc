#include "adapters/system/system.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "base/time.h"

namespace varve::adapters {
namespace {

TEST(SystemClock, ReadsAPlausibleInstant) {
  SystemClock clock;
  const base::Timestamp time = clock.now();
  EXPECT_GT(time.seconds, 1'700'000'000);  // this test was written later than that
  EXPECT_GE(time.nanos, 0);
  EXPECT_LT(time.nanos, 1'000'000'000);
}

TEST(SystemClock, MonotonicNeverGoesBack) {
  SystemClock clock;
  base::MonotonicTime last = clock.monotonic();
  for (int i = 0; i < 1000; ++i) {
    const base::MonotonicTime next = clock.monotonic();
    EXPECT_GE(next, last);
    last = next;
  }
}

TEST(SystemRng, ThreadsNeverShareADraw) {
  SystemRng rng;
  std::mutex mutex;
  std::set<std::uint64_t> seen;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 1000; ++k) {
        const std::uint64_t draw = rng.next();
        const std::lock_guard lock(mutex);
        seen.insert(draw);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(seen.size(), 4000U);
}

}  // namespace
}  // namespace varve::adapters
