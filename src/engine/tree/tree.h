// Snapshots: committed trees. A metarange is decoded once into an array of range descriptors and
// kept by id; ranges are kept open as parsed tables. Ids are hashes, so nothing cached goes stale;
// the hash is verified when a file is loaded, so a forged or damaged file is Corruption naming
// repository, id and file, never an empty answer.  [I-2] [I-5]
//
// Any thread may call; what is returned is immutable and shared read-only, kept alive by its users
// and by the cache.
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
#include "engine/tree/changes.h"
#include "kernel/merge_table.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::engine {

struct Snapshot {
  model::MetaRangeId id;
  std::vector<model::RangeInfo> ranges;  // disjoint, ascending
};
using SnapshotRef = std::shared_ptr<const Snapshot>;

struct ChangeCounts {
  std::int64_t added = 0;
  std::int64_t changed = 0;
  std::int64_t removed = 0;
  bool is_empty() const { return added == 0 && changed == 0 && removed == 0; }
};

struct BuiltTree {
  model::MetaRangeId id;
  ChangeCounts counts;
};

struct TreeMergeRequest {
  TreeMergeRequest() = default;
  SnapshotRef base;
  SnapshotRef source;
  SnapshotRef destination;
  kernel::MergeStrategy strategy = kernel::MergeStrategy::None;
  // The destination counts as if no path of it started with one of these: an import replaces what
  // is below its destinations.
  std::vector<std::string> destination_without;
};

// A record of a committed tree.
struct TreeRow {
  std::string path;
  model::EntryRecord record;
};
// The same as views, which the next move of the cursor ends.
struct TreeView {
  std::string_view path;
  std::string_view identity;
  std::string_view data;
};

// Walks a tree from a position. Belongs to one task.
class TreeCursor {
 public:
  virtual ~TreeCursor() = default;
  // Positions at the first path >= `path`, opening at most one range.
  virtual base::Task<base::Result<void>> seek_ge(std::string path) = 0;
  // Up to `rows_max` further rows, stopping early at the end of what is open, so that the caller
  // can decide before more is; empty only at the end of the tree.
  virtual base::Task<base::Result<std::vector<TreeRow>>> next_batch(std::size_t rows_max) = 0;

  // The same row by row, without copies, and without suspending inside what is open: a range, or a
  // stretch of it. open() opens what the walk has come to, unless it is open; view() is the record
  // it stands at, nothing if that is not open or the tree ends; next() goes past it; seek_open()
  // goes to the first path >= `path`, which must not be beyond the end of the open range.
  // resume_at() tells, where nothing is open, that the walk is inside a range, and that the next
  // record is the first at or after this path; empty: at the start of one, or at the end.
  virtual base::Task<base::Result<void>> open() = 0;
  virtual base::Result<std::optional<TreeView>> view() = 0;
  virtual base::Result<void> next() = 0;
  virtual base::Result<void> seek_open(std::string_view path) = 0;
  virtual std::string_view resume_at() const = 0;
};

class Snapshots {
 public:
  explicit Snapshots(Core& core);
  ~Snapshots();

  // The decoded metarange; the empty id is the empty tree and opens nothing.
  //   Corruption  missing, truncated, or does not hash to its id
  base::Task<base::Result<SnapshotRef>> open(base::Context context, RepositoryRef repository,
                                             model::MetaRangeId id);

  // The committed record at `path`, if any. Does not touch the store when tables are cached.
  base::Task<base::Result<std::optional<model::EntryRecord>>> get(base::Context context,
                                                                  RepositoryRef repository,
                                                                  SnapshotRef snapshot,
                                                                  std::string path);
  // The records at `paths` (ascending), in their order.
  base::Task<base::Result<std::vector<std::optional<model::EntryRecord>>>> get_many(
      base::Context context, RepositoryRef repository, SnapshotRef snapshot,
      std::vector<std::string> paths);

  std::unique_ptr<TreeCursor> cursor(base::Context context, RepositoryRef repository,
                                     SnapshotRef snapshot);

  // `base` with `changes` applied (engine.md 8.6); writes ranges, then the metarange. All counts
  // zero: nothing changed, and the id is the base's.
  base::Task<base::Result<BuiltTree>> apply(base::Context context, RepositoryRef repository,
                                            SnapshotRef base,
                                            std::unique_ptr<ChangeSource> changes);

  // Three-way merge of whole trees (engine.md 10.6 with the fixes of 17).
  //   Conflict  Detail::MergeConflict
  base::Task<base::Result<model::MetaRangeId>> merge(base::Context context,
                                                     RepositoryRef repository, SnapshotRef base,
                                                     SnapshotRef source, SnapshotRef destination,
                                                     kernel::MergeStrategy strategy);
  base::Task<base::Result<model::MetaRangeId>> merge(base::Context context,
                                                     RepositoryRef repository,
                                                     TreeMergeRequest request);

 private:
  friend class RangeLoader;
  friend class TreeDiff;
  class Applying;
  class Merging;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::engine
