// What the sources of objects/ share: how one path of one branch is looked at, and written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/objects/dead_runs.h"
#include "engine/objects/objects.h"
#include "engine/refs/protection.h"
#include "engine/refs/ref_cache.h"
#include "engine/staging/staging.h"
#include "engine/tree/tree.h"
#include "ports/kv_store.h"

namespace varve::engine {

struct Objects::Impl {
  // What the tokens of a branch say about one path, as of one moment.
  struct PathState {
    BranchVersionRef branch;
    std::optional<base::Bytes> row;            // in the staging token, as stored
    std::optional<model::EntryRecord> staged;  // the same, decoded
    std::optional<model::EntryRecord> sealed;  // the newest of the sealed tokens
    // The newest: what hides the committed record.
    const std::optional<model::EntryRecord>& uncommitted() const { return row ? staged : sealed; }
  };
  using Record = std::optional<model::EntryRecord>;

  // Reads the branch row and the path's uncommitted rows together, guessing the branch from memory.
  //   NotFound  Detail::BranchMissing
  base::Task<base::Result<PathState>> look(base::Context context, RepositoryRef repository,
                                           model::BranchId branch, std::string path);
  // The branch: remembered if `may_guess`, else read.
  base::Task<base::Result<BranchVersionRef>> branch(base::Context context, RepositoryRef repository,
                                                    model::BranchId id, bool may_guess);
  base::Task<base::Result<Record>> committed(base::Context context, RepositoryRef repository,
                                             model::CommitId commit_id, std::string path);
  // The visible record, if there is one; a tombstone is none.  [I-6]
  base::Task<base::Result<Record>> visible(base::Context context, RepositoryRef repository,
                                           PathState state, std::string path);
  base::Task<base::Result<Record>> find(base::Context context, RepositoryRef repository,
                                        model::RefExpr ref, std::string path);

  // Protected branch, then read-only repository.
  base::Task<base::Result<void>> check_allowed(base::Context context, RepositoryRef repository,
                                               model::BranchId branch, bool force);

  // Writes staged rows if the branch is still `version`, and the rows of `requirements` are too.
  //   Conflict  something moved; nothing was written
  base::Task<base::Result<void>> write(base::Context context, RepositoryRef repository,
                                       BranchVersionRef version,
                                       std::vector<ports::KvRequirement> requirements,
                                       std::vector<ports::KvUpdate> updates);

  base::Task<base::Result<void>> stage_plain(base::Context context, RepositoryRef repository,
                                             model::BranchId branch, std::string path,
                                             base::Bytes row);
  base::Task<base::Result<void>> stage_if(base::Context context, RepositoryRef repository,
                                          model::BranchId branch, std::string path, base::Bytes row,
                                          WriteCondition condition);
  // The paths of `paths` that need a tombstone to be gone (engine.md 8.3).
  base::Task<base::Result<std::vector<std::string>>> paths_to_bury(base::Context context,
                                                                   RepositoryRef repository,
                                                                   BranchVersionRef version,
                                                                   std::vector<std::string> paths);

  // See reset.cc.
  base::Task<base::Result<bool>> undo_into(base::Context context, RepositoryRef repository,
                                           BranchVersion version, std::string prefix,
                                           model::StagingToken token);

  Core& core;
  Refs& refs;
  Snapshots& snapshots;
  Staging& staging;
  Protection& protection;
  DeadRuns dead_runs;
};

// Whether `visible` meets the condition.
//   PreconditionFailed, NotFound  as Objects::stage
base::Result<void> check_condition(const WriteCondition& condition,
                                   const std::optional<model::EntryRecord>& visible);

// The requirement that a staged row is still what was read.
inline ports::KvRequirement row_is(ports::KvKey key, std::optional<base::Bytes> row) {
  if (!row.has_value()) return ports::KvRequirement::absent(std::move(key));
  return ports::KvRequirement::equals(std::move(key), *std::move(row));
}

// The key of a path in the branch's staging token.
inline ports::KvKey staged_key(const BranchVersionRef& version, std::string path) {
  return {version->branch.staging_token.str(), std::move(path)};
}

}  // namespace varve::engine
