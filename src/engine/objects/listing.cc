#include "engine/objects/listing.h"

#include <algorithm>
#include <utility>

#include "format/catalog.h"
#include "model/limits.h"

namespace varve::engine {

using base::Result;
using base::Task;

namespace {

constexpr std::size_t TreeRowsFirst = 32;  // of a batch after a jump; a run of rows doubles it
constexpr std::size_t TreeRowsMax = 1024;
constexpr std::size_t AskEvery = 64;  // tombstones between two looks for a known run

}  // namespace

void TreeWalk::seek(std::string from) {
  // Most jumps of a listing stay in the batch at hand.
  if (!is_at_range_ && at_ < rows_.size() && from <= rows_.back().path) {
    const auto first = rows_.begin() + static_cast<std::ptrdiff_t>(at_);
    const auto found = std::partition_point(
        first, rows_.end(), [&from](const TreeRow& row) { return row.path < from; });
    at_ = static_cast<std::size_t>(found - rows_.begin());
    return;
  }
  const std::vector<model::RangeInfo>& ranges = tree_->ranges;
  const auto first = ranges.begin() + static_cast<std::ptrdiff_t>(std::min(range_, ranges.size()));
  const auto found = std::partition_point(
      first, ranges.end(), [&from](const model::RangeInfo& r) { return r.max_key < from; });
  range_ = static_cast<std::size_t>(found - ranges.begin());
  rows_.clear();
  at_ = 0;
  batch_rows_ = TreeRowsFirst;
  is_done_ = found == ranges.end();
  is_at_range_ = !is_done_ && from <= found->min_key;
  has_jumped_ = true;
  from_ = is_at_range_ ? found->min_key : std::move(from);
}

void TreeWalk::arrive() {
  // A batch ends with its range, or in the middle of it.
  if (rows_.back().path != tree_->ranges[range_].max_key) return;
  ++range_;
  rows_.clear();
  at_ = 0;
  is_done_ = range_ == tree_->ranges.size();
  is_at_range_ = !is_done_;
}

std::string_view TreeWalk::path() const {
  return is_at_range_ ? std::string_view(tree_->ranges[range_].min_key)
                      : std::string_view(rows_[at_].path);
}

Task<Result<void>> TreeWalk::fill() {
  if (has_jumped_) {
    VARVE_CO_CHECK(co_await cursor_->seek_ge(std::move(from_)));
    has_jumped_ = false;
  }
  VARVE_CO_TRY(rows_, co_await cursor_->next_batch(batch_rows_));
  at_ = 0;
  batch_rows_ = std::min(batch_rows_ * 2, TreeRowsMax);
  is_done_ = rows_.empty();
  // A path between two records of the range may have been sought; then the batch is the next's.
  while (!is_done_ && rows_.front().path > tree_->ranges[range_].max_key) ++range_;
  co_return Result<void>();
}

Task<Result<void>> TreeWalk::open() {
  is_at_range_ = false;
  co_return co_await fill();
}

void TreeWalk::pop() {
  ++at_;
  if (at_ == rows_.size()) arrive();
}

Listing::Listing(TreeWalk tree, StagedCursor staged, DeadRuns::View dead, ObjectQuery query)
    : tree_(std::move(tree)),
      staged_(std::move(staged)),
      dead_(std::move(dead)),
      query_(std::move(query)) {}

Task<Result<void>> Listing::ready() {
  while (staged_.needs_fill()) VARVE_CO_CHECK(co_await staged_.fill());
  while (tree_.needs_fill()) VARVE_CO_CHECK(co_await tree_.fill());
  co_return Result<void>();
}

bool Listing::is_at_end() const { return tree_.is_at_end() && staged_.is_at_end(); }

bool Listing::is_staged_first() const {
  if (staged_.is_at_end()) return false;
  return tree_.is_at_end() || staged_.path() <= tree_.path();
}

Task<Result<void>> Listing::pop_staged() {
  if (!tree_.is_at_end() && tree_.path() == staged_.path()) {
    if (!tree_.is_open()) VARVE_CO_CHECK(co_await tree_.open());
    if (!tree_.is_at_end() && tree_.path() == staged_.path()) tree_.pop();
  }
  staged_.pop();
  co_return Result<void>();
}

std::optional<std::string> Listing::fold_of(std::string_view path) const {
  if (query_.delimiter.empty()) return std::nullopt;
  const std::size_t found = path.find(query_.delimiter, query_.prefix.size());
  if (found == std::string_view::npos) return std::nullopt;
  return std::string(path.substr(0, found + query_.delimiter.size()));
}

Task<Result<void>> Listing::seek(std::string from, bool is_exclusive) {
  tree_.seek(from);
  VARVE_CO_CHECK(co_await staged_.seek(from, is_exclusive));
  VARVE_CO_CHECK(co_await ready());
  if (is_exclusive && !tree_.is_at_end() && tree_.path() == from) {
    if (!tree_.is_open()) VARVE_CO_CHECK(co_await tree_.open());
    if (!tree_.is_at_end() && tree_.path() == from) tree_.pop();
  }
  co_return co_await ready();
}

Task<Result<void>> Listing::pass_tombstone() {
  if (run_paths_ == 0) run_from_ = std::string(staged_.path());
  const bool asks = run_paths_ % AskEvery == 0;
  if (auto beyond = asks ? dead_.beyond(staged_.path()) : std::nullopt; beyond.has_value()) {
    // Whatever this run and the one before it join to is worth keeping as one.
    run_paths_ += DeadRuns::RunPathsMin;
    if (beyond->empty()) {
      is_over_ = true;
      co_return Result<void>();
    }
    co_return co_await seek(*std::move(beyond), false);
  }
  ++run_paths_;
  VARVE_CO_CHECK(co_await pop_staged());
  co_return co_await ready();
}

// At a visible path, or where the prefix ends.
void Listing::end_run(std::string until) {
  if (run_paths_ >= DeadRuns::RunPathsMin) dead_.keep(std::move(run_from_), std::move(until));
  run_paths_ = 0;
}

// The next row, or nothing at the end of the listing.
Task<Result<std::optional<ObjectRow>>> Listing::next() {
  for (;;) {
    if (is_over_ || is_at_end() || !path().starts_with(query_.prefix)) {
      if (!is_over_) end_run(prefix_end(query_.prefix));
      is_over_ = true;
      co_return std::optional<ObjectRow>();
    }
    const bool is_staged = is_staged_first();
    if (is_staged && staged_.is_tombstone()) {
      VARVE_CO_CHECK(co_await pass_tombstone());
      continue;
    }
    if (run_paths_ != 0) end_run(std::string(path()));
    ObjectRow row;
    if (auto fold = fold_of(path()); fold.has_value()) {
      std::string beyond = prefix_end(*fold);
      row.path = *std::move(fold);
      // Nothing sorts beyond a prefix of 0xff bytes only.
      if (beyond.empty()) {
        is_over_ = true;
      } else {
        VARVE_CO_CHECK(co_await seek(std::move(beyond), false));
      }
      co_return std::optional<ObjectRow>(std::move(row));
    }
    if (!is_staged && !tree_.is_open()) {
      VARVE_CO_CHECK(co_await tree_.open());
      VARVE_CO_CHECK(co_await ready());
      continue;
    }
    row.path = std::string(path());
    if (query_.with_entries) {
      const std::string_view data = is_staged ? staged_.data() : tree_.record().data;
      VARVE_CO_TRY(row.entry, format::decode_entry(data));
    } else {
      row.entry.emplace();
    }
    if (is_staged) {
      VARVE_CO_CHECK(co_await pop_staged());
    } else {
      tree_.pop();
    }
    if (staged_.needs_fill() || tree_.needs_fill()) VARVE_CO_CHECK(co_await ready());
    co_return std::optional<ObjectRow>(std::move(row));
  }
}

Task<Result<ObjectPage>> Listing::run() {
  int amount = query_.amount;
  if (amount < 0 || amount > model::EnginePageMax) amount = model::EnginePageMax;
  // Without a delimiter a row is a path, so the walk starts beyond `after`; with one, `after` may
  // be inside a common prefix, which is then listed (again).
  const bool is_after = query_.after >= query_.prefix && !query_.after.empty();
  const bool is_exclusive = is_after && query_.delimiter.empty();
  VARVE_CO_CHECK(co_await seek(is_after ? query_.after : query_.prefix, is_exclusive));
  ObjectPage page;
  for (;;) {
    VARVE_CO_TRY(std::optional<ObjectRow> row, co_await next());
    if (!row.has_value()) co_return page;
    if (is_after && row->path == query_.after) continue;
    if (page.rows.size() == static_cast<std::size_t>(amount)) {
      page.has_more = true;
      co_return page;
    }
    page.rows.push_back(*std::move(row));
  }
}

}  // namespace varve::engine
