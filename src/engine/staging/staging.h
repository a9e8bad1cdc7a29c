// Uncommitted data: the staging token and sealed tokens of a branch, and the only way a branch
// record changes. engine.md 8.
//
// Writes go to the current token, in one atomic step with the check that the branch still carries
// it. A commit seals the token by compare-and-set, builds from the sealed ones, and moves the head
// by compare-and-set (I-3); writers are never blocked. Updates of one branch queue in this server
// (BranchLocks), so races between its own requests cost no retry; races between servers are settled
// by the store.
//
// Any thread may call.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async_mutex.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/refs/refs.h"
#include "engine/tree/tree.h"
#include "format/changed_paths.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::engine {

// What the compaction has done since the server started.
struct CompactionCounters {
  std::uint64_t running = 0;   // now
  std::uint64_t runs = 0;      // that ended well, also those that found nothing to do
  std::uint64_t failures = 0;  // that were given up
  std::uint64_t tokens = 0;    // that were merged into others
  std::uint64_t rows = 0;      // that were copied
};

class Staging {
 public:
  Staging(Core& core, Refs& refs, Snapshots& snapshots);
  ~Staging();

  // The tokens of a branch, newest first: the staging token, then the sealed ones.
  static std::vector<model::StagingToken> tokens(const model::Branch& branch);

  // The same without those known to be empty: what a read has to look at.
  std::vector<model::StagingToken> tokens_to_read(const model::Branch& branch);

  // The newest uncommitted record of `path`: nullopt if none; empty identity is a tombstone.
  base::Task<base::Result<std::optional<model::EntryRecord>>> get(
      base::Context context, std::vector<model::StagingToken> tokens, std::string path);

  // The newest record of every path >= `from` (exclusive if said) that starts with `prefix`, merged
  // over the tokens, in path order.
  std::unique_ptr<ChangeSource> changes(base::Context context,
                                        std::vector<model::StagingToken> tokens, std::string prefix,
                                        std::string from, bool is_from_exclusive);

  base::Task<base::Result<BranchVersion>> read_branch(base::Context context,
                                                      RepositoryRef repository, model::BranchId id);

  // The tree of a commit; the empty id is the empty tree.
  base::Task<base::Result<SnapshotRef>> head_tree(base::Context context, RepositoryRef repository,
                                                  model::CommitId commit_id);

  // Whether the tokens hold no change against `snapshot` (a tombstone for an uncommitted path, or a
  // value with the committed identity, is no change). Stops at the first change.
  base::Task<base::Result<bool>> is_clean(base::Context context, RepositoryRef repository,
                                          std::vector<model::StagingToken> tokens,
                                          SnapshotRef snapshot);

  // Whether the tokens hold no row at all.
  base::Task<base::Result<bool>> are_empty(base::Context context,
                                           std::vector<model::StagingToken> tokens);

  // In-process queue of one branch's updates: hold the guard over read, compute and replace_branch.
  base::Task<base::Result<base::KeyedMutex::Guard>> lock_branch(base::Context context,
                                                                RepositoryRef repository,
                                                                model::BranchId id);

  // Moves the current staging token to the front of the sealed list and gives the branch a fresh
  // one.
  model::Branch sealed(const model::Repository& repository, model::Branch branch);
  model::StagingToken new_token(const model::Repository& repository, const model::BranchId& id);

  // Replaces `before` by `after`, by compare-and-set, and queues the tokens that `after` no longer
  // has for deletion.
  //   Conflict  the record had changed; nothing was written
  base::Task<base::Result<BranchVersion>> replace_branch(base::Context context,
                                                         RepositoryRef repository,
                                                         BranchVersion before, model::Branch after);

  // The same together with a new commit: stores `commit` under the id of its content, points the
  // branch at it and drops the sealed tokens, all in one step, so no reader meets a head without
  // its commit and a lost race leaves nothing behind.  [I-3] [I-4]
  // `changes`: what it changes against its only parent, where the caller knows that at no cost;
  // stored in the same step. A log of paths finds out what nobody said.
  base::Task<base::Result<CommitRef>> commit_branch(base::Context context, RepositoryRef repository,
                                                    BranchVersion before, model::Commit commit,
                                                    std::optional<format::ChangedPaths> changes);

  // What merge, revert, cherry-pick, import and hard reset begin with (engine.md 8.4 "prepare"):
  // requires no uncommitted change at all, then makes sure no writer can slip data into the tokens
  // the caller is about to drop: seals unless the tokens are known empty.
  //   InvalidArgument  Detail::DirtyBranch
  base::Task<base::Result<BranchVersion>> prepare(base::Context context, RepositoryRef repository,
                                                  model::BranchId id);

  // Drops tokens: writes their cleanup rows; sweep_dropped() removes the partitions.
  base::Task<base::Result<void>> drop_tokens(base::Context context,
                                             std::vector<model::StagingToken> tokens);
  // Removes what earlier drops left (engine.md 8.8): the composition root calls it at start and
  // every half minute. A token's rows stay for DroppedTokenGraceSeconds after a sweep first met
  // it, for readers that resolved the branch before the drop.
  base::Task<base::Result<void>> sweep_dropped(base::Context context);

  // Merges sealed tokens of a branch that has sealed_tokens_max of them or more; says whether it
  // did. What the branch reads as stays the same, and nobody waits for it. Cancelled through the
  // context; whenever it ends, what it leaves is an unchanged branch and work for the sweep.
  base::Task<base::Result<bool>> compact(base::Context context, RepositoryRef repository,
                                         model::BranchId id);
  // The same for every branch that this server met with so many since the last call, until each has
  // few: the composition root calls it every second.
  base::Task<base::Result<void>> compact_crowded(base::Context context);
  CompactionCounters compaction() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::engine
