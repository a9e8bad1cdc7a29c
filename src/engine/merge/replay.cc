// Taking one commit's step again, backwards (revert, engine.md 10.8) or on another branch
// (cherry-pick, 10.9).
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/merge/merge.h"
#include "engine/merge/merges_impl.h"
#include "engine/refs/refs.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"

namespace varve::engine {

using base::Code;
using base::Context;
using base::Error;
using base::Result;
using base::Task;

namespace {

constexpr std::string_view OriginKey = "cherry-pick-origin";
constexpr std::string_view CommitterKey = "cherry-pick-committer";
constexpr std::string_view NoSuchParent = "given commit does not have the given parent number";
constexpr std::string_view UpdateBranch = "update branch";

std::string numbered(int parent) { return "parent " + std::to_string(parent); }

bool has_parent(const model::Commit& commit, int number) {
  return number >= 1 && static_cast<std::size_t>(number) <= commit.parents.size();
}

const model::CommitId& parent_of(const model::Commit& commit, int number) {
  return commit.parents[static_cast<std::size_t>(number) - 1];
}

// The parent whose tree a revert goes back to; 0: the tree of nothing, before the root.
Result<int> parent_to_revert_to(const model::Commit& commit, int number) {
  if (number <= 0 && commit.parents.size() > 1) {
    return model::make_error(Code::Conflict, model::Detail::RevertParent,
                             "must specify 1-based parent number for reverting merge commit");
  }
  if (number > 0 && !has_parent(commit, number)) {
    return Error(Code::InvalidArgument, std::string(NoSuchParent) + ": " + numbered(number));
  }
  if (number <= 0) return commit.parents.empty() ? 0 : 1;
  return number;
}

// The parent relative to which a commit is picked.
Result<int> parent_to_pick_from(const model::Commit& commit, std::optional<int> number) {
  if (!number.has_value() && commit.parents.size() > 1) {
    return Error(Code::InvalidArgument,
                 "must specify 1-based parent number for cherry-picking merge commit");
  }
  const int chosen = number.value_or(1);
  if (!has_parent(commit, chosen)) {
    return Error(Code::InvalidArgument, std::string(NoSuchParent)).with(numbered(chosen));
  }
  return chosen;
}

void override_with(model::Commit& commit, const CommitOverrides& overrides) {
  if (!overrides.message.empty()) commit.message = overrides.message;
  if (overrides.metadata.has_value()) commit.metadata = *overrides.metadata;
}

}  // namespace

Task<Result<CommitRef>> Merges::Impl::take_step_on_head(Context context, RepositoryRef repository,
                                                        model::BranchId branch, TreeStep step) {
  VARVE_CO_TRY(auto turn, co_await staging.lock_branch(context, repository, branch));
  for (int tries = 0; tries < model::BranchUpdateTriesMax; ++tries) {
    VARVE_CO_TRY(BranchVersion before, co_await staging.prepare(context, repository, branch));
    VARVE_CO_TRY(CommitRef head,
                 co_await refs.get_commit(context, repository, before.branch.commit_id));
    auto taken = co_await take_step(context, repository, std::move(before), std::move(head), step);
    if (taken.has_value()) co_return taken;
    if (has_branch_moved(taken.error())) continue;
    co_return std::move(taken).error().with(UpdateBranch);
  }
  co_return model::too_many_tries();
}

Task<Result<CommitRef>> Merges::revert(Context context, RepositoryRef repository,
                                       model::BranchId branch, RevertRequest request) {
  if (repository->read_only && !request.force) co_return model::read_only_repository();
  VARVE_CO_TRY(CommitRef undone,
               co_await impl_->commit_of(context, repository, request.ref, "get commit from ref"));
  VARVE_CO_TRY(const int number, parent_to_revert_to(*undone, request.parent_number));
  TreeStep step;
  VARVE_CO_TRY(step.base, co_await impl_->tree_of(context, repository, undone));
  model::CommitId parent;
  if (number > 0) parent = parent_of(*undone, number);
  VARVE_CO_TRY(step.source,
               co_await impl_->staging.head_tree(context, repository, std::move(parent)));
  step.needs_change = !request.allow_empty;
  step.commit.message = "Revert " + request.ref.text;
  override_with(step.commit, request.overrides);
  co_return co_await impl_->take_step_on_head(std::move(context), std::move(repository),
                                              std::move(branch), std::move(step));
}

Task<Result<CommitRef>> Merges::cherry_pick(Context context, RepositoryRef repository,
                                            model::BranchId branch, CherryPickRequest request) {
  if (repository->read_only && !request.force) co_return model::read_only_repository();
  VARVE_CO_TRY(CommitRef picked,
               co_await impl_->commit_of(context, repository, request.ref, "get commit from ref"));
  VARVE_CO_TRY(const int number, parent_to_pick_from(*picked, request.parent_number));
  TreeStep step;
  VARVE_CO_TRY(step.source, co_await impl_->tree_of(context, repository, picked));
  VARVE_CO_TRY(step.base,
               co_await impl_->staging.head_tree(context, repository, parent_of(*picked, number)));
  if (step.base->id == step.source->id) {
    // Who looks for the branch first hears of the branch first.
    VARVE_CO_CHECK(co_await impl_->staging.prepare(context, repository, branch));
    co_return model::no_changes().with(UpdateBranch);
  }
  step.commit.message = picked->message;
  step.commit.metadata = picked->metadata;
  override_with(step.commit, request.overrides);
  step.commit.metadata[std::string(OriginKey)] = picked->id.str();
  step.commit.metadata[std::string(CommitterKey)] = picked->committer;
  co_return co_await impl_->take_step_on_head(std::move(context), std::move(repository),
                                              std::move(branch), std::move(step));
}

}  // namespace varve::engine
