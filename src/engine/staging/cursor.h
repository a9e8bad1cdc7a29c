// StagedCursor: the newest uncommitted record of every path, in path order, over the tokens of a
// branch. Reads the tokens page by page; what is in memory is looked at without suspending:
//
//   VARVE_CO_CHECK(co_await cursor.seek(from, false));
//   for (;;) {
//     if (cursor.needs_fill()) VARVE_CO_CHECK(co_await cursor.fill());
//     if (cursor.is_at_end()) break;
//     use(cursor.path(), cursor.identity(), cursor.data());      // until pop() or seek()
//     cursor.pop();
//   }
//
// Pages start small and grow while the walk is sequential, so that a listing that jumps from prefix
// to prefix reads little and a commit reads in few steps.
//
// Belongs to one task.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "format/graveler.h"
#include "model/ids.h"
#include "ports/kv_store.h"

namespace varve::engine {

class StagedCursor {
 public:
  struct Pages {
    std::size_t rows_first = 64;
    std::size_t rows_max = 4096;
  };

  // `tokens` newest first. Paths at or beyond `until` are not visited; empty: no bound.
  StagedCursor(ports::KvStore& kv, base::Context context, std::vector<model::StagingToken> tokens,
               std::string until, Pages pages);

  // Goes to the first path >= `from` (> if exclusive). Forward only.
  base::Task<base::Result<void>> seek(std::string from, bool is_exclusive);

  bool needs_fill() const { return needs_fill_; }
  base::Task<base::Result<void>> fill();

  // The rest needs !needs_fill().
  bool is_at_end() const { return head_ == nullptr; }
  std::string_view path() const { return head_->page.rows[head_->at].key; }
  std::string_view identity() const { return head_->views[head_->at].identity; }
  std::string_view data() const { return head_->views[head_->at].data; }
  bool is_tombstone() const { return identity().empty(); }
  void pop();

 private:
  // One token's rows from where the walk is.
  struct Lane {
    ports::KvPage page;
    std::vector<format::StagedEntryView> views;  // of page.rows, decoded
    std::size_t at = 0;
    ports::KvScan next;  // the page to read when this one is used up
    bool is_exhausted = false;
    bool is_used_up() const { return at == page.rows.size() && !is_exhausted; }
  };

  void settle();  // after a move: whether a page is missing, and which lane is in front

  ports::KvStore& kv_;
  base::Context context_;
  Pages pages_;
  std::vector<Lane> lanes_;  // newest first
  Lane* head_ = nullptr;
  bool needs_fill_ = false;
};

}  // namespace varve::engine
