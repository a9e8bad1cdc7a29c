// CrowdedBranches: branches that were met with more sealed tokens than a read should have to ask.
// Noted by whoever loads or changes a branch record, taken by the compaction.
//
// Holds so many and forgets the rest: they are met again. Any thread may call.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "model/ids.h"
#include "model/records.h"

namespace varve::engine {

struct CrowdedBranch {
  std::shared_ptr<const model::Repository> repository;
  model::BranchId id;
};

class CrowdedBranches {
 public:
  explicit CrowdedBranches(std::size_t tokens_max) : tokens_max_(tokens_max) {}

  void note(const model::Repository& repository, const model::Branch& branch) {
    if (branch.sealed_tokens.size() < tokens_max_) return;
    const std::scoped_lock lock(mutex_);
    if (branches_.size() >= NotedMax) return;
    const auto is_it = [&](const CrowdedBranch& known) {
      return known.id == branch.id && known.repository->instance_uid == repository.instance_uid &&
             known.repository->id == repository.id;
    };
    if (std::ranges::any_of(branches_, is_it)) return;
    branches_.push_back({std::make_shared<const model::Repository>(repository), branch.id});
  }

  std::vector<CrowdedBranch> take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(branches_, {});
  }

 private:
  static constexpr std::size_t NotedMax = 256;

  const std::size_t tokens_max_;
  std::mutex mutex_;
  std::vector<CrowdedBranch> branches_;  // guarded by mutex_
};

}  // namespace varve::engine
