#include "engine/commits/path_changes.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/tree/tree.h"
#include "model/records.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;

namespace {

constexpr std::size_t CompareRows = 256;

// The range of `tree` whose bounds hold `path`.
const model::RangeInfo* range_of(const Snapshot& tree, const std::string& path) {
  const auto found =
      std::partition_point(tree.ranges.begin(), tree.ranges.end(),
                           [&path](const model::RangeInfo& r) { return r.max_key < path; });
  if (found == tree.ranges.end() || path < found->min_key) return nullptr;
  return &*found;
}

// The ranges of `tree` that may hold keys with `prefix` and that `other` does not have.
std::vector<model::RangeInfo> own_ranges(const Snapshot& tree, const Snapshot& other,
                                         const std::string& prefix) {
  const std::string end = prefix_end(prefix);
  std::vector<model::RangeInfo> own;
  auto range = std::partition_point(tree.ranges.begin(), tree.ranges.end(),
                                    [&](const model::RangeInfo& r) { return r.max_key < prefix; });
  for (; range != tree.ranges.end() && (end.empty() || range->min_key < end); ++range) {
    const model::RangeInfo* twin = range_of(other, range->min_key);
    if (twin == nullptr || twin->id != range->id) own.push_back(*range);
  }
  return own;
}

// The records of some ranges of a tree that start with a prefix, in order.
class RangeRows {
 public:
  RangeRows(std::unique_ptr<TreeCursor> cursor, std::vector<model::RangeInfo> ranges,
            std::string prefix)
      : cursor_(std::move(cursor)), ranges_(std::move(ranges)), prefix_(std::move(prefix)) {}

  // The next record, or nothing.
  Task<Result<std::optional<TreeRow>>> next() {
    while (at_ == rows_.size()) {
      const bool is_range_done =
          is_open_ && !rows_.empty() && rows_.back().path >= ranges_[range_].max_key;
      if (is_range_done) {
        ++range_;
        is_open_ = false;
      }
      if (range_ == ranges_.size()) co_return std::optional<TreeRow>();
      if (!is_open_) {
        VARVE_CO_CHECK(co_await cursor_->seek_ge(std::max(ranges_[range_].min_key, prefix_)));
        is_open_ = true;
      }
      VARVE_CO_TRY(rows_, co_await cursor_->next_batch(CompareRows));
      at_ = 0;
      if (rows_.empty()) co_return std::optional<TreeRow>();
    }
    if (!rows_[at_].path.starts_with(prefix_)) co_return std::optional<TreeRow>();
    co_return std::optional<TreeRow>(std::move(rows_[at_++]));
  }

 private:
  std::unique_ptr<TreeCursor> cursor_;
  std::vector<model::RangeInfo> ranges_;
  std::string prefix_;
  std::vector<TreeRow> rows_;
  std::size_t at_ = 0;
  std::size_t range_ = 0;
  bool is_open_ = false;
};

}  // namespace

Task<Result<bool>> is_object_changed(Snapshots* snapshots, Context context,
                                     RepositoryRef repository, SnapshotRef before,
                                     SnapshotRef after, std::string path) {
  const model::RangeInfo* old_range = range_of(*before, path);
  const model::RangeInfo* new_range = range_of(*after, path);
  if (old_range == nullptr && new_range == nullptr) co_return false;
  if (old_range != nullptr && new_range != nullptr && old_range->id == new_range->id) {
    co_return false;
  }
  VARVE_CO_TRY(auto old_record, co_await snapshots->get(context, repository, before, path));
  VARVE_CO_TRY(auto new_record, co_await snapshots->get(context, repository, after, path));
  if (old_record.has_value() != new_record.has_value()) co_return true;
  co_return old_record.has_value() && old_record->identity != new_record->identity;
}

Task<Result<bool>> is_prefix_changed(Snapshots* snapshots, Context context,
                                     RepositoryRef repository, SnapshotRef before,
                                     SnapshotRef after, std::string prefix) {
  std::vector<model::RangeInfo> old_ranges = own_ranges(*before, *after, prefix);
  std::vector<model::RangeInfo> new_ranges = own_ranges(*after, *before, prefix);
  if (old_ranges.empty() && new_ranges.empty()) co_return false;
  RangeRows old_rows(snapshots->cursor(context, repository, before), std::move(old_ranges), prefix);
  RangeRows new_rows(snapshots->cursor(context, repository, after), std::move(new_ranges), prefix);
  for (;;) {
    VARVE_CO_TRY(auto old_row, co_await old_rows.next());
    VARVE_CO_TRY(auto new_row, co_await new_rows.next());
    if (!old_row.has_value() && !new_row.has_value()) co_return false;
    if (!old_row.has_value() || !new_row.has_value()) co_return true;
    if (old_row->path != new_row->path) co_return true;
    if (old_row->record.identity != new_row->record.identity) co_return true;
  }
}

}  // namespace varve::engine
