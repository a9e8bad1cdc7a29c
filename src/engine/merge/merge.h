// Diff, merge, merge base, revert, cherry-pick. engine.md 10; rest-semantics.md 14, 15.
//
// Compares range ids before it opens a range: cost grows with what differs, not with what is there.
// Operations on one branch queue in the server; between servers compare-and-set settles them, so a
// race is never the client's problem.
//
// Any thread may call.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/refs/refs.h"
#include "model/ids.h"
#include "model/records.h"
#include "model/ref_expr.h"

namespace varve::engine {

class Snapshots;
class Staging;

enum class DiffType : std::uint8_t { Added, Removed, Changed, Conflict, PrefixChanged };
std::string_view name_of(DiffType type);  // "added", "prefix_changed": lakeFS's words

struct DiffQuery {
  DiffQuery() = default;
  std::string prefix;
  std::string after;
  std::string delimiter;
  int amount = model::PageDefault;
};

struct DiffRow {
  std::string path;
  DiffType type = DiffType::Added;
  // The entry the row carries: new for added, changed, conflict; old for removed in a committed
  // diff; nothing for a removed row of an uncommitted diff and for PrefixChanged.
  std::optional<model::Entry> entry;
};

struct DiffPage {
  std::vector<DiffRow> rows;
  bool has_more = false;
};

enum class MergeStrategy : std::uint8_t { None, DestinationWins, SourceWins };

struct MergeRequest {
  MergeRequest() = default;
  std::string message;  // empty: "Merge '<source>' into '<destination>'"
  model::Metadata metadata;
  MergeStrategy strategy = MergeStrategy::None;
  bool force = false;  // also on a read-only repository, also without changes
  bool allow_empty = false;
  bool is_squash = false;  // one parent: the destination's head
};

struct MergeBase {
  model::CommitId source_commit_id;
  model::CommitId destination_commit_id;
  model::CommitId base_commit_id;
};

struct CommitOverrides {
  CommitOverrides() = default;
  std::string message;                      // empty: keep
  std::optional<model::Metadata> metadata;  // nullopt: keep
};

struct RevertRequest {
  RevertRequest() = default;
  model::RefExpr ref;
  int parent_number = 0;  // 1-based; 0: the only parent
  bool allow_empty = false;
  bool force = false;
  CommitOverrides overrides;
};

struct CherryPickRequest {
  CherryPickRequest() = default;
  model::RefExpr ref;
  std::optional<int> parent_number;  // 1-based
  bool force = false;
  CommitOverrides overrides;
};

class Merges {
 public:
  Merges(Core& core, Refs& refs, Snapshots& snapshots, Staging& staging);
  ~Merges();

  // Uncommitted changes of a branch against its head.
  base::Task<base::Result<DiffPage>> diff_branch(base::Context context, RepositoryRef repository,
                                                 model::BranchId branch, DiffQuery query);
  // Content of `right` compared with content of `left`; right may be branch$.
  base::Task<base::Result<DiffPage>> diff_two_dot(base::Context context, RepositoryRef repository,
                                                  model::RefExpr left, model::RefExpr right,
                                                  DiffQuery query);
  // What merging right into left would bring.
  base::Task<base::Result<DiffPage>> diff_three_dot(base::Context context, RepositoryRef repository,
                                                    model::RefExpr left, model::RefExpr right,
                                                    DiffQuery query);

  //   Internal  Detail::NoMergeBase
  base::Task<base::Result<MergeBase>> merge_base(base::Context context, RepositoryRef repository,
                                                 model::RefExpr source, model::RefExpr destination);

  // Merges `source` into the branch as a new commit; never a fast-forward.
  //   Conflict         Detail::MergeConflict
  //   InvalidArgument  Detail::DirtyBranch (exact text); Detail::NoChanges
  //                    ("update branch <destination>: no changes")
  base::Task<base::Result<model::CommitId>> merge(base::Context context, RepositoryRef repository,
                                                  model::BranchId destination,
                                                  model::RefExpr source, MergeRequest request);

  // Undoes one commit on top of the branch as a new commit.
  //   Conflict  a merge without a parent number (Detail::RevertParent); "update branch: conflict
  //             found"
  base::Task<base::Result<CommitRef>> revert(base::Context context, RepositoryRef repository,
                                             model::BranchId branch, RevertRequest request);

  base::Task<base::Result<CommitRef>> cherry_pick(base::Context context, RepositoryRef repository,
                                                  model::BranchId branch,
                                                  CherryPickRequest request);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::engine
