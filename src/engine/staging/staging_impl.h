// What the sources of staging/ share.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "engine/refs/ref_cache.h"
#include "engine/staging/staging.h"

namespace varve::engine {

struct Staging::Impl {
  Impl(Core& c, Refs& r, Snapshots& s)
      : core(c), refs(r), snapshots(s), branch_locks(model::BranchQueueMax) {}

  // How the tokens stand against a tree. Empty: not a single row.
  enum class Standing : std::uint8_t { Empty, NoChange, Changed };
  base::Task<base::Result<Standing>> standing(base::Context context, RepositoryRef repository,
                                              std::vector<model::StagingToken> tokens,
                                              SnapshotRef snapshot);
  base::Task<base::Result<SnapshotRef>> head_tree(base::Context context, RepositoryRef repository,
                                                  model::CommitId commit_id);
  // Writes `after` over `before`, with whatever else `write` holds, and queues the dropped tokens.
  // If `write` updates a row, that row tells whether a write of unknown outcome was applied; else
  // the branch's own does.
  base::Task<base::Result<BranchVersionRef>> replace(base::Context context,
                                                     RepositoryRef repository, BranchVersion before,
                                                     model::Branch after, ports::KvWrite write);

  Core& core;
  Refs& refs;
  Snapshots& snapshots;
  base::KeyedMutex branch_locks;

  std::mutex sweep_mutex;
  // Guarded by sweep_mutex: when a sweep of this server first met each dropped token.
  std::map<std::string, base::MonotonicTime> first_met;
};

}  // namespace varve::engine
