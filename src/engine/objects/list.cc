#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/objects/dead_runs.h"
#include "engine/objects/listing.h"
#include "engine/objects/objects.h"
#include "engine/objects/objects_impl.h"
#include "engine/refs/refs.h"
#include "engine/staging/cursor.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/ref_expr.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;

namespace {

constexpr std::size_t StagedRowsMax = 1024;  // of one step of a listing

}  // namespace

Task<Result<ObjectPage>> Objects::list(Context context, RepositoryRef repository,
                                       model::RefExpr ref, ObjectQuery query) {
  VARVE_CO_TRY(ResolvedRef resolved,
               co_await impl_->refs.resolve(context, repository, std::move(ref)));
  // Before anything staged is read: what is kept of this listing must have seen it all.
  DeadRuns::View dead = impl_->dead_runs.view(resolved.version);
  std::vector<model::StagingToken> tokens;
  if (resolved.branch.has_value()) tokens = impl_->staging.tokens_to_read(*resolved.branch);
  auto tree = co_await impl_->staging.head_tree(context, repository, resolved.commit_id);
  if (!tree.has_value()) {
    if (model::is(tree.error(), model::Detail::CommitMissing)) co_return model::object_not_found();
    co_return std::move(tree).error();
  }
  // A flat page is read in one step where nothing else is merged in; a folded one jumps about.
  StagedCursor::Pages pages;
  pages.rows_max = StagedRowsMax;
  if (query.delimiter.empty() && query.amount > 0) {
    pages.rows_first =
        std::min<std::size_t>(static_cast<std::size_t>(query.amount) + 1, StagedRowsMax);
  }
  StagedCursor staged(impl_->core.kv, context, std::move(tokens), prefix_end(query.prefix), pages);
  auto cursor = impl_->snapshots.cursor(context, repository, *tree);
  TreeWalk walk(*std::move(tree), std::move(cursor));
  Listing listing(std::move(walk), std::move(staged), std::move(dead), std::move(query));
  co_return co_await listing.run();
}

}  // namespace varve::engine
