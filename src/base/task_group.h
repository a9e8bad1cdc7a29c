// TaskGroup: the owner of tasks that nobody awaits (style.md 6.4). join_all: the owner of tasks
// that somebody does.
//
// A group runs its tasks on one loop. Closing it refuses newcomers, cancels what the tasks wait for
// (timers and sockets end early; nothing is thrown), and waits until all have ended. Destroying a
// group that still has tasks is a bug.
//
// Any thread may call. Must outlive close().
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/task.h"

namespace varve::base {

class TaskGroup {
 public:
  TaskGroup(LoopExecutor loop, std::size_t tasks_max);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts `task` on the group's loop. False if the group is closing or has `tasks_max` tasks: the
  // task is destroyed unstarted. A task must not throw: nobody would see it, so the process ends.
  bool spawn(Task<void> task);

  // Once. May be awaited on any loop.
  Task<void> close();

  bool is_closing() const;
  std::size_t size() const;  // tasks that have not ended

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

namespace detail {

Task<void> join_all_erased(std::vector<Task<void>> tasks, std::size_t limit);

template <class T>
Task<void> keep_result(Task<T> task, std::optional<T>* result) {
  result->emplace(co_await std::move(task));
}

}  // namespace detail

// Runs `tasks` on the caller's loop, at most `limit` (> 0) at a time, and gives their results in
// order. All have ended when it returns; if some threw, the first exception is thrown again.
template <class T>
Task<std::vector<T>> join_all(std::vector<Task<T>> tasks, std::size_t limit) {
  std::vector<std::optional<T>> results(tasks.size());
  std::vector<Task<void>> runs;
  runs.reserve(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    runs.push_back(detail::keep_result<T>(std::move(tasks[i]), &results[i]));
  }
  co_await detail::join_all_erased(std::move(runs), limit);
  std::vector<T> values;
  values.reserve(results.size());
  for (std::optional<T>& result : results) values.push_back(std::move(*result));
  co_return values;
}

}  // namespace varve::base
