// Scheduler: one thread, and a seed that decides which of the waiting tasks goes on.
//
// Tasks run on one event loop. Every simulated port awaits turn() before it acts and before it
// answers, so the order of effects and of replies is the scheduler's choice alone: two runs with
// one seed are the same run.
//
// One thread. Must outlive its tasks.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <vector>

#include "base/rng.h"
#include "base/task.h"
#include "base/time.h"
#include "base/waiter.h"

namespace varve::sim {

// Virtual time: moves a little with every turn, and whenever a test says so.
class VirtualClock final : public base::Clock {
 public:
  base::Timestamp now() override { return now_; }
  base::MonotonicTime monotonic() override { return monotonic_; }
  void advance(std::int64_t nanoseconds);

 private:
  base::Timestamp now_{1700000000, 0};
  base::MonotonicTime monotonic_{};
};

class Scheduler {
 public:
  explicit Scheduler(std::uint64_t seed) : rng_(seed) {}

  // Waits until the scheduler picks the caller.
  base::Task<void> turn();

  // Runs until no task can go on. Turns taken so far: turns().
  void run_until_idle();

  // Runs at most `turns_max` turns; true if that was enough.
  bool run_for(std::uint64_t turns_max);

  std::uint64_t turns() const { return turns_; }
  base::LoopExecutor loop() { return io_.get_executor(); }
  base::SeededRng& rng() { return rng_; }
  VirtualClock& clock() { return clock_; }

 private:
  void poll();

  base::SeededRng rng_;
  VirtualClock clock_;
  boost::asio::io_context io_{1};
  std::vector<base::Waiter> parked_;
  std::uint64_t turns_ = 0;
};

}  // namespace varve::sim
