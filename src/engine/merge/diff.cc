// The three diffs of the API, each a source of differences and a page of it. engine.md 10.2, 10.3.
#include "engine/tree/diff.h"

#include <memory>
#include <string_view>
#include <utility>

#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/merge/diff_pager.h"
#include "engine/merge/diff_source.h"
#include "engine/merge/merge.h"
#include "engine/merge/merges_impl.h"
#include "engine/refs/refs.h"
#include "engine/tree/tree.h"
#include "model/ids.h"
#include "model/ref_expr.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;

std::string_view name_of(DiffType type) {
  switch (type) {
    case DiffType::Added:
      return "added";
    case DiffType::Removed:
      return "removed";
    case DiffType::Changed:
      return "changed";
    case DiffType::Conflict:
      return "conflict";
    case DiffType::PrefixChanged:
      return "prefix_changed";
  }
  return "";
}

Task<Result<DiffPage>> Merges::diff_branch(Context context, RepositoryRef repository,
                                           model::BranchId branch, DiffQuery query) {
  VARVE_CO_TRY(BranchVersionRef version,
               co_await impl_->refs.read_branch(context, repository, std::move(branch)));
  UncommittedOver uncommitted;
  uncommitted.tokens = impl_->staging.tokens_to_read(version->branch);
  VARVE_CO_TRY(uncommitted.tree,
               co_await impl_->staging.head_tree(context, repository, version->branch.commit_id));
  auto source = uncommitted_diff(impl_->snapshots, impl_->staging, std::move(context),
                                 std::move(repository), std::move(uncommitted));
  co_return co_await diff_page(std::move(source), std::move(query));
}

Task<Result<DiffPage>> Merges::diff_two_dot(Context context, RepositoryRef repository,
                                            model::RefExpr left, model::RefExpr right,
                                            DiffQuery query) {
  VARVE_CO_TRY(CommitRef from, co_await impl_->commit_of(context, repository, std::move(left),
                                                         "get commit by branch"));
  const std::string where = "get commit by ref " + right.text;
  const bool with_uncommitted = right.names_staging();
  auto to = co_await impl_->refs.resolve(context, repository, std::move(right));
  if (!to.has_value()) co_return std::move(to).error().with(where);
  VARVE_CO_TRY(SnapshotRef before, co_await impl_->tree_of(context, repository, std::move(from)));
  VARVE_CO_TRY(SnapshotRef after,
               co_await impl_->staging.head_tree(context, repository, to->commit_id));
  std::unique_ptr<DiffSource> source;
  if (with_uncommitted && to->branch.has_value()) {
    source = overlaid_diff(impl_->snapshots, impl_->staging, std::move(context),
                           std::move(repository), std::move(before), std::move(after),
                           impl_->staging.tokens_to_read(*to->branch));
  } else {
    TreeDiff::Sides sides{.base = before, .source = std::move(after), .destination = before};
    source = committed_diff(impl_->snapshots, std::move(context), std::move(repository),
                            std::move(sides));
  }
  co_return co_await diff_page(std::move(source), std::move(query));
}

Task<Result<DiffPage>> Merges::diff_three_dot(Context context, RepositoryRef repository,
                                              model::RefExpr left, model::RefExpr right,
                                              DiffQuery query) {
  VARVE_CO_TRY(CommitRef into, co_await impl_->commit_of(context, repository, std::move(left),
                                                         "get commit by branch"));
  VARVE_CO_TRY(CommitRef from, co_await impl_->commit_of(context, repository, std::move(right),
                                                         "get commit by ref"));
  VARVE_CO_TRY(CommitRef base, co_await impl_->base_of(context, repository, into, from));
  TreeDiff::Sides sides;
  VARVE_CO_TRY(sides.base, co_await impl_->tree_of(context, repository, std::move(base)));
  VARVE_CO_TRY(sides.source, co_await impl_->tree_of(context, repository, std::move(from)));
  VARVE_CO_TRY(sides.destination, co_await impl_->tree_of(context, repository, std::move(into)));
  auto source =
      committed_diff(impl_->snapshots, std::move(context), std::move(repository), std::move(sides));
  co_return co_await diff_page(std::move(source), std::move(query));
}

}  // namespace varve::engine
