// KvWalk: the rows of one partition whose keys start with a prefix, page by page, in key order.
//
//   KvWalk walk(core.kv, context, partition, "branches/", "branches/main", 256);
//   for (;;) {
//     VARVE_CO_TRY(auto rows, co_await walk.next());
//     if (rows.empty()) break;
//     ...
//   }
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
#include "ports/kv_store.h"

namespace varve::engine {

class KvWalk {
 public:
  // Starts at the first key beyond `after` (a whole key; anything below `prefix` has no effect).
  KvWalk(ports::KvStore& kv, base::Context context, std::string partition, std::string_view prefix,
         std::string_view after, std::size_t page_rows);

  // Empty only at the end.
  base::Task<base::Result<std::vector<ports::KvRow>>> next();

 private:
  ports::KvStore& kv_;
  base::Context context_;
  ports::KvScan scan_;
  bool is_done_ = false;
};

}  // namespace varve::engine
