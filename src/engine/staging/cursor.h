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
#include <memory>
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
  std::string_view path() const { return head_->path(); }
  std::string_view identity() const { return head_->page->views[head_->at].identity; }
  std::string_view data() const { return head_->page->views[head_->at].data; }
  bool is_tombstone() const { return identity().empty(); }
  void pop();

  // What everything since the last fill() was a view of; good for as long as it is kept.
  std::vector<std::shared_ptr<const void>> pages() const;

 private:
  struct Page {
    std::vector<ports::KvRow> rows;
    std::vector<format::StagedEntryView> views;  // of the rows, decoded
  };
  // One token's rows from where the walk is.
  struct Lane {
    std::shared_ptr<const Page> page = std::make_shared<const Page>();  // shared with pages()
    std::size_t at = 0;
    ports::KvScan next;  // the page to read when this one is used up
    bool is_exhausted = false;
    bool is_at_end_of_page() const { return at == page->rows.size(); }
    bool is_used_up() const { return is_at_end_of_page() && !is_exhausted; }
    std::string_view path() const { return page->rows[at].key; }
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
