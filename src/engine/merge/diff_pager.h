// Turns a stream of differences into a page: prefix, delimiter, paging. engine.md 9.4;
// rest-semantics.md 8.4, with its quirk fixed: a page goes on exactly after the row `after` (Q6).
#pragma once

#include <memory>

#include "base/result.h"
#include "base/task.h"
#include "engine/merge/diff_source.h"
#include "engine/merge/merge.h"

namespace varve::engine {

// The page of `query` over `source`.
base::Task<base::Result<DiffPage>> diff_page(std::unique_ptr<DiffSource> source, DiffQuery query);

}  // namespace varve::engine
