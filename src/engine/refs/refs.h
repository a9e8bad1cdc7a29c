// Branches, tags and ref expressions: names for commits. engine.md 6, 8.4; rest-semantics.md
// 11, 12.
//
// A head moves only by compare-and-set (I-3). Branch and tag records are read from the store every
// time; commit records are immutable and cached.
//
// Any thread may call.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "model/ids.h"
#include "model/records.h"
#include "model/ref_expr.h"

namespace varve::engine {

struct RefQuery {
  RefQuery() = default;
  std::string prefix;
  std::string after;  // exclusive
  int amount = model::PageDefault;
  bool show_hidden = false;  // of branches
};

struct BranchPage {
  std::vector<model::Branch> rows;
  bool has_more = false;
};

struct TagPage {
  std::vector<model::Tag> rows;
  bool has_more = false;
};

// A branch record together with the bytes it was read as: what a compare-and-set requires.
struct BranchVersion {
  model::Branch branch;
  base::Bytes bytes;
};
// Shared read-only by the cache of refs and by whoever is working from it.
using BranchVersionRef = std::shared_ptr<const BranchVersion>;

// What an expression stands for. `branch` is set when the answer includes the branch's uncommitted
// data (a plain branch name, or branch$).
struct ResolvedRef {
  model::CommitId commit_id;
  std::optional<model::Branch> branch;
  BranchVersionRef version;  // of `branch`: the record as read
  bool is_staging = false;   // written with $: not a commit
};

using CommitRef = std::shared_ptr<const model::Commit>;  // cached, immutable, shared read-only

class RefCache;

class Refs {
 public:
  explicit Refs(Core& core);
  ~Refs();

  RefCache& cache();  // for the engine's own modules

  // Points a new branch at what `source` resolves to.
  //   AlreadyExists  "branch already exists: not unique"
  //   Conflict       a tag or a full commit id has this name (Detail::NameClash)
  //   PermissionDenied (Detail::ReadOnlyRepository) without `force`
  //   NotFound, InvalidArgument  "source reference '<ref>': ..."
  //   Internal       source is branch$ (Detail::StagingBranchSource)
  base::Task<base::Result<model::Branch>> create_branch(base::Context context,
                                                        RepositoryRef repository,
                                                        model::BranchId id, model::RefExpr source,
                                                        bool is_hidden, bool force);
  //   NotFound  Detail::BranchMissing
  base::Task<base::Result<model::Branch>> get_branch(base::Context context,
                                                     RepositoryRef repository, model::BranchId id);
  // The same with the bytes it was read as.
  base::Task<base::Result<BranchVersionRef>> read_branch(base::Context context,
                                                         RepositoryRef repository,
                                                         model::BranchId id);
  base::Task<base::Result<BranchPage>> list_branches(base::Context context,
                                                     RepositoryRef repository, RefQuery query);
  // Its uncommitted data goes with it.
  //   PermissionDenied  read-only without `force`; the default branch
  base::Task<base::Result<void>> erase_branch(base::Context context, RepositoryRef repository,
                                              model::BranchId id, bool force);

  //   as create_branch; InvalidArgument for branch$
  base::Task<base::Result<model::Tag>> create_tag(base::Context context, RepositoryRef repository,
                                                  model::TagId id, model::RefExpr ref, bool force);
  //   NotFound  Detail::TagMissing
  base::Task<base::Result<model::Tag>> get_tag(base::Context context, RepositoryRef repository,
                                               model::TagId id);
  base::Task<base::Result<TagPage>> list_tags(base::Context context, RepositoryRef repository,
                                              RefQuery query);
  base::Task<base::Result<void>> erase_tag(base::Context context, RepositoryRef repository,
                                           model::TagId id, bool force);

  // Full commit id, branch, tag, unique commit prefix, in this order; then the modifiers.
  //   NotFound         Detail::ObjectMissing text "not found"
  //   InvalidArgument  a modifier that does not fit
  base::Task<base::Result<ResolvedRef>> resolve(base::Context context, RepositoryRef repository,
                                                model::RefExpr ref);
  // The same where a commit is needed: branch$ is refused (Detail::StagingIsNoCommit).
  base::Task<base::Result<CommitRef>> resolve_commit(base::Context context,
                                                     RepositoryRef repository, model::RefExpr ref);
  //   NotFound  Detail::CommitMissing;  Corruption  the row does not hash to its id
  base::Task<base::Result<CommitRef>> get_commit(base::Context context, RepositoryRef repository,
                                                 model::CommitId id);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::engine
