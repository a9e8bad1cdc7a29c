// What the sources of commits/ share.
#pragma once

#include <optional>
#include <string>

#include "engine/commits/commits.h"
#include "engine/refs/protection.h"
#include "engine/refs/ref_cache.h"
#include "engine/staging/staging.h"
#include "engine/tree/tree.h"
#include "format/changed_paths.h"

namespace varve::engine {

// The tree of a commit to be, and what it changes against the head's.
struct NewTree {
  model::MetaRangeId id;
  std::optional<format::ChangedPaths> changes;  // nothing: not known without a comparison
};

struct Commits::Impl {
  // One attempt, under the branch's lock.
  //   Conflict  the branch moved; try again
  base::Task<base::Result<CommitRef>> attempt(base::Context context, RepositoryRef repository,
                                              BranchVersionRef arrival, CommitRequest request);
  // Seals what is staged, unless nothing is.
  base::Task<base::Result<BranchVersion>> seal(base::Context context, RepositoryRef repository,
                                               BranchVersion before);
  // The tree of `sealed` over `head`.
  base::Task<base::Result<NewTree>> build(base::Context context, RepositoryRef repository,
                                          model::Branch sealed, SnapshotRef head, bool allow_empty);
  // The tree of no objects, as a file.
  base::Task<base::Result<model::MetaRangeId>> store_empty_tree(base::Context context,
                                                                RepositoryRef repository);
  // Whether a racing commit took what was staged when this request came.
  base::Task<base::Result<bool>> was_overtaken(base::Context context, RepositoryRef repository,
                                               BranchVersionRef arrival, model::CommitId head);
  base::Task<base::Result<CommitRef>> publish(base::Context context, RepositoryRef repository,
                                              BranchVersion version, NewTree tree,
                                              CommitRequest request);

  Core& core;
  Refs& refs;
  Snapshots& snapshots;
  Staging& staging;
  Protection& protection;
};

}  // namespace varve::engine
