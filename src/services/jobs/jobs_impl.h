// What the sources of services/jobs share.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "format/kv_keys.h"
#include "format/xid.h"
#include "services/jobs/jobs.h"

namespace varve::services {

base::Error too_many_tasks();

// A task outlives the request that started it: its own scope, the same principal.
base::Context background(const base::Context& request);

struct Jobs::Impl {
  Impl(base::LoopExecutor loop, ports::KvStore& kv_store, base::Clock& clock_source,
       base::Rng& rng_source, engine::Repositories& repository_verbs, engine::RefsDumps& dump_verbs,
       engine::Imports& import_verbs);

  // A row for a new task, written if absent.
  base::Task<base::Result<format::TaskRecord>> register_task(base::Context context,
                                                             engine::RepositoryRef repository,
                                                             std::string_view prefix,
                                                             std::string operation);
  base::Task<base::Result<base::Bytes>> read_row(base::Context context,
                                                 engine::RepositoryRef repository,
                                                 std::string_view prefix, std::string id);
  base::Task<base::Result<void>> write_row(base::Context context, engine::RepositoryRef repository,
                                           std::string id, base::Bytes bytes);
  // The same of a task that is done, unless the repository was deleted meanwhile.
  base::Task<base::Result<void>> close_row(base::Context context, engine::RepositoryRef repository,
                                           std::string id, base::Bytes bytes);
  // Marks a task done whose server is gone.
  base::Task<base::Result<void>> settle_orphan(base::Context context, format::TaskRecord* task);
  base::Task<base::Result<void>> beat(base::Context context);
  base::Task<base::Result<void>> expire_tasks(base::Context context,
                                              engine::RepositoryRef repository);
  base::Task<base::Result<void>> expire_heartbeats(base::Context context);

  // The tasks. They report through their rows and never throw.
  base::Task<void> run_dump(base::Context context, engine::RepositoryRef repository,
                            format::TaskRecord task);
  base::Task<void> run_restore(base::Context context, engine::RepositoryRef repository,
                               format::TaskRecord task, format::RefsDump dump, bool force);

  // Imports (imports.cc).
  struct RunningImport {
    engine::RepositoryRef repository;
    base::Context context;  // its own; cancelling it ends the import
    std::shared_ptr<engine::ImportProgress> progress;
  };
  base::Task<void> run_import(RunningImport import, std::string id, model::BranchId branch,
                              engine::ImportRequest request);
  struct ImportRow {
    format::ImportStatus status;
    base::Bytes bytes;  // what it was read as
  };
  base::Task<base::Result<ImportRow>> read_import(base::Context context,
                                                  engine::RepositoryRef repository, std::string id);
  base::Task<base::Result<void>> write_import(base::Context context,
                                              engine::RepositoryRef repository,
                                              format::ImportStatus status,
                                              ports::KvRequirement only_if);
  base::Task<base::Result<void>> beat_imports(base::Context context);
  base::Task<base::Result<void>> renew_import(base::Context context, std::string id,
                                              RunningImport running);
  std::optional<RunningImport> find_running(const std::string& id);
  base::Task<base::Result<void>> expire_imports(base::Context context,
                                                engine::RepositoryRef repository);

  ports::KvStore& kv;
  base::Clock& clock;
  base::Rng& rng;
  engine::Repositories& repositories;
  engine::RefsDumps& dumps;
  engine::Imports& imports;
  format::XidSource xids;
  std::string instance_id;
  std::mutex mutex;
  std::map<std::string, RunningImport> running_imports;  // guarded by mutex
  base::TaskGroup tasks;
};

}  // namespace varve::services
