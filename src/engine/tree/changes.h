// What a tree is changed by, as a stream: uncommitted changes, in path order.
//
// A source belongs to one task.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "kernel/tree_apply.h"
#include "model/records.h"

namespace varve::engine {

// One uncommitted change of a path: a value, or a tombstone (empty identity).
struct Change {
  std::string path;
  model::EntryRecord record;
};

// Changes as views, and what they are views of: pages that are shared with whoever reads on.
struct ChangeViews {
  std::vector<kernel::StagedChange> changes;
  std::vector<std::shared_ptr<const void>> owners;
};

// Changes in ascending path order, each path once. Batches bound memory; an empty batch is the end.
class ChangeSource {
 public:
  virtual ~ChangeSource() = default;
  virtual base::Task<base::Result<std::vector<Change>>> next_batch() = 0;
  // The same without copies, where the source can spare them.
  virtual base::Task<base::Result<ChangeViews>> next_views();
};

}  // namespace varve::engine
