#include "base/batch_thread.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <deque>
#include <future>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/run.h"
#include "base/task.h"
#include "base/task_group.h"
#include "base/waiter.h"

namespace varve::base {
namespace {

struct Doubling {
  int value = 0;
  std::optional<Waiter> waiter;
};
using Doubler = BatchThread<Doubling>;

void serve_all(std::deque<Doubling*>& waiting) {
  for (Doubling* request : waiting) {
    request->value *= 2;
    Doubler::wake(request);
  }
  waiting.clear();
}

// The doubled value, or -1 if it was not accepted.
Task<int> doubled(Doubler* thread, int value) {
  Doubling request;
  request.value = value;
  const Submission outcome = co_await thread->submit(&request);
  co_return outcome == Submission::Served ? request.value : -1;
}

TEST(BatchThread, ServesTasksOfManyLoops) {
  Doubler thread(1000, serve_all);
  std::vector<std::thread> loops;
  for (int i = 0; i < 4; ++i) {
    loops.emplace_back([&thread] {
      std::vector<Task<int>> tasks;
      for (int value = 0; value < 100; ++value) tasks.push_back(doubled(&thread, value));
      const std::vector<int> results = run(join_all(std::move(tasks), 20));
      for (std::size_t i = 0; i < results.size(); ++i)
        EXPECT_EQ(results[i], 2 * static_cast<int>(i));
    });
  }
  for (std::thread& loop : loops) loop.join();
}

TEST(BatchThread, WhatComesDuringABatchIsTheNext) {
  std::promise<void> go;
  std::shared_future<void> gate = go.get_future().share();
  std::vector<std::size_t> batches;  // the thread's, read after it has ended
  Doubler thread(1000, [&](std::deque<Doubling*>& waiting) {
    gate.wait();
    batches.push_back(waiting.size());
    serve_all(waiting);
  });
  std::vector<Task<int>> tasks;
  for (int i = 0; i < 10; ++i) tasks.push_back(doubled(&thread, i));
  const auto release = [](std::promise<void>* promise) -> Task<int> {
    promise->set_value();
    co_return 0;
  };
  tasks.push_back(release(&go));
  run(join_all(std::move(tasks), 11));
  thread.stop();
  EXPECT_LE(batches.size(), 2U);
}

TEST(BatchThread, RefusesWhenFullOrStopped) {
  Doubler full(0, serve_all);
  EXPECT_EQ(run(doubled(&full, 1)), -1);
  Doubler stopped(10, serve_all);
  EXPECT_EQ(run(doubled(&stopped, 1)), 2);
  stopped.stop();
  EXPECT_EQ(run(doubled(&stopped, 1)), -1);
}

}  // namespace
}  // namespace varve::base
