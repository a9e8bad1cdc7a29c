// What the sources of staging/ share.
#pragma once

#include <atomic>
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

  // Of compaction.cc.
  base::Task<base::Result<bool>> compact(base::Context context, RepositoryRef repository,
                                         model::BranchId id);
  // Whether it has more rows than are worth copying often.
  base::Task<base::Result<bool>> is_large(base::Context context, model::StagingToken token);
  // The tokens to merge, newest first; neighbours among `sealed`.
  base::Task<base::Result<std::vector<model::StagingToken>>> choose_stretch(
      base::Context context, std::vector<model::StagingToken> sealed);
  base::Task<base::Result<void>> copy_newest(base::Context context,
                                             std::vector<model::StagingToken> from,
                                             model::StagingToken to);
  // False: the branch no longer has the stretch.
  base::Task<base::Result<bool>> swap_in(base::Context context, RepositoryRef repository,
                                         model::BranchId id,
                                         std::vector<model::StagingToken> stretch,
                                         model::StagingToken merged);
  base::Task<base::Result<bool>> claim(base::Context context, std::string token);
  static std::string branch_lock_key(const model::Repository& repository,
                                     const model::BranchId& id) {
    return repository.partition() + "/" + id.str();
  }

  Core& core;
  Refs& refs;
  Snapshots& snapshots;
  base::KeyedMutex branch_locks;

  // CompactionCounters, being counted.
  struct Compaction {
    std::atomic<std::uint64_t> running = 0;
    std::atomic<std::uint64_t> runs = 0;
    std::atomic<std::uint64_t> failures = 0;
    std::atomic<std::uint64_t> tokens = 0;
    std::atomic<std::uint64_t> rows = 0;
  };
  Compaction compaction;

  std::mutex sweep_mutex;
  // Guarded by sweep_mutex: when a sweep of this server first met each dropped token.
  std::map<std::string, base::MonotonicTime> first_met;
};

}  // namespace varve::engine
