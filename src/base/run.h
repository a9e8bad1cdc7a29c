// run(task): runs a task to its end on a loop of its own and gives its result. For tests, and for
// programs that do one thing and exit. Everything the task started ends before it returns.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "base/task.h"

namespace varve::base {

// Runs until the loop has no work left; an exception of the task is thrown again.
void run_until_done(Task<void> task);

namespace detail {

template <class T>
Task<void> keep_outcome(Task<T> task, std::optional<T>* outcome) {
  outcome->emplace(co_await std::move(task));
}

}  // namespace detail

template <class T>
T run(Task<T> task) {
  if constexpr (std::is_void_v<T>) {
    run_until_done(std::move(task));
  } else {
    std::optional<T> outcome;
    run_until_done(detail::keep_outcome<T>(std::move(task), &outcome));
    return std::move(*outcome);
  }
}

}  // namespace varve::base
