// Listing: the visible paths of a tree and what is uncommitted on top of it, as one k-way merge in
// path order (engine.md 9.2). Folding by a delimiter seeks past a whole common prefix on every
// side, and a range of the tree that lies inside one common prefix is never opened: its bounds,
// which the metarange holds, say enough.
//
// Belongs to one task.
#pragma once

#include <cstddef>
#include <cstdint>
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
// path() is known from the range's bounds and is_open() is false; open() fetches the record. Within
// a range nothing suspends but fill(), where the rest of it has to be read.
class TreeWalk {
 public:
  TreeWalk(SnapshotRef tree, std::unique_ptr<TreeCursor> cursor)
      : tree_(std::move(tree)), cursor_(std::move(cursor)) {}

  // Forward only. Afterwards is_at_end() and path() are right, or needs_fill().
  base::Result<void> seek(std::string_view from);
  bool needs_fill() const { return needs_fill_; }
  base::Task<base::Result<void>> fill();

  bool is_at_end() const { return range_ == tree_->ranges.size(); }
  bool is_open() const { return row_.has_value(); }
  base::Task<base::Result<void>> open();
  std::string_view path() const {
    return row_.has_value() ? row_->path : std::string_view(tree_->ranges[range_].min_key);
  }
  std::string_view data() const { return row_->data; }  // needs is_open()
  base::Result<void> pop();                             // needs is_open()

 private:
  base::Result<void> look();

  SnapshotRef tree_;
  std::unique_ptr<TreeCursor> cursor_;
  std::size_t range_ = 0;        // the range the walk is in, or stands before
  std::optional<TreeView> row_;  // where it is, if that range is open
  std::string from_;             // where in it the cursor has to go; if needs_fill_
  bool needs_fill_ = false;
};

class Listing {
 public:
  Listing(TreeWalk tree, StagedCursor staged, DeadRuns::View dead, ObjectQuery query);

  base::Task<base::Result<ObjectPage>> run();

 private:
  // What is at the position.
  enum class Place : std::uint8_t {
    End,        // of the prefix, or of everything
    Closed,     // a range that has to be opened first
    Tombstone,  // a deleted path
    Prefix,     // a path that folds
    Entry,
  };

  bool is_ready() const { return !staged_.needs_fill() && !tree_.needs_fill(); }
  base::Task<base::Result<void>> ready();  // both sides know their path
  base::Task<base::Result<void>> seek(std::string from, bool is_exclusive);

  // The rest needs is_ready().
  bool is_staged_first() const;  // of two equal paths, too: the tree's is hidden
  bool is_at_end() const { return tree_.is_at_end() && staged_.is_at_end(); }
  std::string_view path() const { return is_staged_first() ? staged_.path() : tree_.path(); }
  Place place() const;
  std::size_t fold_size(std::string_view path) const;  // 0: it does not fold
  base::Result<void> pop_staged();                     // and what it hides
  bool has_room();                                     // for one more row; if not, there is more
  base::Result<void> pass_tombstone();
  base::Task<base::Result<void>> pass_tombstones();
  base::Task<base::Result<void>> pass_prefix();
  base::Result<void> pass_entry();
  void end_run(std::string until);

  TreeWalk tree_;
  StagedCursor staged_;
  DeadRuns::View dead_;
  ObjectQuery query_;
  std::string after_;  // a row that is not wanted again; empty: there is none
  ObjectPage page_;
  bool is_over_ = false;
  std::string run_from_;       // where the run of deleted paths before the position began
  std::size_t run_paths_ = 0;  // how many tombstones were looked at in it
};

}  // namespace varve::engine
