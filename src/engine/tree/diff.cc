#include "engine/tree/diff.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/tree/range_cursor.h"
#include "engine/tree/range_loader.h"
#include "engine/tree/tree.h"
#include "engine/tree/tree_files.h"
#include "engine/tree/tree_impl.h"
#include "kernel/merge_table.h"
#include "kernel/tree_diff.h"
#include "kernel/tree_side.h"
#include "model/records.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;
using kernel::DiffStep;

struct TreeDiff::Impl {
  Impl(Snapshots::Impl& tree, Context context, RepositoryRef repository, Sides s)
      : sides(std::move(s)),
        offload(tree.files.core().offload),
        loader(tree, std::move(context), std::move(repository), sides.source->ranges,
               sides.destination->ranges),
        walk(sides.base->ranges, sides.source->ranges, sides.destination->ranges) {}

  bool is_one_fold(const model::RangeInfo& range) const;
  Result<void> step(std::size_t rows_max);

  Sides sides;
  base::Offload& offload;
  RangeLoader loader;
  kernel::DiffWalk walk;
  std::string delimiter;
  std::size_t prefix_bytes = 0;
  std::vector<TreeDiffRow> rows;
  std::optional<model::RangeInfo> needed;
  bool is_over = false;
};

bool TreeDiff::Impl::is_one_fold(const model::RangeInfo& range) const {
  if (delimiter.empty()) return false;
  const std::size_t found = range.min_key.find(delimiter, prefix_bytes);
  if (found == std::string::npos) return false;
  const std::string_view fold = std::string_view(range.min_key).substr(0, found + delimiter.size());
  return range.max_key.starts_with(fold);
}

// The part that computes: until there are rows enough, or a range must be loaded.
Result<void> TreeDiff::Impl::step(std::size_t rows_max) {
  needed.reset();
  while (rows.size() < rows_max) {
    VARVE_TRY(const DiffStep met, walk.next());
    if (met.kind == DiffStep::Kind::End) {
      is_over = true;
      return {};
    }
    if (met.kind == DiffStep::Kind::Row) {
      TreeDiffRow row;
      row.path = std::string(met.record->key);
      row.shown = met.shown;
      row.record.identity = model::Identity(met.record->identity);
      row.record.data = base::Bytes(met.record->data);
      rows.push_back(std::move(row));
      continue;
    }
    if (met.is_lone && is_one_fold(*met.range)) {
      TreeDiffRow row;
      row.path = met.range->max_key;  // its first may be before where the walk was sent
      row.shown =
          met.tree == kernel::TreeName::Source ? kernel::Shown::Added : kernel::Shown::Removed;
      rows.push_back(std::move(row));
      walk.skip(met.tree);
      continue;
    }
    const TableRef table = loader.table_of(*met.range);
    if (table == nullptr) {
      needed = *met.range;
      return {};
    }
    VARVE_CHECK(walk.enter(met.tree, scan_of(*table)));
  }
  return {};
}

TreeDiff::TreeDiff(Snapshots& snapshots, Context context, RepositoryRef repository, Sides sides)
    : impl_(std::make_unique<Impl>(*snapshots.impl_, std::move(context), std::move(repository),
                                   std::move(sides))) {}
TreeDiff::~TreeDiff() = default;

void TreeDiff::stop_at(std::string path) { impl_->walk.stop_at(std::move(path)); }

void TreeDiff::fold_by(std::string delimiter, std::size_t prefix_bytes) {
  impl_->delimiter = std::move(delimiter);
  impl_->prefix_bytes = prefix_bytes;
}

Result<void> TreeDiff::seek_ge(std::string path) { return impl_->walk.seek_ge(path); }

Task<Result<std::vector<TreeDiffRow>>> TreeDiff::next_batch(std::size_t rows_max) {
  Impl& impl = *impl_;
  while (impl.rows.size() < rows_max && !impl.is_over) {
    if (impl.needed.has_value()) {
      VARVE_CO_CHECK(co_await impl.loader.load(*impl.needed));
    }
    if (impl.loader.is_heavy()) {
      auto job = [&impl, rows_max] { return impl.step(rows_max); };
      VARVE_CO_CHECK(co_await impl.offload.run(std::move(job)));
    } else {
      VARVE_CO_CHECK(impl.step(rows_max));
    }
  }
  co_return std::exchange(impl.rows, {});
}

}  // namespace varve::engine
