#include "engine/staging/cursor.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "format/graveler.h"
#include "model/ids.h"
#include "ports/kv_store.h"

namespace varve::engine {

using base::Result;
using base::Task;

StagedCursor::StagedCursor(ports::KvStore& kv, base::Context context,
                           std::vector<model::StagingToken> tokens, std::string until, Pages pages)
    : kv_(kv), context_(std::move(context)), pages_(pages) {
  lanes_.resize(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    lanes_[i].next.partition = std::move(tokens[i]).str();
    lanes_[i].next.until = until;
    lanes_[i].next.limit = pages_.rows_first;
  }
  settle();
}

void StagedCursor::settle() {
  head_ = nullptr;
  needs_fill_ = false;
  for (Lane& lane : lanes_) {
    if (lane.is_used_up()) {
      needs_fill_ = true;
      return;
    }
    if (lane.is_at_end_of_page()) continue;
    // Strictly smaller: of equal paths the newest token's record counts.
    if (head_ == nullptr || lane.path() < path()) head_ = &lane;
  }
}

Task<Result<void>> StagedCursor::seek(std::string from, bool is_exclusive) {
  for (Lane& lane : lanes_) {
    const std::vector<ports::KvRow>& rows = lane.page->rows;
    const auto first = rows.begin() + static_cast<std::ptrdiff_t>(lane.at);
    const auto found = std::partition_point(first, rows.end(), [&](const ports::KvRow& row) {
      return is_exclusive ? row.key <= from : row.key < from;
    });
    lane.at = static_cast<std::size_t>(found - rows.begin());
    if (!lane.is_used_up()) continue;
    // Beyond what is in memory: the next page starts there. Where a walk jumps, pages stay small.
    const bool is_ahead = from > lane.next.from || (from == lane.next.from && is_exclusive);
    if (is_ahead || rows.empty()) {
      lane.next.from = from;
      lane.next.is_from_exclusive = is_exclusive;
      lane.next.limit = pages_.rows_first;
    }
    lane.is_exhausted = !lane.next.until.empty() && lane.next.from >= lane.next.until;
  }
  settle();
  if (needs_fill_) co_return co_await fill();
  co_return Result<void>();
}

Task<Result<void>> StagedCursor::fill() {
  for (Lane& lane : lanes_) {
    if (!lane.is_used_up()) continue;
    VARVE_CO_TRY(ports::KvPage read, co_await kv_.scan(context_, lane.next));
    auto page = std::make_shared<Page>();
    page->rows = std::move(read.rows);
    page->views.reserve(page->rows.size());
    for (const ports::KvRow& row : page->rows) {
      VARVE_CO_TRY(format::StagedEntryView view, format::view_staged_entry(row.value));
      page->views.push_back(view);
    }
    lane.is_exhausted = !read.has_more || page->rows.empty();
    if (!page->rows.empty()) {
      lane.next.from = page->rows.back().key;
      lane.next.is_from_exclusive = true;
      lane.next.limit = std::min(lane.next.limit * 4, pages_.rows_max);
    }
    lane.page = std::move(page);
    lane.at = 0;
  }
  settle();
  co_return Result<void>();
}

void StagedCursor::pop() {
  const std::string_view path = this->path();  // of a row that stays in memory until the next fill
  for (Lane& lane : lanes_) {
    if (&lane != head_ && !lane.is_at_end_of_page() && lane.path() == path) ++lane.at;
  }
  ++head_->at;
  settle();
}

std::vector<std::shared_ptr<const void>> StagedCursor::pages() const {
  std::vector<std::shared_ptr<const void>> pages;
  for (const Lane& lane : lanes_) pages.push_back(lane.page);
  return pages;
}

}  // namespace varve::engine
