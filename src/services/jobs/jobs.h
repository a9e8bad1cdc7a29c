// Background tasks: submit, watch, expire. engine.md 13.4; rest-semantics.md 23.
//
// The status row is written before submit answers, so it is readable at once. The server that runs
// a task keeps a heartbeat while it has any; a task that is not done and whose server's heartbeat
// is older than HeartbeatSecondsMax, or absent, is reported done with an error that says so.
//
// Any thread may call. close() before destruction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/context.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/task.h"
#include "base/task_group.h"
#include "base/time.h"
#include "engine/core/core.h"
#include "engine/dump/dump.h"
#include "engine/imports/imports.h"
#include "engine/repo/repo.h"
#include "format/graveler.h"
#include "format/tasks.h"
#include "ports/kv_store.h"

namespace varve::services {

constexpr std::size_t RunningTasksMax = 64;               // of one server; more are refused
constexpr std::int64_t TaskRetentionSeconds = 24 * 3600;  // after its last update
constexpr std::int64_t HeartbeatSecondsMax = 30;          // without one, the server is gone

class Jobs {
 public:
  // Tasks run on `loop`.
  Jobs(base::LoopExecutor loop, ports::KvStore& kv, base::Clock& clock, base::Rng& rng,
       engine::Repositories& repositories, engine::RefsDumps& dumps, engine::Imports& imports);
  ~Jobs();

  // Answer the task's id.
  //   ResourceExhausted  RunningTasksMax tasks are running
  base::Task<base::Result<std::string>> submit_dump(base::Context context,
                                                    engine::RepositoryRef repository);
  //   InvalidArgument    not bare: refused at once
  base::Task<base::Result<std::string>> submit_restore(base::Context context,
                                                       engine::RepositoryRef repository,
                                                       format::RefsDump dump, bool force);

  //   NotFound  "not found": no such task of this kind in the repository
  base::Task<base::Result<format::DumpStatus>> dump_status(base::Context context,
                                                           engine::RepositoryRef repository,
                                                           std::string id);
  base::Task<base::Result<format::TaskRecord>> restore_status(base::Context context,
                                                              engine::RepositoryRef repository,
                                                              std::string id);

  // Imports have rows of their own (rest-semantics.md 19.3). What imports.check() refuses is
  // refused at once; the rest is said by the status.
  base::Task<base::Result<std::string>> submit_import(base::Context context,
                                                      engine::RepositoryRef repository,
                                                      model::BranchId branch,
                                                      engine::ImportRequest request);
  base::Task<base::Result<format::ImportStatus>> import_status(base::Context context,
                                                               engine::RepositoryRef repository,
                                                               std::string id);
  //   Conflict  "conflict found": it has completed
  base::Task<base::Result<void>> cancel_import(base::Context context,
                                               engine::RepositoryRef repository, std::string id);

  // What the composition root calls every few seconds: renews the heartbeat and the rows of imports
  // while tasks run, and learns of imports that another server was asked to cancel.
  base::Task<base::Result<void>> beat(base::Context context);
  // What it calls at start and daily: removes rows not updated for TaskRetentionSeconds, and
  // heartbeats of servers that are gone.
  base::Task<base::Result<void>> expire(base::Context context);

  // Refuses newcomers and waits for what runs. Once.
  base::Task<void> close();
  std::size_t running() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::services
