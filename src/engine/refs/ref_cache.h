// RefCache: what a server remembers of refs. Commits are immutable, so what is remembered is true.
// Branches move: a remembered branch is only a guess, good for asking the store in one step whether
// it still holds ("if the row has these bytes") and for not decoding the same bytes twice.
//
// For the engine's own modules. Any thread may call.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "engine/core/lru_cache.h"
#include "engine/refs/commit_graphs.h"
#include "engine/refs/crowded_branches.h"
#include "engine/refs/empty_tokens.h"
#include "engine/refs/refs.h"
#include "model/records.h"

namespace varve::engine {

class RefCache {
 public:
  explicit RefCache(const EngineOptions& options)
      : tokens_(options.is_single_writer),
        graphs_(options.change_notes_bytes),
        crowded_(options.sealed_tokens_max),
        commits_(options.commit_cache_records),
        branches_(10000) {}

  CommitRef commit(const model::Repository& repository, const model::CommitId& id) {
    return commits_.get(CacheKey(repository.partition(), id.view()).view());
  }
  void put_commit(const model::Repository& repository, const CommitRef& commit) {
    commits_.put(CacheKey(repository.partition(), commit->id.view()).view(), commit);
  }

  BranchVersionRef branch(const model::Repository& repository, std::string_view id) {
    return branches_.get(CacheKey(repository.partition(), id).view());
  }
  void put_branch(const model::Repository& repository, const BranchVersionRef& version) {
    branches_.put(CacheKey(repository.partition(), version->branch.id.view()).view(), version);
    crowded_.note(repository, version->branch);
  }
  void drop_branch(const model::Repository& repository, std::string_view id) {
    branches_.drop(CacheKey(repository.partition(), id).view());
  }

  // The record of these bytes, decoded unless it is the one remembered already.
  base::Result<BranchVersionRef> branch_of(const model::Repository& repository, std::string_view id,
                                           base::Bytes bytes);

  EmptyTokens& tokens() { return tokens_; }
  CommitGraphs& graphs() { return graphs_; }
  CrowdedBranches& crowded() { return crowded_; }

 private:
  EmptyTokens tokens_;
  CommitGraphs graphs_;
  CrowdedBranches crowded_;
  LruCache<CommitRef> commits_;
  LruCache<BranchVersionRef> branches_;
};

}  // namespace varve::engine
