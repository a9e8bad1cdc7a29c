#include "engine/staging/cursor.h"

#include <algorithm>
#include <utility>

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
    if (lane.at == lane.page.rows.size()) continue;
    // Strictly smaller: of equal paths the newest token's record counts.
    if (head_ == nullptr || lane.page.rows[lane.at].key < path()) head_ = &lane;
  }
}

Task<Result<void>> StagedCursor::seek(std::string from, bool is_exclusive) {
  for (Lane& lane : lanes_) {
    const auto first = lane.page.rows.begin() + static_cast<std::ptrdiff_t>(lane.at);
    const auto found = std::partition_point(
        first, lane.page.rows.end(), [&from, is_exclusive](const ports::KvRow& row) {
          return is_exclusive ? row.key <= from : row.key < from;
        });
    lane.at = static_cast<std::size_t>(found - lane.page.rows.begin());
    if (!lane.is_used_up()) continue;
    // Beyond what is in memory: the next page starts there. Where a walk jumps, pages stay small.
    const bool is_ahead = from > lane.next.from || (from == lane.next.from && is_exclusive);
    if (is_ahead || lane.page.rows.empty()) {
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
    VARVE_CO_TRY(lane.page, co_await kv_.scan(context_, lane.next));
    lane.at = 0;
    lane.views.clear();
    lane.views.reserve(lane.page.rows.size());
    for (const ports::KvRow& row : lane.page.rows) {
      VARVE_CO_TRY(format::StagedEntryView view, format::view_staged_entry(row.value));
      lane.views.push_back(view);
    }
    lane.is_exhausted = !lane.page.has_more || lane.page.rows.empty();
    if (!lane.page.rows.empty()) {
      lane.next.from = lane.page.rows.back().key;
      lane.next.is_from_exclusive = true;
      lane.next.limit = std::min(lane.next.limit * 4, pages_.rows_max);
    }
  }
  settle();
  co_return Result<void>();
}

void StagedCursor::pop() {
  const std::string_view path = this->path();  // of a row that stays in memory until the next fill
  for (Lane& lane : lanes_) {
    if (&lane != head_ && lane.at < lane.page.rows.size() && lane.page.rows[lane.at].key == path) {
      ++lane.at;
    }
  }
  ++head_->at;
  settle();
}

}  // namespace varve::engine
