#include "base/async_mutex.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "base/task_group.h"
#include "base/waiter.h"

namespace varve::base {
namespace {

Task<Result<void>> append(KeyedMutex* mutex, Context context, std::string key, std::string* log,
                          char name) {
  VARVE_CO_TRY(const KeyedMutex::Guard guard, co_await mutex->lock(context, key));
  *log += name;
  co_await yield();
  *log += name;
  co_return Result<void>();
}

TEST(KeyedMutex, IsFirstComeFirstServed) {
  KeyedMutex mutex(10);
  std::string log;
  std::vector<Task<Result<void>>> tasks;
  for (const char name : {'a', 'b', 'c', 'd'}) {
    tasks.push_back(append(&mutex, Context(), "k", &log, name));
  }
  for (const auto& result : run(join_all(std::move(tasks), 4))) EXPECT_TRUE(result);
  EXPECT_EQ(log.size(), 8U);
  for (std::size_t i = 0; i < log.size(); i += 2) EXPECT_EQ(log[i], log[i + 1]) << log;
  EXPECT_EQ(mutex.keys(), 0U) << "a free key costs nothing";
}

TEST(KeyedMutex, KeysDoNotWaitForEachOther) {
  KeyedMutex mutex(10);
  std::string log;
  std::vector<Task<Result<void>>> tasks;
  tasks.push_back(append(&mutex, Context(), "k", &log, 'a'));
  tasks.push_back(append(&mutex, Context(), "l", &log, 'b'));
  for (const auto& result : run(join_all(std::move(tasks), 2))) EXPECT_TRUE(result);
  EXPECT_NE(log, "aabb");
  EXPECT_NE(log, "bbaa");
}

TEST(KeyedMutex, BoundsItsWaiters) {
  KeyedMutex mutex(2);
  std::string log;
  std::vector<Task<Result<void>>> tasks;
  for (int i = 0; i < 5; ++i) tasks.push_back(append(&mutex, Context(), "k", &log, 'a'));
  int refused = 0;
  for (const auto& result : run(join_all(std::move(tasks), 5))) {
    if (result) continue;
    EXPECT_EQ(result.error().code(), Code::ResourceExhausted);
    ++refused;
  }
  EXPECT_EQ(refused, 2);
}

Task<Result<void>> cancel(Context context) {
  context.cancel();
  co_return Result<void>();
}

TEST(KeyedMutex, ACancelledWaiterPassesTheLockOn) {
  KeyedMutex mutex(10);
  std::string log;
  Context cancelled;
  std::vector<Task<Result<void>>> tasks;
  tasks.push_back(append(&mutex, Context(), "k", &log, 'a'));
  tasks.push_back(append(&mutex, cancelled, "k", &log, 'b'));
  tasks.push_back(append(&mutex, Context(), "k", &log, 'c'));
  tasks.push_back(cancel(cancelled));
  const auto results = run(join_all(std::move(tasks), 4));
  EXPECT_TRUE(results[0]);
  ASSERT_FALSE(results[1]);
  EXPECT_EQ(results[1].error().code(), Code::Cancelled);
  EXPECT_TRUE(results[2]);
  EXPECT_EQ(log.find('b'), std::string::npos);
}

Task<Result<void>> increment(AsyncMutex* mutex, Context context, int* counter) {
  for (int i = 0; i < 200; ++i) {
    VARVE_CO_TRY(const AsyncMutex::Guard guard, co_await mutex->lock(context));
    const int seen = *counter;
    co_await yield();
    *counter = seen + 1;
  }
  co_return Result<void>();
}

TEST(AsyncMutex, ExcludesTasksOfDifferentLoops) {
  AsyncMutex mutex(100);
  int counter = 0;
  std::vector<std::thread> loops;
  for (int i = 0; i < 4; ++i) {
    loops.emplace_back(
        [&mutex, &counter] { EXPECT_TRUE(run(increment(&mutex, Context(), &counter))); });
  }
  for (std::thread& loop : loops) loop.join();
  EXPECT_EQ(counter, 800);
}

}  // namespace
}  // namespace varve::base
