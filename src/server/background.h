// Work that no request asks for. Each task begins when the server starts and ends when the loops
// stop. What it works on outlives it.
#pragma once

#include <utility>

#include "base/context.h"
#include "base/log.h"
#include "base/task.h"
#include "engine/engine.h"
#include "services/jobs/jobs.h"

namespace varve::server {

class Background {
 public:
  Background(engine::Engine& engine, services::Jobs& jobs, base::Log log)
      : engine_(engine), jobs_(jobs), log_(std::move(log)) {}

  // Removes uncommitted data that nothing refers to any more (left by a crash between a commit and
  // its clean-up): at the start and every ten minutes.
  base::Task<void> sweep();

  // Merges the sealed tokens of branches that have many, every second while there are any.
  base::Task<void> compact();

  // Ends what would take long. The tasks themselves end with the loops.
  void cancel() { context_.cancel(); }

  // Keeps the tasks of this server alive for those who watch them, every second while there are
  // any.
  base::Task<void> beat();

  // Forgets tasks that ended long ago: at the start and once a day.
  base::Task<void> expire();

 private:
  void warn_unless(const base::Result<void>& done, const char* what) const;

  engine::Engine& engine_;
  services::Jobs& jobs_;
  base::Log log_;
  base::Context context_;  // of all of it
};

}  // namespace varve::server
