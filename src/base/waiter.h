// Waiter: a suspended task, held by whoever will wake it. What is between a coroutine and a thread,
// a queue or a callback that knows nothing of coroutines.
//
//   co_await suspend([&queue](Waiter waiter) { queue.push_back(std::move(waiter)); });
//   ...
//   std::move(waiter).wake();              // from any thread; the task goes on, on its own loop
//
// (Name the function and move it in: style.md 6.3.)
//
// The loop of a suspended task keeps running until the task is woken. A waiter that is dropped
// instead destroys the task it stands for, all the way up; only a process that is ending does that.
#pragma once

#include <memory>

#include "base/task.h"
#include "base/unique_function.h"

namespace varve::base {

class Waiter {
 public:
  struct Impl {
    virtual ~Impl() = default;
    virtual void wake() = 0;
  };

  explicit Waiter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

  // Once. The task resumes on its loop, later: never inside this call.
  void wake() && {
    const std::unique_ptr<Impl> impl = std::move(impl_);
    impl->wake();
  }

 private:
  std::unique_ptr<Impl> impl_;
};

// Suspends the calling task and hands its waiter to `start`, which must not throw. `start` runs on
// the task's loop, after the task is suspended, so the waiter may be woken before it returns.
Task<void> suspend(UniqueFunction<void(Waiter)> start);

// Lets the other tasks of the loop run.
Task<void> yield();

}  // namespace varve::base
