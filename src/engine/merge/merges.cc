// Merging: bring the commits of a ref to a branch as one new commit (engine.md 10.7). Under the
// branch's queue: require it clean, merge three trees, then store the commit and move the head in
// one step. The ranges are in the object store before that step, so nothing published ever dangles.
//  [I-3] [I-4]
#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/merge/merge.h"
#include "engine/merge/merges_impl.h"
#include "engine/refs/commit_graphs.h"
#include "engine/refs/ref_cache.h"
#include "engine/refs/refs.h"
#include "engine/tree/tree.h"
#include "kernel/graph.h"
#include "kernel/merge_table.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "model/ref_expr.h"

namespace varve::engine {

using base::Code;
using base::Context;
using base::Error;
using base::Result;
using base::Task;

namespace {

constexpr std::string_view StrategyKey = ".lakefs.merge.strategy";

std::string_view name_of(MergeStrategy strategy) {
  switch (strategy) {
    case MergeStrategy::DestinationWins:
      return "dest-wins";
    case MergeStrategy::SourceWins:
      return "source-wins";
    case MergeStrategy::None:
      break;
  }
  return "default";
}

kernel::MergeStrategy kernel_strategy(MergeStrategy strategy) {
  switch (strategy) {
    case MergeStrategy::DestinationWins:
      return kernel::MergeStrategy::DestinationWins;
    case MergeStrategy::SourceWins:
      return kernel::MergeStrategy::SourceWins;
    case MergeStrategy::None:
      break;
  }
  return kernel::MergeStrategy::None;
}

Error no_merge_base() {
  return model::make_error(Code::Internal, model::Detail::NoMergeBase, "no merge base");
}

// Steps the walk as far as the graph goes. What it stops at is the answer, the end, or a commit
// that is to be added; `id` is its id.
struct Halt {
  kernel::GraphStep::Kind kind;
  model::CommitId id;
};

Halt step(SharedGraph& shared, kernel::MergeBaseWalk& walk) {
  const std::scoped_lock lock(shared.mutex);
  const kernel::GraphStep met = walk.next(shared.graph);
  Halt halt{met.kind, {}};
  if (met.kind != kernel::GraphStep::Kind::End) {
    halt.id = model::CommitId(shared.graph.id(met.commit));
  }
  return halt;
}

kernel::CommitIndex add(SharedGraph& shared, const model::Commit& commit) {
  const std::scoped_lock lock(shared.mutex);
  return shared.graph.add(commit);
}

// The new commit as far as the request says it.
model::Commit commit_of_request(const std::string& branch, const std::string& source,
                                const MergeRequest& request) {
  model::Commit commit;
  commit.message = request.message;
  if (commit.message.empty()) commit.message = "Merge '" + source + "' into '" + branch + "'";
  commit.metadata = request.metadata;
  commit.metadata[std::string(StrategyKey)] = name_of(request.strategy);
  return commit;
}

}  // namespace

Merges::Merges(Core& core, Refs& refs, Snapshots& snapshots, Staging& staging)
    : impl_(new Impl{core, refs, snapshots, staging}) {}
Merges::~Merges() = default;

bool has_branch_moved(const Error& error) {
  return error.code() == Code::Conflict && model::detail_of(error) == model::Detail::None;
}

Task<Result<CommitRef>> Merges::Impl::commit_of(Context context, RepositoryRef repository,
                                                model::RefExpr ref, std::string what) {
  what += " " + ref.text;
  auto commit =
      co_await refs.resolve_commit(std::move(context), std::move(repository), std::move(ref));
  if (!commit.has_value()) co_return std::move(commit).error().with(what);
  co_return commit;
}

Task<Result<SnapshotRef>> Merges::Impl::tree_of(Context context, RepositoryRef repository,
                                                CommitRef commit) {
  co_return co_await snapshots.open(std::move(context), std::move(repository),
                                    commit->meta_range_id);
}

Task<Result<CommitRef>> Merges::Impl::base_of(Context context, RepositoryRef repository,
                                              CommitRef left, CommitRef right) {
  const SharedGraphRef graph = refs.cache().graphs().of(*repository);
  const kernel::CommitIndex left_index = add(*graph, *left);
  kernel::MergeBaseWalk walk(left_index, add(*graph, *right));
  for (;;) {
    Halt halt = step(*graph, walk);
    if (halt.kind == kernel::GraphStep::Kind::End) co_return no_merge_base();
    VARVE_CO_TRY(CommitRef commit, co_await refs.get_commit(context, repository, halt.id));
    if (halt.kind == kernel::GraphStep::Kind::Commit) co_return commit;
    add(*graph, *commit);
  }
}

Task<Result<MergeBase>> Merges::merge_base(Context context, RepositoryRef repository,
                                           model::RefExpr source, model::RefExpr destination) {
  VARVE_CO_TRY(CommitRef from, co_await impl_->commit_of(context, repository, std::move(source),
                                                         "get commit by branch"));
  VARVE_CO_TRY(CommitRef to, co_await impl_->commit_of(context, repository, std::move(destination),
                                                       "get commit by ref"));
  VARVE_CO_TRY(CommitRef base,
               co_await impl_->base_of(std::move(context), std::move(repository), to, from));
  MergeBase found;
  found.source_commit_id = from->id;
  found.destination_commit_id = to->id;
  found.base_commit_id = base->id;
  co_return found;
}

Task<Result<CommitRef>> Merges::Impl::take_step(Context context, RepositoryRef repository,
                                                BranchVersion before, CommitRef head,
                                                TreeStep step) {
  VARVE_CO_TRY(SnapshotRef destination, co_await tree_of(context, repository, head));
  VARVE_CO_TRY(
      step.commit.meta_range_id,
      co_await snapshots.merge(context, repository, std::move(step.base), std::move(step.source),
                               std::move(destination), step.strategy));
  if (step.needs_change && step.commit.meta_range_id == head->meta_range_id) {
    co_return model::no_changes();
  }
  step.commit.committer = context.principal();
  step.commit.creation_date = core.clock.now();
  step.commit.parents.insert(step.commit.parents.begin(), head->id);
  step.commit.generation = std::max(step.commit.generation, head->generation) + 1;
  co_return co_await staging.commit_branch(std::move(context), std::move(repository),
                                           std::move(before), std::move(step.commit), std::nullopt);
}

Task<Result<CommitRef>> Merges::Impl::merge_once(Context context, RepositoryRef repository,
                                                 BranchVersion before, model::RefExpr source,
                                                 MergeRequest request) {
  VARVE_CO_TRY(CommitRef head,
               co_await refs.get_commit(context, repository, before.branch.commit_id));
  VARVE_CO_TRY(CommitRef from,
               co_await commit_of(context, repository, source, "get commit by ref"));
  VARVE_CO_TRY(CommitRef base, co_await base_of(context, repository, head, from));
  const bool is_empty = from->meta_range_id == base->meta_range_id;
  if (is_empty && !request.allow_empty && !request.force) co_return model::no_changes();
  TreeStep step;
  VARVE_CO_TRY(step.base, co_await tree_of(context, repository, std::move(base)));
  VARVE_CO_TRY(step.source, co_await tree_of(context, repository, from));
  step.strategy = kernel_strategy(request.strategy);
  step.commit = commit_of_request(before.branch.id.str(), source.text, request);
  if (!request.is_squash) step.commit.parents.push_back(from->id);
  step.commit.generation = from->generation;
  co_return co_await take_step(std::move(context), std::move(repository), std::move(before),
                               std::move(head), std::move(step));
}

Task<Result<model::CommitId>> Merges::merge(Context context, RepositoryRef repository,
                                            model::BranchId destination, model::RefExpr source,
                                            MergeRequest request) {
  if (repository->read_only && !request.force) co_return model::read_only_repository();
  VARVE_CO_TRY(auto turn, co_await impl_->staging.lock_branch(context, repository, destination));
  for (int tries = 0; tries < model::BranchUpdateTriesMax; ++tries) {
    VARVE_CO_TRY(BranchVersion before,
                 co_await impl_->staging.prepare(context, repository, destination));
    auto merged =
        co_await impl_->merge_once(context, repository, std::move(before), source, request);
    if (merged.has_value()) co_return (*merged)->id;
    if (has_branch_moved(merged.error())) continue;
    co_return std::move(merged).error().with("update branch " + destination.str());
  }
  co_return model::too_many_tries();
}

}  // namespace varve::engine
