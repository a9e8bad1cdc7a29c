#include "sim/scheduler.h"

#include <chrono>
#include <cstdint>
#include <utility>

#include "base/task.h"
#include "base/unique_function.h"
#include "base/waiter.h"

namespace varve::sim {
namespace {

constexpr std::int64_t NanosecondsPerSecond = 1'000'000'000;
constexpr std::uint64_t TurnNanosecondsMax = 2'000'000;  // a slow reply takes up to 2 ms

}  // namespace

void VirtualClock::advance(std::int64_t nanoseconds) {
  monotonic_ += std::chrono::nanoseconds(nanoseconds);
  const std::int64_t total = now_.nanos + nanoseconds;
  now_.seconds += total / NanosecondsPerSecond;
  now_.nanos = static_cast<std::int32_t>(total % NanosecondsPerSecond);
}

base::Task<void> Scheduler::turn() {
  base::UniqueFunction<void(base::Waiter)> park(
      [this](base::Waiter waiter) { parked_.push_back(std::move(waiter)); });
  co_await base::suspend(std::move(park));
}

void Scheduler::poll() {
  io_.restart();
  while (io_.poll() > 0) {
  }
}

bool Scheduler::run_for(std::uint64_t turns_max) {
  for (std::uint64_t i = 0; i < turns_max; ++i) {
    poll();
    if (parked_.empty()) return true;
    const std::uint64_t choice = rng_.below(parked_.size());
    std::swap(parked_[choice], parked_.back());
    base::Waiter next = std::move(parked_.back());
    parked_.pop_back();
    ++turns_;
    clock_.advance(static_cast<std::int64_t>(rng_.below(TurnNanosecondsMax)));
    std::move(next).wake();
  }
  poll();
  return parked_.empty();
}

void Scheduler::run_until_idle() {
  while (!run_for(1U << 20U)) {
  }
}

}  // namespace varve::sim
