// Hands a walk over two trees the ranges it asks for. What is cached is there at once; where one
// has to be loaded, those the walk will probably come to next are loaded with it.
//
// table_of() may be called on any thread while the task that owns the loader is suspended for it.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/tree/tree_impl.h"
#include "kernel/tree_side.h"

namespace varve::engine {

class RangeLoader {
 public:
  // The ranges of both trees, which outlive the loader.
  RangeLoader(Snapshots::Impl& impl, base::Context context, RepositoryRef repository,
              kernel::RangeSpan source, kernel::RangeSpan destination);

  // nullptr: load() it first, off the walk's thread.
  TableRef table_of(const model::RangeInfo& range);
  base::Task<base::Result<void>> load(model::RangeInfo needed);

  // Whether going through what differs is work enough to be kept off an event loop.
  bool is_heavy() const { return is_heavy_; }

 private:
  Snapshots::Impl& impl_;
  base::Context context_;
  RepositoryRef repository_;
  std::vector<const model::RangeInfo*> different_;  // on one side only; by first key
  bool is_heavy_ = false;
  std::unordered_map<std::string, TableRef> loaded_;  // until they are asked for
};

}  // namespace varve::engine
