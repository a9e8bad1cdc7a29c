// The log (engine.md 10.10): a walk over the commit graph, with the records of what it lists. The
// graph is stepped under its mutex in batches; a commit it does not know yet is loaded outside.
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/commits/commits.h"
#include "engine/commits/commits_impl.h"
#include "engine/commits/path_changes.h"
#include "kernel/graph.h"
#include "model/errors.h"

namespace varve::engine {

using base::Context;
using base::Error;
using base::Result;
using base::Task;

namespace {

constexpr std::size_t FilteredBatch = 32;  // commits walked before the first of them is compared

Error should_be_commit() {
  return {base::Code::InvalidArgument,
          "ref: invalid value: validation error: should point to a commit"};
}

// One stretch of a walk: the commits met, and the commit it cannot go on without, if any.
struct Stretch {
  std::vector<kernel::CommitIndex> commits;
  std::optional<kernel::CommitIndex> needed;
  bool is_end = false;
};

Stretch step(SharedGraph& shared, kernel::LogWalk& walk, std::size_t commits_max) {
  const std::scoped_lock lock(shared.mutex);
  Stretch stretch;
  while (stretch.commits.size() < commits_max) {
    const kernel::GraphStep met = walk.next(shared.graph);
    if (met.kind == kernel::GraphStep::Kind::End) {
      stretch.is_end = true;
      break;
    }
    if (met.kind == kernel::GraphStep::Kind::Need) {
      stretch.needed = met.commit;
      break;
    }
    stretch.commits.push_back(met.commit);
  }
  return stretch;
}

model::CommitId id_of(SharedGraph& shared, kernel::CommitIndex commit) {
  const std::scoped_lock lock(shared.mutex);
  return model::CommitId(shared.graph.id(commit));
}

kernel::CommitIndex index_of(SharedGraph& shared, const model::CommitId& id) {
  const std::scoped_lock lock(shared.mutex);
  return shared.graph.intern(id.view());
}

}  // namespace

// A log being written. Belongs to one task.
class Commits::LogRun {
 public:
  LogRun(Impl& impl, Context context, RepositoryRef repository, LogQuery query)
      : impl_(impl),
        context_(std::move(context)),
        repository_(std::move(repository)),
        query_(std::move(query)),
        graph_(impl.refs.cache().graphs().of(*repository_)) {}

  Task<Result<LogPage>> run() {
    VARVE_CO_TRY(kernel::CommitIndex start, co_await resolve(query_.ref, "ref"));
    if (query_.after.has_value()) {
      VARVE_CO_TRY(after_, co_await resolve(*query_.after, "from ref"));
    }
    if (query_.stop_at.has_value()) {
      VARVE_CO_TRY(stop_at_, co_await resolve(*query_.stop_at, "stop_at"));
    }
    kernel::LogWalk::Options options;
    options.since = query_.since;
    options.first_parent = query_.first_parent;
    kernel::LogWalk walk(start, options);
    const std::size_t batch =
        is_filtered() ? FilteredBatch : static_cast<std::size_t>(query_.amount) + 1;
    while (!is_over_) {
      const Stretch stretch = step(*graph_, walk, batch);
      for (const kernel::CommitIndex commit : stretch.commits) {
        VARVE_CO_CHECK(co_await take(commit));
        if (is_over_) co_return std::move(page_);
      }
      if (stretch.needed.has_value()) VARVE_CO_CHECK(co_await load(*stretch.needed));
      if (stretch.is_end) break;
    }
    co_return std::move(page_);
  }

 private:
  bool is_filtered() const { return !query_.objects.empty() || !query_.prefixes.empty(); }

  Task<Result<kernel::CommitIndex>> resolve(model::RefExpr ref, std::string_view what) {
    auto commit = co_await impl_.refs.resolve_commit(context_, repository_, std::move(ref));
    if (commit.has_value()) co_return index_of(*graph_, (*commit)->id);
    if (model::is(commit.error(), model::Detail::StagingIsNoCommit)) {
      co_return should_be_commit().with(what);
    }
    if (commit.error().code() == base::Code::NotFound) {
      co_return model::object_not_found().with(what);
    }
    co_return std::move(commit).error().with(what);
  }

  Task<Result<CommitRef>> record(kernel::CommitIndex commit) {
    const model::CommitId id = id_of(*graph_, commit);
    CommitRef known = impl_.refs.cache().commit(*repository_, id);
    if (known != nullptr) co_return known;
    co_return co_await impl_.refs.get_commit(context_, repository_, id);
  }

  Task<Result<void>> load(kernel::CommitIndex commit) {
    VARVE_CO_TRY(CommitRef loaded, co_await record(commit));
    const std::scoped_lock lock(graph_->mutex);
    graph_->graph.add(*loaded);
    co_return Result<void>();
  }

  // The next commit of the walk.
  Task<Result<void>> take(kernel::CommitIndex commit) {
    const bool is_last = stop_at_ == commit;
    if (after_.has_value()) {
      if (after_ == commit) after_.reset();
      is_over_ = is_last;
      co_return Result<void>();
    }
    bool is_listed = true;
    if (is_filtered()) {
      VARVE_CO_TRY(is_listed, co_await has_changed_paths(commit));
    }
    if (is_listed && page_.rows.size() == static_cast<std::size_t>(query_.amount)) {
      page_.has_more = true;
      is_over_ = true;
      co_return Result<void>();
    }
    if (is_listed) {
      VARVE_CO_TRY(CommitRef row, co_await record(commit));
      page_.rows.push_back(std::move(row));
    }
    const bool is_full =
        query_.is_limit && page_.rows.size() == static_cast<std::size_t>(query_.amount);
    is_over_ = is_last || is_full;
    co_return Result<void>();
  }

  // Merges and roots are never listed by a filter.
  Task<Result<bool>> has_changed_paths(kernel::CommitIndex index) {
    VARVE_CO_TRY(CommitRef commit, co_await record(index));
    if (commit->parents.size() != 1) co_return false;
    VARVE_CO_TRY(SnapshotRef after,
                 co_await impl_.snapshots.open(context_, repository_, commit->meta_range_id));
    VARVE_CO_TRY(SnapshotRef before,
                 co_await impl_.staging.head_tree(context_, repository_, commit->parents.front()));
    if (before->id == after->id) co_return false;
    for (const std::string& path : query_.objects) {
      VARVE_CO_TRY(bool is_changed, co_await is_object_changed(&impl_.snapshots, context_,
                                                               repository_, before, after, path));
      if (is_changed) co_return true;
    }
    for (const std::string& prefix : query_.prefixes) {
      VARVE_CO_TRY(bool is_changed, co_await is_prefix_changed(&impl_.snapshots, context_,
                                                               repository_, before, after, prefix));
      if (is_changed) co_return true;
    }
    co_return false;
  }

  Impl& impl_;
  Context context_;
  RepositoryRef repository_;
  LogQuery query_;
  SharedGraphRef graph_;
  std::optional<kernel::CommitIndex> after_;  // until it has been passed
  std::optional<kernel::CommitIndex> stop_at_;
  LogPage page_;
  bool is_over_ = false;
};

Task<Result<LogPage>> Commits::log(Context context, RepositoryRef repository, LogQuery query) {
  if (query.amount < 0) query.amount = model::PageDefault;
  LogRun run(*impl_, std::move(context), std::move(repository), std::move(query));
  co_return co_await run.run();
}

}  // namespace varve::engine
