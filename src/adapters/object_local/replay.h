// Doing again what the journal says was done: the power may have failed before the file system had
// heard of it.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/object_local/workspace.h"
#include "base/result.h"

namespace varve::adapters {

// Replays all segments and gives their numbers, ascending. They stay until the file system has been
// synced: doing it twice, or stopping half-way and doing it again, comes to the same. Blocks.
base::Result<std::vector<std::uint64_t>> replay_journal(const Workspace& workspace);

}  // namespace varve::adapters
