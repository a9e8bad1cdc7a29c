#include "engine/core/kv_walk.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "ports/kv_store.h"

namespace varve::engine {

KvWalk::KvWalk(ports::KvStore& kv, base::Context context, std::string partition,
               std::string_view prefix, std::string_view after, std::size_t page_rows)
    : kv_(kv), context_(std::move(context)) {
  scan_.partition = std::move(partition);
  scan_.is_from_exclusive = after >= prefix && !after.empty();
  scan_.from = std::string(scan_.is_from_exclusive ? after : prefix);
  scan_.until = prefix_end(prefix);
  scan_.limit = page_rows;
  is_done_ = !scan_.until.empty() && scan_.from >= scan_.until;
}

base::Task<base::Result<std::vector<ports::KvRow>>> KvWalk::next() {
  if (is_done_) co_return std::vector<ports::KvRow>{};
  VARVE_CO_TRY(ports::KvPage page, co_await kv_.scan(context_, scan_));
  is_done_ = !page.has_more || page.rows.empty();
  if (!is_done_) {
    scan_.from = page.rows.back().key;
    scan_.is_from_exclusive = true;
  }
  co_return std::move(page.rows);
}

}  // namespace varve::engine
