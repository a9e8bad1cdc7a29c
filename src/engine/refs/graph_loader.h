// GraphLoader: brings commits into a graph for a walk that needs them. One by one at first; the
// more of them a walk turns out to need, the more of the repository's other commits are read ahead
// in bulk, in the order of their ids, since the walk is likely to need them too, and with them what
// is noted of their changes. What is read ahead grows with the square of what was needed: a short
// walk of a large repository reads little, a long one soon everything.
//
// Belongs to one task.
#pragma once

#include <cstddef>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/core/kv_walk.h"
#include "engine/refs/commit_graphs.h"
#include "engine/refs/refs.h"
#include "kernel/graph.h"

namespace varve::engine {

class GraphLoader {
 public:
  GraphLoader(Core& core, Refs& refs, base::Context context, RepositoryRef repository,
              SharedGraphRef graph);

  // Makes `commit` known, from a record that hashes to its id.
  //   errors of Refs::get_commit
  base::Task<base::Result<void>> load(kernel::CommitIndex commit);

 private:
  bool should_read_ahead() const;
  base::Task<void> read_ahead();
  base::Task<base::Result<void>> read_commits();
  base::Task<base::Result<void>> read_notes();

  base::Offload& offload_;
  Refs& refs_;
  base::Context context_;
  RepositoryRef repository_;
  SharedGraphRef graph_;
  KvWalk commits_;
  KvWalk notes_;
  bool are_commits_over_ = false;
  bool are_notes_over_ = false;
  std::size_t needed_ = 0;  // commits that load() was called for
  std::size_t ahead_rows_ = 0;
};

}  // namespace varve::engine
