#include "base/task_group.h"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <cstddef>
#include <exception>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/task.h"
#include "base/unique_function.h"
#include "base/waiter.h"

namespace varve::base {

namespace asio = boost::asio;

struct TaskGroup::Impl {
  using Signals = std::list<asio::cancellation_signal>;

  Impl(LoopExecutor l, std::size_t m) : loop(std::move(l)), tasks_max(m) {}

  void start(Task<void> task);
  void end(Signals::iterator signal);
  void cancel_all();
  static Task<void> run(Task<void> task);

  const LoopExecutor loop;
  const std::size_t tasks_max;
  Signals signals;  // of the tasks that run; touched on the loop only

  mutable std::mutex mutex;
  std::size_t count = 0;         // guarded by mutex
  bool is_closing = false;       // guarded by mutex
  std::optional<Waiter> closer;  // guarded by mutex
};

// Cancellation shows in what a task waits for, never as an exception out of an unrelated co_await:
// a task that is half-way through a write must be able to finish it.
Task<void> TaskGroup::Impl::run(Task<void> task) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await std::move(task);
}

void TaskGroup::Impl::start(Task<void> task) {
  const auto signal = signals.emplace(signals.end());
  asio::co_spawn(loop, run(std::move(task)),
                 asio::bind_cancellation_slot(signal->slot(),
                                              [this, signal](const std::exception_ptr& failure) {
                                                if (failure) std::rethrow_exception(failure);
                                                end(signal);
                                              }));
  const bool must_cancel = [this] {
    const std::lock_guard lock(mutex);
    return is_closing;
  }();
  if (must_cancel) signal->emit(asio::cancellation_type::terminal);
}

void TaskGroup::Impl::end(Signals::iterator signal) {
  signals.erase(signal);
  std::optional<Waiter> waiter;
  {
    const std::lock_guard lock(mutex);
    if (--count == 0) std::swap(waiter, closer);
  }
  if (waiter) std::move(*waiter).wake();
}

void TaskGroup::Impl::cancel_all() {
  for (auto signal = signals.begin(); signal != signals.end();) {
    (signal++)->emit(asio::cancellation_type::terminal);  // may end the task, and with it the node
  }
}

TaskGroup::TaskGroup(LoopExecutor loop, std::size_t tasks_max)
    : impl_(std::make_unique<Impl>(std::move(loop), tasks_max)) {}

TaskGroup::~TaskGroup() { VARVE_ASSERT(size() == 0); }

bool TaskGroup::is_closing() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->is_closing;
}

std::size_t TaskGroup::size() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->count;
}

bool TaskGroup::spawn(Task<void> task) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->is_closing || impl_->count >= impl_->tasks_max) return false;
    ++impl_->count;
  }
  asio::post(impl_->loop, [impl = impl_.get(), task = std::move(task)]() mutable {
    impl->start(std::move(task));
  });
  return true;
}

Task<void> TaskGroup::close() {
  {
    const std::lock_guard lock(impl_->mutex);
    VARVE_ASSERT(!impl_->is_closing);
    impl_->is_closing = true;
    if (impl_->count == 0) co_return;
  }
  UniqueFunction<void(Waiter)> wait([impl = impl_.get()](Waiter waiter) {
    std::unique_lock lock(impl->mutex);
    if (impl->count == 0) {
      lock.unlock();
      return std::move(waiter).wake();
    }
    impl->closer.emplace(std::move(waiter));
    lock.unlock();
    // Behind the starts that were posted before it, so every signal exists by then.
    asio::post(impl->loop, [impl] { impl->cancel_all(); });
  });
  co_await suspend(std::move(wait));
}

namespace detail {
namespace {

// Shared by the workers of one join_all; lives in the frame of the parent, which outlives them.
struct Join {
  std::vector<Task<void>> tasks;
  std::size_t next = 0;
  std::size_t workers = 0;  // that run beside the parent
  std::exception_ptr failure;
  std::optional<Waiter> parent;
};

Task<void> run_one(Join* join, Task<void> task) {
  try {
    co_await std::move(task);
  } catch (...) {
    if (!join->failure) join->failure = std::current_exception();
  }
}

Task<void> work(Join* join) {
  while (join->next < join->tasks.size()) {
    Task<void> task = std::move(join->tasks[join->next++]);
    co_await run_one(join, std::move(task));
  }
}

}  // namespace

// The parent is a worker too: with a limit of one, or a single task, nothing is spawned.
Task<void> join_all_erased(std::vector<Task<void>> tasks, std::size_t limit) {
  VARVE_ASSERT(limit > 0);
  Join join;
  join.tasks = std::move(tasks);
  const LoopExecutor loop = co_await asio::this_coro::executor;
  const std::size_t helpers = std::min(limit, join.tasks.size());
  for (std::size_t i = 1; i < helpers; ++i) {
    ++join.workers;
    asio::co_spawn(loop, work(&join), [&join](const std::exception_ptr& failure) {
      if (failure && !join.failure) join.failure = failure;
      if (--join.workers == 0 && join.parent) std::move(*join.parent).wake();
    });
  }
  co_await work(&join);
  if (join.workers > 0) {
    UniqueFunction<void(Waiter)> wait(
        [&join](Waiter waiter) { join.parent.emplace(std::move(waiter)); });
    co_await suspend(std::move(wait));
  }
  if (join.failure) std::rethrow_exception(join.failure);
}

}  // namespace detail
}  // namespace varve::base
