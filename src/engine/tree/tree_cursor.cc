#include <algorithm>
#include <cstddef>
#include <cstdint>
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

// Of a range that is not kept, a walk reads so much at first, and then twice as much as before.
constexpr std::uint64_t WindowBytesFirst = 64U << 10U;
constexpr std::uint64_t WindowBytesMax = 1U << 20U;

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
      close();
    }
    if (is_at_end()) co_return Result<void>();
    if (path <= snapshot_->ranges[index_].min_key) {
      // The range's first record: it is opened when its rows are asked for.
      close();
      co_return Result<void>();
    }
    if (cursor_.has_value()) {
      VARVE_CO_CHECK(seek_open(path));
      if (cursor_.has_value()) co_return Result<void>();
    }
    co_return co_await open_at(std::move(path));
  }

  Task<Result<std::vector<TreeRow>>> next_batch(std::size_t rows_max) override {
    std::vector<TreeRow> rows;
    while (rows.empty() && !is_at_end()) {
      VARVE_CO_CHECK(co_await open());
      VARVE_CO_CHECK(take(rows, rows_max));
      if (cursor_->valid()) break;
      leave();
    }
    co_return rows;
  }

  Task<Result<void>> open() override {
    if (cursor_.has_value() || is_at_end()) co_return Result<void>();
    std::string from = resume_at_;
    if (from.empty()) from = snapshot_->ranges[index_].min_key;
    co_return co_await open_at(std::move(from));
  }

  Result<std::optional<TreeView>> view() override {
    if (!cursor_.has_value() || !cursor_->valid()) return std::optional<TreeView>();
    VARVE_TRY(const format::FramedValue framed, cursor_->framed());
    return std::optional<TreeView>(TreeView{cursor_->key(), framed.identity, framed.data});
  }

  Result<void> next() override {
    VARVE_CHECK(cursor_->next());
    if (!cursor_->valid()) leave();
    return {};
  }

  Result<void> seek_open(std::string_view path) override {
    auto sought = cursor_->seek_ge(path);
    if (!sought.has_value()) close();
    if (sought.has_value() && cursor_->is_cut()) leave();
    return sought;
  }

  std::string_view resume_at() const override { return resume_at_; }

 private:
  bool is_at_end() const { return index_ == snapshot_->ranges.size(); }

  void close() {
    cursor_.reset();
    resume_at_.clear();
  }

  // From where the cursor has ended: the range, or what was read of it.
  void leave() {
    if (cursor_->is_cut()) {
      resume_at_ = cursor_->cut_at();
    } else {
      resume_at_.clear();
      ++index_;
    }
    cursor_.reset();
  }

  // Opens the range at index_ at the first path >= `path`.
  Task<Result<void>> open_at(std::string path) {
    const model::RangeInfo& range = snapshot_->ranges[index_];
    close();
    for (;;) {
      TableRef table = files_.find_table(*repository_, range.id);
      if (table == nullptr) {
        VARVE_CO_TRY(cursor_, co_await files_.cursor_near(context_, repository_, range, path,
                                                          window_bytes_));
        window_bytes_ = std::min(2 * window_bytes_, WindowBytesMax);
        if (!cursor_.has_value()) {
          VARVE_CO_TRY(table, co_await files_.table(context_, repository_, range));
        }
      }
      if (table != nullptr) cursor_.emplace(table->cursor());
      auto sought = cursor_->seek_ge(path);
      if (!sought.has_value()) close();
      if (!sought.has_value() || !cursor_->is_cut()) co_return sought;
      path = cursor_->cut_at();  // beyond the block that was to have it, for the index is sound
    }
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
  std::string resume_at_;  // not empty: the walk is past all that is before, in the range at index_
  std::uint64_t window_bytes_ = WindowBytesFirst;
};

}  // namespace

std::unique_ptr<TreeCursor> Snapshots::cursor(Context context, RepositoryRef repository,
                                              SnapshotRef snapshot) {
  return std::make_unique<SnapshotCursor>(impl_->files, std::move(context), std::move(repository),
                                          std::move(snapshot));
}

}  // namespace varve::engine
