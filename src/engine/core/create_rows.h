// Rows that come into being in a repository. A deletion removes every row of the repository and
// then its record, while requests that resolved the repository before may still be under way; a row
// made by one of them afterwards would stay for ever, for nobody looks into that partition again.
// So whatever makes a row out of nothing requires the record to be as it was read: it changes once,
// when the deletion begins. What requires another row of the repository, as all that moves or reads
// a branch does, is safe without: that row is gone.
#pragma once

#include <optional>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "ports/kv_store.h"

namespace varve::engine {

// Writes, if the repository is still there. With a `witness`, one of the updates, a lost answer is
// found out as by write_settled (kv_write.h).
//   NotFound  Detail::RepositoryMissing, Detail::RepositoryInDeletion; nothing was written
//   Conflict  another requirement does not hold; nothing was written
base::Task<base::Result<void>> create_rows(ports::KvStore* kv, base::Context context,
                                           RepositoryRef repository, ports::KvWrite write,
                                           std::optional<ports::KvUpdate> witness);

}  // namespace varve::engine
