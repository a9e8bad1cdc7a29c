// Listing: the visible paths of a tree and what is uncommitted on top of it, as one k-way merge in
// path order (engine.md 9.2). Folding by a delimiter seeks past a whole common prefix on every
// side, and a range of the tree that lies inside one common prefix is never opened: its bounds,
// which the metarange holds, say enough.
//
// Belongs to one task.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/objects/dead_runs.h"
#include "engine/objects/objects.h"
#include "engine/staging/cursor.h"
#include "engine/tree/tree.h"

namespace varve::engine {

// A tree walked by position. Where the walk stands at the first path of a range that is not open,
// path() is known from the range's bounds and is_open() is false; open() fetches the record.
class TreeWalk {
 public:
  TreeWalk(SnapshotRef tree, std::unique_ptr<TreeCursor> cursor)
      : tree_(std::move(tree)), cursor_(std::move(cursor)) {}

  // Forward only. Afterwards is_at_end() and path() are right without suspending, or needs_fill().
  void seek(std::string from);
  bool needs_fill() const { return !is_at_range_ && at_ == rows_.size() && !is_done_; }
  base::Task<base::Result<void>> fill();

  bool is_at_end() const { return is_done_; }
  bool is_open() const { return !is_at_range_; }
  base::Task<base::Result<void>> open();
  std::string_view path() const;
  // The last path of the range that is not open.
  std::string_view range_end() const { return tree_->ranges[range_].max_key; }
  const model::EntryRecord& record() const { return rows_[at_].record; }  // needs is_open()
  void pop();                                                             // needs is_open()

 private:
  void arrive();  // at a used-up batch: the next range, or the end

  SnapshotRef tree_;
  std::unique_ptr<TreeCursor> cursor_;
  std::vector<TreeRow> rows_;
  std::size_t at_ = 0;
  std::size_t range_ = 0;  // the range the walk is in, or stands before
  std::string from_;       // where the cursor has to go first; if has_jumped_
  std::size_t batch_rows_ = 0;
  bool has_jumped_ = true;
  bool is_at_range_ = false;
  bool is_done_ = true;
};

class Listing {
 public:
  Listing(TreeWalk tree, StagedCursor staged, DeadRuns::View dead, ObjectQuery query);

  base::Task<base::Result<ObjectPage>> run();

 private:
  base::Task<base::Result<void>> ready();  // both sides know their path
  bool is_staged_first() const;            // of two equal paths, too: the tree's is hidden
  bool is_at_end() const;
  std::string_view path() const { return is_staged_first() ? staged_.path() : tree_.path(); }
  base::Task<base::Result<void>> pop_staged();
  // Whether a range that is not open lies in `fold` as a whole, so that its first record decides
  // nothing that the fold does not.
  std::optional<std::string> fold_of(std::string_view path) const;
  base::Task<base::Result<void>> seek(std::string from, bool is_exclusive);
  base::Task<base::Result<std::optional<ObjectRow>>> next();
  // At a tombstone: passes over it and what it hides, or over the whole run it is known to be in.
  base::Task<base::Result<void>> pass_tombstone();
  void end_run(std::string until);

  TreeWalk tree_;
  StagedCursor staged_;
  DeadRuns::View dead_;
  ObjectQuery query_;
  bool is_over_ = false;
  std::string run_from_;       // where the run of deleted paths before the position began
  std::size_t run_paths_ = 0;  // how many tombstones were looked at in it
};

}  // namespace varve::engine
