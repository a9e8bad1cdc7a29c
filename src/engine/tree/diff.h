// What differs between committed trees, as a stream in path order: what merging `source` into
// `destination` would show, given their `base` (the three-dot diff). With the destination as base
// it is the two-way diff from destination to source.
//
// Ranges that cannot hold a difference are not opened. Long walks run off the event loop. Belongs
// to one task.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/tree/tree.h"
#include "kernel/merge_table.h"
#include "model/records.h"

namespace varve::engine {

struct TreeDiffRow {
  std::string path;
  kernel::Shown shown = kernel::Shown::Nothing;
  // The source's; of Removed, and of a conflict that the source removed, the destination's.
  model::EntryRecord record;
};

class TreeDiff {
 public:
  struct Sides {
    SnapshotRef base;
    SnapshotRef source;
    SnapshotRef destination;
  };

  TreeDiff(Snapshots& snapshots, base::Context context, RepositoryRef repository, Sides sides);
  ~TreeDiff();

  // Rows at or beyond `path` are not wanted; empty: all are.
  void stop_at(std::string path);

  // Whoever folds rows by what their path has up to the first `delimiter` after `prefix_bytes`
  // needs one row of a range that lies in one fold as a whole. It gets that one, without a record,
  // and the range stays closed.
  void fold_by(std::string delimiter, std::size_t prefix_bytes);

  // To the first row at or beyond `path`; forward only.
  base::Result<void> seek_ge(std::string path);

  // Up to `rows_max` further rows; empty only at the end.
  //   errors of Snapshots::get
  base::Task<base::Result<std::vector<TreeDiffRow>>> next_batch(std::size_t rows_max);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::engine
