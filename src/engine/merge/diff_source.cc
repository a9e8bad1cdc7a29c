#include "engine/merge/diff_source.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/merge/merge.h"
#include "engine/staging/staging.h"
#include "engine/tree/changes.h"
#include "engine/tree/diff.h"
#include "engine/tree/tree.h"
#include "kernel/merge_table.h"
#include "model/ids.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;

namespace {

DiffType type_of(kernel::Shown shown) {
  switch (shown) {
    case kernel::Shown::Removed:
      return DiffType::Removed;
    case kernel::Shown::Changed:
      return DiffType::Changed;
    case kernel::Shown::Conflict:
      return DiffType::Conflict;
    case kernel::Shown::Added:
    case kernel::Shown::Nothing:
      break;
  }
  return DiffType::Added;
}

class CommittedDiff final : public DiffSource {
 public:
  CommittedDiff(Snapshots& snapshots, Context context, RepositoryRef repository,
                TreeDiff::Sides sides)
      : diff_(snapshots, std::move(context), std::move(repository), std::move(sides)) {}

  void stop_at(std::string path) override { diff_.stop_at(std::move(path)); }
  void fold_by(std::string delimiter, std::size_t prefix_bytes) override {
    diff_.fold_by(std::move(delimiter), prefix_bytes);
  }
  Result<void> seek_ge(std::string path) override { return diff_.seek_ge(std::move(path)); }

  Task<Result<std::vector<DiffItem>>> next_batch(std::size_t rows_max) override {
    VARVE_CO_TRY(std::vector<TreeDiffRow> rows, co_await diff_.next_batch(rows_max));
    std::vector<DiffItem> items;
    items.reserve(rows.size());
    for (TreeDiffRow& row : rows) {
      items.push_back({std::move(row.path), type_of(row.shown), std::move(row.record.data), true});
    }
    co_return items;
  }

 private:
  TreeDiff diff_;
};

// What uncommitted data makes of its paths, unchanged ones included, in path order.
struct StagedItem {
  std::string path;
  std::optional<DiffItem> item;  // nullopt: as in the tree
};

class StagedItems {
 public:
  StagedItems(Snapshots& snapshots, Staging& staging, Context context, RepositoryRef repository,
              UncommittedOver uncommitted)
      : snapshots_(snapshots),
        staging_(staging),
        context_(std::move(context)),
        repository_(std::move(repository)),
        uncommitted_(std::move(uncommitted)) {}

  void stop_at(std::string path) { until_ = std::move(path); }

  void seek_ge(std::string path) {
    from_ = std::move(path);
    const auto found = std::partition_point(
        items_.begin(), items_.end(), [this](const StagedItem& item) { return item.path < from_; });
    items_.erase(items_.begin(), found);
    if (!items_.empty()) return;
    changes_.reset();
  }

  Task<Result<void>> fill() {
    while (items_.empty() && !is_done_) {
      if (changes_ == nullptr) {
        changes_ = staging_.changes(context_, uncommitted_.tokens, "", from_, false);
      }
      VARVE_CO_TRY(std::vector<Change> changes, co_await changes_->next_batch());
      is_done_ = changes.empty();
      VARVE_CO_CHECK(co_await compare(std::move(changes)));
    }
    co_return Result<void>();
  }

  // The rest needs fill().
  bool is_at_end() const { return items_.empty(); }
  StagedItem& front() { return items_.front(); }
  void pop() { items_.pop_front(); }

 private:
  Task<Result<void>> compare(std::vector<Change> changes) {
    std::vector<std::string> paths;
    for (const Change& change : changes) {
      if (!until_.empty() && change.path >= until_) {
        is_done_ = true;
        break;
      }
      paths.push_back(change.path);
    }
    VARVE_CO_TRY(auto committed, co_await snapshots_.get_many(context_, repository_,
                                                              uncommitted_.tree, std::move(paths)));
    for (std::size_t i = 0; i < committed.size(); ++i) {
      StagedItem staged;
      staged.path = changes[i].path;
      staged.item = item_of(std::move(changes[i]), std::move(committed[i]));
      items_.push_back(std::move(staged));
    }
    co_return Result<void>();
  }

  std::optional<DiffItem> item_of(Change change, std::optional<model::EntryRecord> committed) {
    DiffItem item;
    item.path = std::move(change.path);
    item.has_entry = true;
    if (change.record.identity.empty()) {
      if (!committed.has_value()) return std::nullopt;
      item.type = DiffType::Removed;
      item.has_entry = uncommitted_.has_removed_entries;
      item.data = std::move(committed->data);
      return item;
    }
    if (committed.has_value() && committed->identity == change.record.identity) return std::nullopt;
    item.type = committed.has_value() ? DiffType::Changed : DiffType::Added;
    item.data = std::move(change.record.data);
    return item;
  }

  Snapshots& snapshots_;
  Staging& staging_;
  Context context_;
  RepositoryRef repository_;
  UncommittedOver uncommitted_;
  std::string until_;
  std::string from_;
  std::unique_ptr<ChangeSource> changes_;
  std::deque<StagedItem> items_;
  bool is_done_ = false;
};

class UncommittedDiff final : public DiffSource {
 public:
  explicit UncommittedDiff(StagedItems items) : items_(std::move(items)) {}

  void stop_at(std::string path) override { items_.stop_at(std::move(path)); }
  void fold_by(std::string, std::size_t) override {}
  Result<void> seek_ge(std::string path) override {
    items_.seek_ge(std::move(path));
    return {};
  }

  Task<Result<std::vector<DiffItem>>> next_batch(std::size_t rows_max) override {
    std::vector<DiffItem> rows;
    while (rows.size() < rows_max) {
      VARVE_CO_CHECK(co_await items_.fill());
      if (items_.is_at_end()) break;
      for (; !items_.is_at_end() && rows.size() < rows_max; items_.pop()) {
        if (items_.front().item.has_value()) rows.push_back(*std::move(items_.front().item));
      }
    }
    co_return rows;
  }

 private:
  StagedItems items_;
};

class OverlaidDiff final : public DiffSource {
 public:
  OverlaidDiff(std::unique_ptr<DiffSource> committed, StagedItems staged)
      : committed_(std::move(committed)), staged_(std::move(staged)) {}

  void stop_at(std::string path) override {
    committed_->stop_at(path);
    staged_.stop_at(std::move(path));
  }
  // A range is not left closed here: what is staged may undo every row of it.
  void fold_by(std::string, std::size_t) override {}

  Result<void> seek_ge(std::string path) override {
    while (!rows_.empty() && rows_.front().path < path) rows_.pop_front();
    if (rows_.empty()) VARVE_CHECK(committed_->seek_ge(path));
    staged_.seek_ge(std::move(path));
    return {};
  }

  Task<Result<std::vector<DiffItem>>> next_batch(std::size_t rows_max) override {
    std::vector<DiffItem> merged;
    while (merged.size() < rows_max) {
      if (rows_.empty() && !is_committed_done_) {
        VARVE_CO_TRY(std::vector<DiffItem> rows, co_await committed_->next_batch(rows_max));
        is_committed_done_ = rows.empty();
        rows_.assign(std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
      }
      VARVE_CO_CHECK(co_await staged_.fill());
      if (rows_.empty() && staged_.is_at_end()) break;
      if (staged_.is_at_end() || (!rows_.empty() && rows_.front().path < staged_.front().path)) {
        merged.push_back(std::move(rows_.front()));
        rows_.pop_front();
        continue;
      }
      if (!rows_.empty() && rows_.front().path == staged_.front().path) rows_.pop_front();
      if (staged_.front().item.has_value()) merged.push_back(*std::move(staged_.front().item));
      staged_.pop();
    }
    co_return merged;
  }

 private:
  std::unique_ptr<DiffSource> committed_;
  StagedItems staged_;
  std::deque<DiffItem> rows_;  // of `committed_`, read ahead
  bool is_committed_done_ = false;
};

}  // namespace

std::unique_ptr<DiffSource> committed_diff(Snapshots& snapshots, Context context,
                                           RepositoryRef repository, TreeDiff::Sides sides) {
  return std::make_unique<CommittedDiff>(snapshots, std::move(context), std::move(repository),
                                         std::move(sides));
}

std::unique_ptr<DiffSource> uncommitted_diff(Snapshots& snapshots, Staging& staging,
                                             Context context, RepositoryRef repository,
                                             UncommittedOver uncommitted) {
  return std::make_unique<UncommittedDiff>(StagedItems(
      snapshots, staging, std::move(context), std::move(repository), std::move(uncommitted)));
}

std::unique_ptr<DiffSource> overlaid_diff(Snapshots& snapshots, Staging& staging, Context context,
                                          RepositoryRef repository, SnapshotRef left,
                                          SnapshotRef head,
                                          std::vector<model::StagingToken> tokens) {
  UncommittedOver uncommitted{std::move(tokens), left, true};
  StagedItems staged(snapshots, staging, context, repository, std::move(uncommitted));
  TreeDiff::Sides sides{left, std::move(head), left};
  auto committed =
      committed_diff(snapshots, std::move(context), std::move(repository), std::move(sides));
  return std::make_unique<OverlaidDiff>(std::move(committed), std::move(staged));
}

}  // namespace varve::engine
