#include "engine/refs/graph_loader.h"

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task_group.h"
#include "engine/core/core.h"
#include "engine/refs/commit_graphs.h"
#include "engine/refs/ref_cache.h"
#include "engine/refs/refs.h"
#include "format/changed_paths.h"
#include "format/graveler.h"
#include "format/identity.h"
#include "format/kv_keys.h"
#include "kernel/graph.h"
#include "model/ids.h"
#include "model/records.h"
#include "ports/kv_store.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;
namespace keys = format::keys;

namespace {

constexpr std::size_t PageRows = 4096;
// needed² / 32 rows ahead: 128 after 64 commits, 8,000 after 500, 100,000 after 1,800. A row in
// bulk costs a third of one alone.
constexpr std::size_t NeededFirst = 64;
constexpr std::size_t AheadDivisor = 32;

// Adds the commits that hash to their ids. Another one stays unknown: who needs it hears of it.
void add_all(SharedGraph& shared, const std::vector<ports::KvRow>& rows) {
  std::vector<model::Commit> commits;
  commits.reserve(rows.size());
  for (const ports::KvRow& row : rows) {
    auto commit = format::decode_commit(row.value);
    if (!commit.has_value()) continue;
    model::CommitId id(keys::name_after(keys::CommitPrefix, row.key));
    if (format::commit_id(*commit) != id) continue;
    commit->id = std::move(id);
    commits.push_back(*std::move(commit));
  }
  const std::scoped_lock lock(shared.mutex);
  for (const model::Commit& commit : commits) shared.graph.add(commit);
}

// A damaged note is none.
void note_all(SharedGraph& shared, const std::vector<ports::KvRow>& rows) {
  std::vector<std::pair<model::CommitId, format::ChangedPaths>> notes;
  notes.reserve(rows.size());
  for (const ports::KvRow& row : rows) {
    model::CommitId id(keys::name_after(keys::CommitChangesPrefix, row.key));
    auto changes = format::decode_changed_paths(id, row.value);
    if (changes.has_value()) notes.emplace_back(std::move(id), *std::move(changes));
  }
  const std::scoped_lock lock(shared.mutex);
  for (const auto& [id, changes] : notes) shared.notes.put(shared.graph.intern(id.view()), changes);
}

}  // namespace

GraphLoader::GraphLoader(Core& core, Refs& refs, Context context, RepositoryRef repository,
                         SharedGraphRef graph)
    : offload_(core.offload),
      refs_(refs),
      context_(context),
      repository_(std::move(repository)),
      graph_(std::move(graph)),
      commits_(core.kv, context, repository_->partition(), keys::CommitPrefix, "", PageRows),
      notes_(core.kv, context, repository_->partition(), keys::CommitChangesPrefix, "", PageRows) {}

bool GraphLoader::should_read_ahead() const {
  if (are_commits_over_ || needed_ < NeededFirst) return false;
  return ahead_rows_ < needed_ * needed_ / AheadDivisor;
}

Task<Result<void>> GraphLoader::read_commits() {
  auto rows = co_await commits_.next();
  are_commits_over_ = !rows.has_value() || rows->empty();
  if (!rows.has_value()) co_return std::move(rows).error();
  ahead_rows_ += rows->size();
  auto job = [graph = graph_.get(), &rows] { add_all(*graph, *rows); };
  co_return co_await offload_.run(std::move(job));
}

Task<Result<void>> GraphLoader::read_notes() {
  if (are_notes_over_) co_return Result<void>();
  auto rows = co_await notes_.next();
  are_notes_over_ = !rows.has_value() || rows->empty();
  if (!rows.has_value()) co_return std::move(rows).error();
  auto job = [graph = graph_.get(), &rows] { note_all(*graph, *rows); };
  VARVE_CO_CHECK(co_await offload_.run(std::move(job)));
  if (!refs_.cache().graphs().bound_notes(graph_)) are_notes_over_ = true;
  co_return Result<void>();
}

Task<void> GraphLoader::read_ahead() {
  std::vector<Task<Result<void>>> both;
  both.push_back(read_commits());
  both.push_back(read_notes());
  const std::size_t width = both.size();
  // It can be done without; what is wrong with the store is for the reads that must be to tell.
  (void)co_await base::join_all(std::move(both), width);
}

Task<Result<void>> GraphLoader::load(kernel::CommitIndex commit) {
  ++needed_;
  while (should_read_ahead()) co_await read_ahead();
  model::CommitId id;
  {
    const std::scoped_lock lock(graph_->mutex);
    if (graph_->graph.is_known(commit)) co_return Result<void>();
    id = model::CommitId(graph_->graph.id(commit));
  }
  VARVE_CO_TRY(CommitRef loaded, co_await refs_.get_commit(context_, repository_, std::move(id)));
  const std::scoped_lock lock(graph_->mutex);
  graph_->graph.add(*loaded);
  co_return Result<void>();
}

}  // namespace varve::engine
