#include "engine/objects/listing.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/core/core.h"
#include "engine/objects/dead_runs.h"
#include "engine/objects/objects.h"
#include "engine/staging/cursor.h"
#include "format/catalog.h"
#include "model/limits.h"
#include "model/records.h"

namespace varve::engine {

using base::Result;
using base::Task;

namespace {

constexpr std::size_t AskEvery = 64;  // tombstones between two looks for a known run

}  // namespace

Result<void> TreeWalk::look() {
  VARVE_TRY(row_, cursor_->view());
  needs_fill_ = !row_.has_value() && !cursor_->resume_at().empty();
  if (needs_fill_) from_ = std::string(cursor_->resume_at());
  return {};
}

Result<void> TreeWalk::seek(std::string_view from) {
  const std::vector<model::RangeInfo>& ranges = tree_->ranges;
  if (row_.has_value() && from <= ranges[range_].max_key) {
    if (from <= row_->path) return {};
    VARVE_CHECK(cursor_->seek_open(from));
    return look();
  }
  const auto found =
      std::partition_point(ranges.begin() + static_cast<std::ptrdiff_t>(range_), ranges.end(),
                           [from](const model::RangeInfo& r) { return r.max_key < from; });
  range_ = static_cast<std::size_t>(found - ranges.begin());
  row_.reset();
  needs_fill_ = found != ranges.end() && from > found->min_key;
  if (needs_fill_) from_ = std::string(from);
  return {};
}

Task<Result<void>> TreeWalk::fill() {
  VARVE_CO_CHECK(co_await cursor_->seek_ge(std::move(from_)));
  co_return look();
}

Task<Result<void>> TreeWalk::open() {
  VARVE_CO_CHECK(co_await cursor_->seek_ge(tree_->ranges[range_].min_key));
  VARVE_CO_CHECK(co_await cursor_->open());
  co_return look();
}

Result<void> TreeWalk::pop() {
  VARVE_CHECK(cursor_->next());
  VARVE_CHECK(look());
  if (!row_.has_value() && !needs_fill_) ++range_;
  return {};
}

Listing::Listing(TreeWalk tree, StagedCursor staged, DeadRuns::View dead, ObjectQuery query)
    : tree_(std::move(tree)),
      staged_(std::move(staged)),
      dead_(std::move(dead)),
      query_(std::move(query)) {}

Task<Result<void>> Listing::ready() {
  while (staged_.needs_fill()) VARVE_CO_CHECK(co_await staged_.fill());
  if (tree_.needs_fill()) VARVE_CO_CHECK(co_await tree_.fill());
  co_return Result<void>();
}

bool Listing::is_staged_first() const {
  if (staged_.is_at_end()) return false;
  return tree_.is_at_end() || staged_.path() <= tree_.path();
}

std::size_t Listing::fold_size(std::string_view path) const {
  if (query_.delimiter.empty()) return 0;
  const std::size_t found = path.find(query_.delimiter, query_.prefix.size());
  return found == std::string_view::npos ? 0 : found + query_.delimiter.size();
}

Listing::Place Listing::place() const {
  if (is_over_ || is_at_end()) return Place::End;
  const bool is_staged = is_staged_first();
  const std::string_view path = is_staged ? staged_.path() : tree_.path();
  if (!path.starts_with(query_.prefix)) return Place::End;
  const bool is_tree_closed = !tree_.is_at_end() && !tree_.is_open();
  const bool hides = is_staged && is_tree_closed && tree_.path() == path;
  if (is_staged && staged_.is_tombstone()) return hides ? Place::Closed : Place::Tombstone;
  if (fold_size(path) != 0) return Place::Prefix;
  return hides || (!is_staged && is_tree_closed) ? Place::Closed : Place::Entry;
}

Result<void> Listing::pop_staged() {
  if (!tree_.is_at_end() && tree_.path() == staged_.path()) VARVE_CHECK(tree_.pop());
  staged_.pop();
  return {};
}

bool Listing::has_room() {
  if (page_.rows.size() < static_cast<std::size_t>(query_.amount)) return true;
  page_.has_more = true;
  is_over_ = true;
  return false;
}

Task<Result<void>> Listing::seek(std::string from, bool is_exclusive) {
  VARVE_CO_CHECK(tree_.seek(from));
  if (tree_.needs_fill()) VARVE_CO_CHECK(co_await tree_.fill());
  if (is_exclusive && !tree_.is_at_end() && tree_.path() == from) {
    if (!tree_.is_open()) VARVE_CO_CHECK(co_await tree_.open());
    VARVE_CO_CHECK(tree_.pop());
  }
  if (staged_.needs_fill() || !staged_.is_at_end()) {
    VARVE_CO_CHECK(co_await staged_.seek(std::move(from), is_exclusive));
  }
  co_return Result<void>();
}

// Over the whole run of deleted paths, if it is known; else over one of them.
Task<Result<void>> Listing::pass_tombstones() {
  if (run_paths_ == 0) run_from_ = std::string(staged_.path());
  auto beyond = dead_.beyond(staged_.path());
  if (!beyond.has_value()) co_return pass_tombstone();
  // This run and the one before it are worth keeping as one.
  run_paths_ += DeadRuns::RunPathsMin;
  if (!beyond->empty()) co_return co_await seek(*std::move(beyond), false);
  end_run("");
  is_over_ = true;
  co_return Result<void>();
}

Result<void> Listing::pass_tombstone() {
  ++run_paths_;
  return pop_staged();
}

// At a visible path, or where the prefix ends.
void Listing::end_run(std::string until) {
  if (run_paths_ >= DeadRuns::RunPathsMin) dead_.keep(std::move(run_from_), std::move(until));
  run_paths_ = 0;
}

Task<Result<void>> Listing::pass_prefix() {
  ObjectRow row;
  row.path = std::string(path().substr(0, fold_size(path())));
  std::string beyond = prefix_end(row.path);
  if (row.path != after_) {
    if (!has_room()) co_return Result<void>();
    page_.rows.push_back(std::move(row));
  }
  // Nothing sorts beyond a prefix of 0xff bytes only.
  is_over_ = beyond.empty();
  if (is_over_) co_return Result<void>();
  co_return co_await seek(std::move(beyond), false);
}

Result<void> Listing::pass_entry() {
  const bool is_staged = is_staged_first();
  if (path() != after_) {
    if (!has_room()) return {};
    ObjectRow& row = page_.rows.emplace_back();
    row.path = std::string(path());
    row.entry.emplace();
    if (query_.with_entries) {
      VARVE_TRY(row.entry, format::decode_entry(is_staged ? staged_.data() : tree_.data()));
    }
  }
  return is_staged ? pop_staged() : tree_.pop();
}

Task<Result<ObjectPage>> Listing::run() {
  if (query_.amount < 0 || query_.amount > model::EnginePageMax) {
    query_.amount = model::EnginePageMax;
  }
  // Without a delimiter a row is a path, so the walk starts beyond `after`; with one, `after` may
  // be inside a common prefix, which is then listed (again).
  const bool is_after = query_.after >= query_.prefix && !query_.after.empty();
  if (is_after) after_ = query_.after;
  const bool is_exclusive = is_after && query_.delimiter.empty();
  std::string from = is_after ? query_.after : query_.prefix;
  VARVE_CO_CHECK(co_await seek(std::move(from), is_exclusive));
  for (;;) {
    if (!is_ready()) VARVE_CO_CHECK(co_await ready());
    const Place at = place();
    if (at == Place::End) break;
    const bool is_visible = at == Place::Prefix || at == Place::Entry;
    if (is_visible && run_paths_ != 0) end_run(std::string(path()));
    switch (at) {
      case Place::End:
        break;
      case Place::Closed:
        VARVE_CO_CHECK(co_await tree_.open());
        break;
      case Place::Tombstone:
        if (run_paths_ % AskEvery == 0) {
          VARVE_CO_CHECK(co_await pass_tombstones());
        } else {
          VARVE_CO_CHECK(pass_tombstone());
        }
        break;
      case Place::Prefix:
        VARVE_CO_CHECK(co_await pass_prefix());
        break;
      case Place::Entry:
        VARVE_CO_CHECK(pass_entry());
        break;
    }
  }
  if (!is_over_) end_run(prefix_end(query_.prefix));
  co_return std::move(page_);
}

}  // namespace varve::engine
