// LogFilter: which commits of a log changed some paths (engine.md 10.10). What each commit changed
// is noted in the key-value store (format/changed_paths.h): by the commit itself, or here, for a
// history that came from elsewhere, when its trees are compared for the first time. A note only
// ever says that a commit may be passed over; where it does not, or where there is none or a
// damaged one, the trees are compared, and that decides.
//
// Belongs to one task.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/commits/commits.h"
#include "engine/core/core.h"
#include "engine/refs/commit_graphs.h"
#include "engine/tree/tree.h"
#include "format/changed_paths.h"
#include "kernel/graph.h"
#include "ports/kv_store.h"

namespace varve::engine {

class LogFilter {
 public:
  // What it stands on.
  struct Parts {
    Core& core;
    Refs& refs;
    Snapshots& snapshots;
    Staging& staging;
  };
  LogFilter(Parts parts, base::Context context, RepositoryRef repository, const LogQuery& query);

  enum class Verdict : std::uint8_t { Unchanged, Perhaps };

  // What is known of known commits without looking at trees, in their order.
  base::Task<base::Result<std::vector<Verdict>>> judge(std::vector<kernel::CommitIndex> commits);

  // Whether the commit changed one of the paths. Merges and roots never do.
  //   errors of Refs::get_commit, Snapshots::open and Snapshots::get
  base::Task<base::Result<bool>> has_changed(kernel::CommitIndex commit);

  // Stores the notes that were made on the way. That it fails has no consequence but that they will
  // be made again.
  base::Task<void> keep_notes();

 private:
  // A commit of one parent, and both trees.
  struct Step {
    CommitRef commit;
    SnapshotRef before;
    SnapshotRef after;
  };

  std::vector<kernel::CommitIndex> without_note(const std::vector<kernel::CommitIndex>& commits);
  base::Task<base::Result<void>> read_notes(std::vector<kernel::CommitIndex> commits);
  base::Task<base::Result<CommitRef>> record(kernel::CommitIndex commit);
  base::Task<base::Result<bool>> compare(Step step);
  // What the step changed, if it is not too much work to find out.
  base::Task<base::Result<std::optional<format::ChangedPaths>>> note_of(Step step);
  bool has_note(kernel::CommitIndex commit);
  void remember(kernel::CommitIndex commit, const format::ChangedPaths& changes);

  Parts parts_;
  base::Context context_;
  RepositoryRef repository_;
  std::vector<std::string> objects_;
  std::vector<std::string> prefixes_;
  format::PathFilter filter_;
  SharedGraphRef graph_;
  ports::KvWrite made_;  // notes that are not stored yet
  std::size_t made_count_ = 0;
  std::uint64_t compared_bytes_ = 0;  // of ranges looked at to make them
};

}  // namespace varve::engine
