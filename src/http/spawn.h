// The one place that starts a task nobody awaits. Its owner is whoever passes `on_end`.
#pragma once

#include "base/task.h"
#include "base/unique_function.h"

namespace varve::http {

// Runs `task` on `executor`, then `on_end` there. An exception out of the task ends the process.
void spawn(base::LoopExecutor executor, base::Task<void> task, base::UniqueFunction<void()> on_end);

}  // namespace varve::http
