// Commits: make them from staged data, read them, walk the log. engine.md 5, 8.5, 10.10;
// rest-semantics.md 13.
//
// Publishes bottom-up: ranges, metarange, commit, head (I-4); a crash at any instruction leaves
// only garbage. Writers are never blocked by a commit: they stage into the next token. Commits on
// one branch queue in the server.
//
// Any thread may call.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
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

class Protection;
class Snapshots;
class Staging;

struct CommitRequest {
  CommitRequest() = default;
  std::string message;
  model::Metadata metadata;
  std::optional<std::int64_t> date;  // unix seconds; absent: now
  std::optional<model::MetaRangeId> source_meta_range;
  bool allow_empty = false;
  bool force = false;  // also on a read-only repository
};

struct LogQuery {
  LogQuery() = default;
  model::RefExpr ref;
  std::optional<model::RefExpr> after;    // output starts after this commit
  std::optional<model::RefExpr> stop_at;  // the last one listed
  std::optional<base::Timestamp> since;   // older commits are not visited
  std::vector<std::string> objects;       // keep commits that changed one of these paths,
  std::vector<std::string> prefixes;      // or anything below one of these prefixes
  int amount = model::PageDefault;
  bool is_limit = false;  // stop at `amount` rows, has_more false
  bool first_parent = false;
};

struct LogPage {
  std::vector<CommitRef> rows;
  bool has_more = false;
};

class Commits {
 public:
  Commits(Core& core, Refs& refs, Snapshots& snapshots, Staging& staging, Protection& protection);
  ~Commits();

  // Commits the branch's uncommitted data. The committer is the context's principal.
  //   InvalidArgument   "commit: no changes" (Detail::NoChanges); a source metarange on a dirty
  //                     branch
  //   PermissionDenied  commit-protected branch; read-only without `force`
  //   NotFound          Detail::BranchMissing
  //   Corruption        the source metarange is not there, or is damaged
  base::Task<base::Result<CommitRef>> commit(base::Context context, RepositoryRef repository,
                                             model::BranchId branch, CommitRequest request);

  // Points the branch at `ref`, resolved at that moment, so `main~` is relative to the head then.
  // What is staged and was never sealed survives on top of the new head (engine.md 8.7, Q7).
  //   PermissionDenied  "protected branch"; write-protected branch; read-only without `force`
  //   InvalidArgument   "<branch>: uncommitted changes (dirty branch)": sealed data
  //   NotFound          branch; "hard-reset <branch> to <ref>: not found"
  base::Task<base::Result<void>> hard_reset(base::Context context, RepositoryRef repository,
                                            model::BranchId branch, model::RefExpr ref, bool force);

  // Commits reachable from a ref, newest first. With `objects` or `prefixes`, neither merges nor
  // roots are listed; `stop_at` ends the walk also where it is not listed itself.
  //   NotFound, InvalidArgument  "ref: ...", "from ref: ...", "stop_at: ..."
  base::Task<base::Result<LogPage>> log(base::Context context, RepositoryRef repository,
                                        LogQuery query);

  // Adds a commit record as given (plumbing that copies history); its id must be its hash.
  //   InvalidArgument  "commit id: invalid value: validation error"
  //   AlreadyExists    "commit already exists: not unique"
  base::Task<base::Result<void>> create_record(base::Context context, RepositoryRef repository,
                                               model::Commit commit, bool force);

 private:
  struct Impl;
  class LogRun;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::engine
