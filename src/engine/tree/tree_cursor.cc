#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/tree/tree.h"
#include "engine/tree/tree_files.h"
#include "engine/tree/tree_impl.h"
#include "format/identity.h"
#include "model/records.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;

namespace {

class SnapshotCursor final : public TreeCursor {
 public:
  SnapshotCursor(TreeFiles& files, Context context, RepositoryRef repository, SnapshotRef snapshot)
      : files_(files),
        context_(std::move(context)),
        repository_(std::move(repository)),
        snapshot_(std::move(snapshot)) {}

  Task<Result<void>> seek_ge(std::string path) override {
    const std::size_t index = range_reaching(*snapshot_, path);
    if (index != index_) {
      index_ = index;
      cursor_.reset();
    }
    if (is_at_end()) co_return Result<void>();
    if (path <= snapshot_->ranges[index_].min_key) {
      // The range's first record: it is opened when its rows are asked for.
      cursor_.reset();
      co_return Result<void>();
    }
    if (!cursor_.has_value()) VARVE_CO_CHECK(co_await open_range());
    auto sought = cursor_->seek_ge(path);
    if (!sought.has_value()) cursor_.reset();
    co_return sought;
  }

  Task<Result<std::vector<TreeRow>>> next_batch(std::size_t rows_max) override {
    std::vector<TreeRow> rows;
    while (rows.empty() && !is_at_end()) {
      if (!cursor_.has_value()) {
        VARVE_CO_CHECK(co_await open());
      }
      VARVE_CO_CHECK(take(rows, rows_max));
      if (cursor_->valid()) break;
      cursor_.reset();
      ++index_;
    }
    co_return rows;
  }

  Task<Result<void>> open() override {
    if (cursor_.has_value() || is_at_end()) co_return Result<void>();
    VARVE_CO_CHECK(co_await open_range());
    auto first = cursor_->seek_first();
    if (!first.has_value()) cursor_.reset();
    co_return first;
  }

  Result<std::optional<TreeView>> view() override {
    if (!cursor_.has_value() || !cursor_->valid()) return std::optional<TreeView>();
    VARVE_TRY(const format::FramedValue framed, cursor_->framed());
    return std::optional<TreeView>(TreeView{cursor_->key(), framed.identity, framed.data});
  }

  Result<void> next() override {
    VARVE_CHECK(cursor_->next());
    if (cursor_->valid()) return {};
    cursor_.reset();
    ++index_;
    return {};
  }

  Result<void> seek_open(std::string_view path) override { return cursor_->seek_ge(path); }

 private:
  bool is_at_end() const { return index_ == snapshot_->ranges.size(); }

  Task<Result<void>> open_range() {
    const model::RangeInfo& range = snapshot_->ranges[index_];
    TableRef table = files_.find_table(*repository_, range.id);
    if (table == nullptr) {
      VARVE_CO_TRY(table, co_await files_.table(context_, repository_, range));
    }
    cursor_.emplace(table->cursor());
    co_return Result<void>();
  }

  Result<void> take(std::vector<TreeRow>& rows, std::size_t rows_max) {
    while (rows.size() < rows_max && cursor_->valid()) {
      TreeRow row;
      row.path = std::string(cursor_->key());
      VARVE_TRY(row.record, record_at(*cursor_));
      rows.push_back(std::move(row));
      VARVE_CHECK(cursor_->next());
    }
    return {};
  }

  TreeFiles& files_;
  Context context_;
  RepositoryRef repository_;
  SnapshotRef snapshot_;
  std::size_t index_ = 0;
  std::optional<format::TableCursor> cursor_;  // in the range at index_, positioned
};

}  // namespace

std::unique_ptr<TreeCursor> Snapshots::cursor(Context context, RepositoryRef repository,
                                              SnapshotRef snapshot) {
  return std::make_unique<SnapshotCursor>(impl_->files, std::move(context), std::move(repository),
                                          std::move(snapshot));
}

}  // namespace varve::engine
