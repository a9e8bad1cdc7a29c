#include "base/task_group.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/run.h"
#include "base/task.h"
#include "base/unique_function.h"
#include "base/waiter.h"

namespace varve::base {
namespace {

// Tasks stop here until they are let go, one by one, in any order.
struct Gate {
  std::vector<Waiter> waiters;
  int running = 0;
  int running_max = 0;
};

Task<int> pass(Gate* gate, int value) {
  ++gate->running;
  gate->running_max = std::max(gate->running_max, gate->running);
  UniqueFunction<void(Waiter)> wait(
      [gate](Waiter waiter) { gate->waiters.push_back(std::move(waiter)); });
  co_await suspend(std::move(wait));
  --gate->running;
  co_return value;
}

// Wakes the latest sleeper whenever nothing else happens, so that tasks end out of order.
Task<int> doorman(Gate* gate, int to_wake) {
  while (to_wake > 0) {
    if (!gate->waiters.empty()) {
      Waiter waiter = std::move(gate->waiters.back());
      gate->waiters.pop_back();
      std::move(waiter).wake();
      --to_wake;
    }
    co_await yield();
  }
  co_return -1;
}

TEST(JoinAll, KeepsOrderAndBound) {
  Gate gate;
  std::vector<Task<int>> tasks;
  tasks.push_back(doorman(&gate, 10));
  for (int i = 0; i < 10; ++i) tasks.push_back(pass(&gate, i));
  const std::vector<int> results = run(join_all(std::move(tasks), 4));
  EXPECT_EQ(results, (std::vector<int>{-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(gate.running_max, 3);  // the fourth is the doorman
}

TEST(JoinAll, OfNothingIsNothing) {
  EXPECT_TRUE(run(join_all(std::vector<Task<int>>(), 3)).empty());
}

Task<int> fail(std::string why) {
  throw std::runtime_error(why);
  co_return 0;
}

TEST(JoinAll, ThrowsOnlyWhenAllHaveEnded) {
  Gate gate;
  std::vector<Task<int>> tasks;
  tasks.push_back(fail("first"));
  tasks.push_back(doorman(&gate, 2));
  tasks.push_back(pass(&gate, 1));
  tasks.push_back(pass(&gate, 2));
  EXPECT_THROW(run(join_all(std::move(tasks), 3)), std::runtime_error);
  EXPECT_EQ(gate.running, 0);
}

Task<void> count_up(int* ended) {
  co_await yield();
  ++*ended;
}

Task<void> close_waits(std::unique_ptr<TaskGroup>* group) {
  *group = std::make_unique<TaskGroup>(co_await boost::asio::this_coro::executor, 3);
  int ended = 0;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE((*group)->spawn(count_up(&ended)));
  EXPECT_FALSE((*group)->spawn(count_up(&ended))) << "a group is bounded";
  EXPECT_EQ((*group)->size(), 3U);
  co_await (*group)->close();
  EXPECT_EQ(ended, 3);
  EXPECT_EQ((*group)->size(), 0U);
  EXPECT_TRUE((*group)->is_closing());
  EXPECT_FALSE((*group)->spawn(count_up(&ended))) << "a closed group refuses newcomers";
}

TEST(TaskGroup, CloseWaitsForItsTasks) {
  std::unique_ptr<TaskGroup> group;
  run(close_waits(&group));
}

Task<void> close_at_once(std::unique_ptr<TaskGroup>* group) {
  *group = std::make_unique<TaskGroup>(co_await boost::asio::this_coro::executor, 3);
  co_await (*group)->close();
}

TEST(TaskGroup, AnEmptyOneClosesAtOnce) {
  std::unique_ptr<TaskGroup> group;
  run(close_at_once(&group));
  EXPECT_EQ(group->size(), 0U);
}

// What a cancelled task sees: its cancellation state says so, and nothing is thrown.
Task<void> until_cancelled(bool* was_cancelled) {
  for (int i = 0; i < 100000; ++i) {
    co_await yield();
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none) {
      *was_cancelled = true;
      co_return;
    }
  }
}

Task<void> close_cancels(std::unique_ptr<TaskGroup>* group, bool* was_cancelled) {
  *group = std::make_unique<TaskGroup>(co_await boost::asio::this_coro::executor, 3);
  EXPECT_TRUE((*group)->spawn(until_cancelled(was_cancelled)));
  co_await (*group)->close();
}

TEST(TaskGroup, CloseCancelsWithoutThrowing) {
  std::unique_ptr<TaskGroup> group;
  bool was_cancelled = false;
  run(close_cancels(&group, &was_cancelled));
  EXPECT_TRUE(was_cancelled);
}

}  // namespace
}  // namespace varve::base
