// The log (engine.md 10.10): a walk over the commit graph, with the records of what it lists. The
// graph is stepped under its mutex in batches; a commit it does not know yet is loaded outside. Of
// a log of paths, most commits of a batch are passed over by what is noted of them (log_filter.h).
#include <algorithm>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/waiter.h"
#include "engine/commits/commits.h"
#include "engine/commits/commits_impl.h"
#include "engine/commits/log_filter.h"
#include "engine/core/core.h"
#include "engine/refs/commit_graphs.h"
#include "engine/refs/graph_loader.h"
#include "engine/refs/refs.h"
#include "kernel/graph.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"

namespace varve::engine {

using base::Context;
using base::Error;
using base::Result;
using base::Task;

namespace {

// Commits walked before the first of them is judged; then twice as many, and so on. A log that
// needs few commits loads few, and a long one finds them in few steps.
constexpr std::size_t FilteredBatchFirst = 32;
constexpr std::size_t FilteredBatchMax = 4096;

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
    if (is_filtered()) {
      VARVE_CO_CHECK(co_await walk_filtered(&walk));
    } else {
      VARVE_CO_CHECK(co_await walk_all(&walk));
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

  Task<Result<void>> walk_all(kernel::LogWalk* walk) {
    bool is_end = false;
    while (!is_end) {
      const Stretch stretch = step(*graph_, *walk, static_cast<std::size_t>(query_.amount) + 1);
      is_end = stretch.is_end;
      for (const kernel::CommitIndex commit : stretch.commits) {
        if (!is_passed(commit)) VARVE_CO_CHECK(co_await list(commit));
        if (is_over_ || is_last(commit)) co_return Result<void>();
      }
      if (stretch.needed.has_value()) VARVE_CO_CHECK(co_await load(*stretch.needed));
    }
    co_return Result<void>();
  }

  Task<Result<void>> walk_filtered(kernel::LogWalk* walk) {
    const LogFilter::Parts parts{impl_.core, impl_.refs, impl_.snapshots, impl_.staging};
    LogFilter filter(parts, context_, repository_, query_);
    GraphLoader loader(impl_.core, impl_.refs, context_, repository_, graph_);
    std::size_t batch = FilteredBatchFirst;
    Result<void> outcome;
    bool is_end = false;
    while (!is_end && !is_over_ && outcome.has_value()) {
      std::vector<kernel::CommitIndex> commits;
      Result<void> loaded;
      while (commits.size() < batch && !is_end && loaded.has_value()) {
        const Stretch stretch = step(*graph_, *walk, batch - commits.size());
        commits.insert(commits.end(), stretch.commits.begin(), stretch.commits.end());
        is_end = stretch.is_end;
        if (stretch.needed.has_value()) loaded = co_await loader.load(*stretch.needed);
      }
      outcome = co_await take_filtered(&filter, std::move(commits));
      // The commits before the one that could not be loaded may be all that is wanted.
      if (outcome.has_value() && !is_over_) outcome = std::move(loaded);
      batch = std::min(2 * batch, FilteredBatchMax);
      co_await base::yield();  // a walk over what is in memory would never suspend
    }
    co_await filter.keep_notes();
    co_return outcome;
  }

  Task<Result<void>> take_filtered(LogFilter* filter, std::vector<kernel::CommitIndex> commits) {
    std::size_t passed = 0;
    while (passed < commits.size() && is_passed(commits[passed])) {
      is_over_ = is_last(commits[passed]);
      if (is_over_) co_return Result<void>();
      ++passed;
    }
    commits.erase(commits.begin(), commits.begin() + static_cast<std::ptrdiff_t>(passed));
    VARVE_CO_TRY(const std::vector<LogFilter::Verdict> verdicts, co_await filter->judge(commits));
    for (std::size_t i = 0; i < commits.size() && !is_over_; ++i) {
      if (verdicts[i] == LogFilter::Verdict::Perhaps) {
        VARVE_CO_TRY(const bool is_listed, co_await filter->has_changed(commits[i]));
        if (is_listed) VARVE_CO_CHECK(co_await list(commits[i]));
      }
      is_over_ = is_over_ || is_last(commits[i]);
    }
    co_return Result<void>();
  }

  bool is_last(kernel::CommitIndex commit) const { return stop_at_ == commit; }

  // Whether the commit comes before what is wanted: up to `after`, and that itself.
  bool is_passed(kernel::CommitIndex commit) {
    if (!after_.has_value()) return false;
    if (after_ == commit) after_.reset();
    return true;
  }

  Task<Result<void>> list(kernel::CommitIndex commit) {
    if (page_.rows.size() == static_cast<std::size_t>(query_.amount)) {
      page_.has_more = true;
      is_over_ = true;
      co_return Result<void>();
    }
    VARVE_CO_TRY(CommitRef row, co_await record(commit));
    page_.rows.push_back(std::move(row));
    is_over_ = query_.is_limit && page_.rows.size() == static_cast<std::size_t>(query_.amount);
    co_return Result<void>();
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
