// Staging tokens that no branch names any more: rows that queue them for the sweep, which removes
// what is in them (engine.md 8.8). Written in one step with what takes the tokens from their
// branch, so that none is lost track of.
//
// One step has room for so many. Of a branch with more tokens (thousands: each comes of a reset or
// a commit that failed) the rest is queued when the step is done; a crash in between leaves
// garbage.
#pragma once

#include <cstddef>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "model/ids.h"
#include "ports/kv_store.h"

namespace varve::engine {

// Adds the rows of as many tokens as `write` has room for beside `updates_to_come`; gives the rest.
std::vector<model::StagingToken> add_dropped(ports::KvWrite& write,
                                             std::vector<model::StagingToken> tokens,
                                             std::size_t updates_to_come);

// Queues tokens in as many steps as it takes.
base::Task<base::Result<void>> queue_dropped(ports::KvStore* kv, base::Context context,
                                             std::vector<model::StagingToken> tokens);

}  // namespace varve::engine
