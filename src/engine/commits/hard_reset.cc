#include <string>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "engine/commits/commits.h"
#include "engine/commits/commits_impl.h"
#include "engine/core/core.h"
#include "engine/refs/refs.h"
#include "engine/tree/tree.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/ref_expr.h"

namespace varve::engine {

using base::Code;
using base::Context;
using base::Result;
using base::Task;

Task<Result<void>> Commits::hard_reset(Context context, RepositoryRef repository,
                                       model::BranchId branch, model::RefExpr ref, bool force) {
  auto may_commit = co_await impl_->protection.check_commit(context, repository, branch);
  if (!may_commit.has_value()) {
    if (!model::is(may_commit.error(), model::Detail::ProtectedBranch)) co_return may_commit;
    co_return model::make_error(Code::PermissionDenied, model::Detail::ProtectedBranch,
                                "protected branch");
  }
  VARVE_CO_CHECK(co_await impl_->protection.check_write(context, repository, branch));
  if (repository->read_only && !force) co_return model::read_only_repository();
  VARVE_CO_TRY(auto guard, co_await impl_->staging.lock_branch(context, repository, branch));
  const std::string where = "hard-reset " + branch.str() + " to " + ref.text;
  for (int tries = 0; tries < model::BranchUpdateTriesMax; ++tries) {
    VARVE_CO_TRY(BranchVersion before,
                 co_await impl_->staging.read_branch(context, repository, branch));
    if (!before.branch.sealed_tokens.empty()) {
      VARVE_CO_TRY(SnapshotRef head,
                   co_await impl_->staging.head_tree(context, repository, before.branch.commit_id));
      VARVE_CO_TRY(bool is_clean,
                   co_await impl_->staging.is_clean(context, repository,
                                                    before.branch.sealed_tokens, std::move(head)));
      if (!is_clean) co_return model::dirty_branch().with(branch.view());
    }
    // Resolved while the branch is ours: if it moves, the replacement below fails.
    auto target = co_await impl_->refs.resolve_commit(context, repository, ref);
    if (!target.has_value()) co_return std::move(target).error().with(where);
    model::Branch after = before.branch;
    after.commit_id = (*target)->id;
    after.sealed_tokens.clear();
    auto moved = co_await impl_->staging.replace_branch(context, repository, std::move(before),
                                                        std::move(after));
    if (moved.has_value()) co_return Result<void>();
    if (moved.error().code() != Code::Conflict) co_return std::move(moved).error();
  }
  co_return model::too_many_tries();
}

}  // namespace varve::engine
