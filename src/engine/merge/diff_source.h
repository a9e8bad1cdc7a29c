// Streams of differences in path order: between committed trees, of uncommitted data against a
// tree, and of the latter over the former. Each belongs to one task.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/merge/merge.h"
#include "engine/staging/staging.h"
#include "engine/tree/diff.h"
#include "engine/tree/tree.h"

namespace varve::engine {

struct DiffItem {
  std::string path;
  DiffType type = DiffType::Added;
  base::Bytes data;  // of the entry the row carries, if it carries one
  bool has_entry = false;
};

class DiffSource {
 public:
  virtual ~DiffSource() = default;
  // Nothing at or beyond `path` will be asked for; empty: no bound. Before anything else.
  virtual void stop_at(std::string path) = 0;
  // Rows will be folded, see TreeDiff::fold_by; a row of a fold may stand for all of it.
  virtual void fold_by(std::string delimiter, std::size_t prefix_bytes) = 0;
  // To the first row at or beyond `path`; forward only.
  virtual base::Result<void> seek_ge(std::string path) = 0;
  // Up to `rows_max` further rows; empty only at the end.
  virtual base::Task<base::Result<std::vector<DiffItem>>> next_batch(std::size_t rows_max) = 0;
};

// What merging source into destination would show; see TreeDiff.
std::unique_ptr<DiffSource> committed_diff(Snapshots& snapshots, base::Context context,
                                           RepositoryRef repository, TreeDiff::Sides sides);

// The uncommitted data of a branch against `tree`.
struct UncommittedOver {
  std::vector<model::StagingToken> tokens;
  SnapshotRef tree;
  // Whether a removed row carries the tree's entry (a diff of two refs) or none (of a branch).
  bool has_removed_entries = false;
};
std::unique_ptr<DiffSource> uncommitted_diff(Snapshots& snapshots, Staging& staging,
                                             base::Context context, RepositoryRef repository,
                                             UncommittedOver uncommitted);

// From `left` to the head of a branch with its uncommitted data on top: what is staged decides its
// path, whatever the commits say.
std::unique_ptr<DiffSource> overlaid_diff(Snapshots& snapshots, Staging& staging,
                                          base::Context context, RepositoryRef repository,
                                          SnapshotRef left, SnapshotRef head,
                                          std::vector<model::StagingToken> tokens);

}  // namespace varve::engine
