// Writes whose lost answer can be found out. A store may answer OutcomeUnknown: the write may or
// may not have been applied. If one of its updates could only have come from this very write (a
// record with a fresh token in it, a commit), reading that row back tells.
#pragma once

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "ports/kv_store.h"

namespace varve::engine {

// Writes; on OutcomeUnknown reads `witness` back, and it was applied if the row holds `value`.
//   Conflict        a requirement does not hold; nothing was written
//   OutcomeUnknown  still unknown: the row holds something else, or reading back failed
base::Task<base::Result<void>> write_settled(ports::KvStore* kv, base::Context context,
                                             ports::KvWrite write, ports::KvKey witness,
                                             base::Bytes value);

}  // namespace varve::engine
