#include "base/offload.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "base/task_group.h"

namespace varve::base {
namespace {

OffloadOptions pool(std::size_t threads, std::size_t queue_max = 100) {
  OffloadOptions options;
  options.threads = threads;
  options.queue_max = queue_max;
  return options;
}

// Where a job ran, and where its caller went on.
struct Threads {
  std::thread::id before, job, after;
};

Task<Threads> observe(Offload* offload) {
  Threads threads;
  threads.before = std::this_thread::get_id();
  auto job = [] { return std::this_thread::get_id(); };
  threads.job = (co_await offload->run(std::move(job))).value();
  threads.after = std::this_thread::get_id();
  co_return threads;
}

TEST(Offload, RunsElsewhereAndResumesOnTheCallersLoop) {
  Offload offload(pool(2));
  const Threads threads = run(observe(&offload));
  EXPECT_NE(threads.job, threads.before);
  EXPECT_EQ(threads.after, threads.before);
}

TEST(Offload, WithoutThreadsRunsInline) {
  Offload offload(pool(0));
  const Threads threads = run(observe(&offload));
  EXPECT_EQ(threads.job, threads.before);
}

template <class Job>
auto outcome_of(Offload& offload, Job job) {
  return run(offload.run(std::move(job)));
}

TEST(Offload, PassesValuesResultsAndMoveOnlyThings) {
  Offload offload(pool(1));
  EXPECT_EQ(outcome_of(offload, [] { return 7; }).value(), 7);
  EXPECT_TRUE(outcome_of(offload, [] {}).has_value());

  const auto failed =
      outcome_of(offload, []() -> Result<int> { return Error(Code::NotFound, "gone"); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), Code::NotFound);

  auto owned = std::make_unique<std::string>("kept");
  auto back =
      outcome_of(offload, [owned = std::move(owned)]() mutable { return std::move(owned); });
  EXPECT_EQ(**back, "kept");
}

TEST(Offload, AnExceptionIsInternal) {
  for (const std::size_t threads : {0U, 1U}) {
    Offload offload(pool(threads));
    const auto outcome = outcome_of(offload, []() -> int { throw std::runtime_error("boom"); });
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code(), Code::Internal);
    EXPECT_EQ(outcome.error().message(), "blocking operation: boom");
  }
}

Task<Result<void>> wait_for(Offload* offload, std::shared_future<void> gate) {
  auto job = [gate] { gate.wait(); };
  co_return co_await offload->run(std::move(job));
}

Task<int> overfill(Offload* offload, std::promise<void>* open) {
  std::shared_future<void> gate = open->get_future().share();
  std::vector<Task<Result<void>>> tasks;
  // One job holds the only thread; the others fill the queue of two and are refused after it.
  for (int i = 0; i < 8; ++i) tasks.push_back(wait_for(offload, gate));
  std::promise<void>* to_open = open;
  auto release = [](std::promise<void>* promise) -> Task<Result<void>> {
    promise->set_value();
    co_return Result<void>();
  };
  tasks.push_back(release(to_open));
  const auto results = co_await join_all(std::move(tasks), 9);
  int refused = 0;
  for (const auto& result : results) {
    if (!result) {
      EXPECT_EQ(result.error().code(), Code::Unavailable);
      ++refused;
    }
  }
  co_return refused;
}

TEST(Offload, RefusesWhatItsQueueCannotHold) {
  Offload offload(pool(1, 2));
  std::promise<void> open;
  const int refused = run(overfill(&offload, &open));
  // The thread may or may not have taken the first job when the queue was filled.
  EXPECT_GE(refused, 5);
  EXPECT_LE(refused, 6);
  EXPECT_EQ(offload.queued(), 0U);
}

TEST(Offload, PostedWorkRunsWithoutBeingAwaited) {
  for (const std::size_t threads : {0U, 2U}) {
    std::atomic<int> done = 0;
    {
      Offload offload(pool(threads));
      for (int i = 0; i < 50; ++i) EXPECT_TRUE(offload.post([&done] { ++done; }));
    }
    EXPECT_EQ(done.load(), 50);
  }
}

TEST(Offload, FinishesAcceptedJobsFromManyLoops) {
  std::atomic<int> done = 0;
  {
    Offload offload(pool(3, 10000));
    std::vector<std::thread> loops;
    for (int i = 0; i < 4; ++i) {
      loops.emplace_back([&offload, &done] {
        std::vector<Task<Result<void>>> tasks;
        for (int k = 0; k < 200; ++k) tasks.push_back(offload.run([&done] { ++done; }));
        run(join_all(std::move(tasks), 50));
      });
    }
    for (std::thread& loop : loops) loop.join();
  }
  EXPECT_EQ(done.load(), 800);
}

}  // namespace
}  // namespace varve::base
