// Whether a path, or anything below a prefix, differs between two trees. Ranges that both trees
// have are never looked at: a range is named by its content, so what differs is in the others.
#pragma once

#include <string>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/tree/tree.h"

namespace varve::engine {

base::Task<base::Result<bool>> is_object_changed(Snapshots* snapshots, base::Context context,
                                                 RepositoryRef repository, SnapshotRef before,
                                                 SnapshotRef after, std::string path);

base::Task<base::Result<bool>> is_prefix_changed(Snapshots* snapshots, base::Context context,
                                                 RepositoryRef repository, SnapshotRef before,
                                                 SnapshotRef after, std::string prefix);

}  // namespace varve::engine
