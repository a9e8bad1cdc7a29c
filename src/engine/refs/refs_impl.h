// What the sources of refs/ share: the state behind Refs and the steps both branches and tags take.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/refs/ref_cache.h"
#include "engine/refs/refs.h"
#include "format/kv_keys.h"
#include "model/ref_expr.h"
#include "ports/kv_store.h"

namespace varve::engine {

struct Refs::Impl {
  explicit Impl(Core& c) : core(c), cache(c.options) {}

  // What the base of an expression stands for: a branch, or a commit.
  struct Base {
    BranchVersionRef branch;
    model::CommitId commit_id;
  };
  base::Task<base::Result<Base>> resolve_base(base::Context context, RepositoryRef repository,
                                              std::string name);
  // Applies ~ and ^ to a commit.
  base::Task<base::Result<model::CommitId>> walk(base::Context context, RepositoryRef repository,
                                                 model::CommitId from,
                                                 std::vector<model::RefModifier> modifiers);
  // The one commit whose id starts with `prefix`.
  base::Task<base::Result<model::CommitId>> find_prefix(base::Context context,
                                                        RepositoryRef repository,
                                                        std::string prefix);
  base::Task<base::Result<CommitRef>> get_commit(base::Context context, RepositoryRef repository,
                                                 model::CommitId id);
  // The branch, or nothing.
  base::Task<base::Result<BranchVersionRef>> read_branch(base::Context context,
                                                         RepositoryRef repository,
                                                         model::BranchId id);

  Core& core;
  RefCache cache;
};

inline ports::KvKey branch_key(const model::Repository& repository, const model::BranchId& id) {
  return {repository.partition(), format::keys::branch(id)};
}
inline ports::KvKey tag_key(const model::Repository& repository, const model::TagId& id) {
  return {repository.partition(), format::keys::tag(id)};
}
inline ports::KvKey commit_key(const model::Repository& repository, const model::CommitId& id) {
  return {repository.partition(), format::keys::commit(id)};
}

// Conflict "<what> <name>: conflict found".
base::Error name_clash(std::string_view what, std::string_view name);

}  // namespace varve::engine
