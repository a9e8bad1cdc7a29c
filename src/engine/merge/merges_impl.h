// What the sources of merge/ share: one update of a branch by a merge of three trees.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/merge/merge.h"
#include "engine/refs/refs.h"
#include "engine/staging/staging.h"
#include "engine/tree/tree.h"
#include "model/ids.h"
#include "model/records.h"
#include "model/ref_expr.h"

namespace varve::engine {

// What is to be brought to a branch: the step from `base` to `source`, taken by a commit that says
// what `commit` says. Its first parent, its generation, its tree and its date are up to the branch.
struct TreeStep {
  TreeStep() = default;
  SnapshotRef base;
  SnapshotRef source;
  kernel::MergeStrategy strategy = kernel::MergeStrategy::None;
  bool needs_change = false;  // refuse a result that is what the branch has already
  model::Commit commit;
};

struct Merges::Impl {
  // A ref where a commit is needed; `what` goes before an error ("get commit by ref").
  base::Task<base::Result<CommitRef>> commit_of(base::Context context, RepositoryRef repository,
                                                model::RefExpr ref, std::string what);
  base::Task<base::Result<SnapshotRef>> tree_of(base::Context context, RepositoryRef repository,
                                                CommitRef commit);
  // The best common ancestor.
  //   Internal  Detail::NoMergeBase
  base::Task<base::Result<CommitRef>> base_of(base::Context context, RepositoryRef repository,
                                              CommitRef left, CommitRef right);

  // One attempt to merge, under the branch's lock.
  //   Conflict  without a detail: the branch moved; try again
  base::Task<base::Result<CommitRef>> merge_once(base::Context context, RepositoryRef repository,
                                                 BranchVersion before, model::RefExpr source,
                                                 MergeRequest request);
  // Merges the step into the branch's tree and publishes the commit; under the branch's lock.
  //   Conflict  Detail::MergeConflict; without a detail: the branch moved, try again
  base::Task<base::Result<CommitRef>> take_step(base::Context context, RepositoryRef repository,
                                                BranchVersion before, CommitRef head,
                                                TreeStep step);
  // take_step() on top of whatever the branch's head is, queueing for the branch.
  base::Task<base::Result<CommitRef>> take_step_on_head(base::Context context,
                                                        RepositoryRef repository,
                                                        model::BranchId branch, TreeStep step);

  Core& core;
  Refs& refs;
  Snapshots& snapshots;
  Staging& staging;
};

// Whether a compare-and-set was lost, as opposed to a conflict of content.
bool has_branch_moved(const base::Error& error);

}  // namespace varve::engine
