#include "engine/commits/log_filter.h"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "engine/commits/commits.h"
#include "engine/commits/path_changes.h"
#include "engine/core/core.h"
#include "engine/refs/ref_cache.h"
#include "engine/refs/refs.h"
#include "engine/refs/refs_impl.h"
#include "engine/staging/staging.h"
#include "engine/tree/diff.h"
#include "engine/tree/tree.h"
#include "format/changed_paths.h"
#include "format/kv_keys.h"
#include "kernel/graph.h"
#include "model/ids.h"
#include "model/limits.h"
#include "ports/kv_store.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;
using format::ChangedPaths;
using kernel::CommitIndex;
namespace keys = format::keys;

namespace {

constexpr std::size_t DiffRows = 256;
constexpr std::size_t NotesOfOneWrite = 512;

// Bytes of the ranges that only one of the trees has: what a comparison reads.
std::uint64_t bytes_to_compare(const Snapshot& before, const Snapshot& after) {
  std::uint64_t bytes = 0;
  auto a = before.ranges.begin();
  auto b = after.ranges.begin();
  while (a != before.ranges.end() || b != after.ranges.end()) {
    const bool is_lone_a = b == after.ranges.end();
    const bool is_lone_b = a == before.ranges.end();
    if (!is_lone_a && !is_lone_b && a->id == b->id) {
      ++a;
      ++b;
      continue;
    }
    const bool takes_a = is_lone_a || (!is_lone_b && a->max_key < b->max_key);
    bytes += (takes_a ? a++ : b++)->estimated_size;
  }
  return bytes;
}

}  // namespace

LogFilter::LogFilter(Parts parts, Context context, RepositoryRef repository, const LogQuery& query)
    : parts_(parts),
      context_(std::move(context)),
      repository_(std::move(repository)),
      objects_(query.objects),
      prefixes_(query.prefixes),
      filter_(query.objects, query.prefixes),
      graph_(parts.refs.cache().graphs().of(*repository_)) {}

bool LogFilter::has_note(CommitIndex commit) {
  const std::scoped_lock lock(graph_->mutex);
  return graph_->notes.has(commit);
}

void LogFilter::remember(CommitIndex commit, const ChangedPaths& changes) {
  const std::scoped_lock lock(graph_->mutex);
  graph_->notes.put(commit, changes);
}

std::vector<CommitIndex> LogFilter::without_note(const std::vector<CommitIndex>& commits) {
  std::vector<CommitIndex> missing;
  const std::scoped_lock lock(graph_->mutex);
  for (const CommitIndex commit : commits) {
    const bool matters = graph_->graph.parent_count(commit) == 1;
    if (matters && !graph_->notes.has(commit)) missing.push_back(commit);
  }
  return missing;
}

Task<Result<void>> LogFilter::read_notes(std::vector<CommitIndex> commits) {
  std::vector<model::CommitId> ids;
  ids.reserve(commits.size());
  {
    const std::scoped_lock lock(graph_->mutex);
    for (const CommitIndex commit : commits) ids.emplace_back(graph_->graph.id(commit));
  }
  std::vector<ports::KvKey> wanted;
  wanted.reserve(ids.size());
  for (const model::CommitId& id : ids) {
    wanted.emplace_back(repository_->partition(), keys::commit_changes(id));
  }
  VARVE_CO_TRY(auto rows, co_await parts_.core.kv.multi_get(context_, std::move(wanted)));
  for (std::size_t i = 0; i < commits.size(); ++i) {
    if (!rows[i].has_value()) continue;
    // A damaged note is none: it is made again, and replaced.
    const auto changes = format::decode_changed_paths(ids[i], *rows[i]);
    if (changes.has_value()) remember(commits[i], *changes);
  }
  co_return Result<void>();
}

Task<Result<std::vector<LogFilter::Verdict>>> LogFilter::judge(std::vector<CommitIndex> commits) {
  std::vector<CommitIndex> missing = without_note(commits);
  if (!missing.empty()) VARVE_CO_CHECK(co_await read_notes(std::move(missing)));
  std::vector<Verdict> verdicts(commits.size(), Verdict::Perhaps);
  {
    const std::scoped_lock lock(graph_->mutex);
    for (std::size_t i = 0; i < commits.size(); ++i) {
      const bool matters = graph_->graph.parent_count(commits[i]) == 1;
      const bool is_out = !matters || (graph_->notes.has(commits[i]) &&
                                       !filter_.may_have_changed(graph_->notes.get(commits[i])));
      if (is_out) verdicts[i] = Verdict::Unchanged;
    }
  }
  parts_.refs.cache().graphs().bound_notes(graph_);
  co_return verdicts;
}

Task<Result<CommitRef>> LogFilter::record(CommitIndex commit) {
  model::CommitId id;
  {
    const std::scoped_lock lock(graph_->mutex);
    id = model::CommitId(graph_->graph.id(commit));
  }
  co_return co_await parts_.refs.get_commit(context_, repository_, std::move(id));
}

Task<Result<bool>> LogFilter::has_changed(CommitIndex index) {
  Step step;
  VARVE_CO_TRY(step.commit, co_await record(index));
  if (step.commit->parents.size() != 1) co_return false;
  VARVE_CO_TRY(step.after,
               co_await parts_.snapshots.open(context_, repository_, step.commit->meta_range_id));
  VARVE_CO_TRY(step.before, co_await parts_.staging.head_tree(context_, repository_,
                                                              step.commit->parents.front()));
  if (!has_note(index)) {
    // Whatever stops it is found by the comparison too, if that needs what is not there.
    const auto changes = co_await note_of(step);
    if (changes.has_value() && changes->has_value()) {
      remember(index, **changes);
      const ports::KvKey key = commit_key(*repository_, step.commit->id);
      // Of a repository that is being deleted nothing may be left behind.
      made_.requirements.push_back(ports::KvRequirement::present(key));
      made_.updates.push_back(
          ports::KvUpdate::set({key.partition, keys::commit_changes(step.commit->id)},
                               format::encode_changed_paths(step.commit->id, **changes)));
      if (made_.updates.size() == NotesOfOneWrite) co_await keep_notes();
      if (!filter_.may_have_changed(format::ChangedPathsView(**changes))) co_return false;
    }
  }
  co_return co_await compare(std::move(step));
}

Task<Result<bool>> LogFilter::compare(Step step) {
  if (step.before->id == step.after->id) co_return false;
  for (const std::string& path : objects_) {
    VARVE_CO_TRY(bool is_changed,
                 co_await is_object_changed(&parts_.snapshots, context_, repository_, step.before,
                                            step.after, path));
    if (is_changed) co_return true;
  }
  for (const std::string& prefix : prefixes_) {
    VARVE_CO_TRY(bool is_changed,
                 co_await is_prefix_changed(&parts_.snapshots, context_, repository_, step.before,
                                            step.after, prefix));
    if (is_changed) co_return true;
  }
  co_return false;
}

Task<Result<std::optional<ChangedPaths>>> LogFilter::note_of(Step step) {
  std::optional<ChangedPaths> none;
  const std::uint64_t bytes = bytes_to_compare(*step.before, *step.after);
  const bool is_affordable = bytes <= model::ChangeNoteBytesMax &&
                             compared_bytes_ + bytes <= model::LogNotesBytesMax &&
                             made_count_ < model::LogNotesMax;
  if (!is_affordable) co_return none;
  compared_bytes_ += bytes;
  ++made_count_;
  format::ChangedPathsWriter noted;
  TreeDiff::Sides sides;
  sides.base = step.before;
  sides.source = step.after;
  sides.destination = step.before;
  TreeDiff diff(parts_.snapshots, context_, repository_, std::move(sides));
  while (!noted.is_too_many()) {
    VARVE_CO_TRY(std::vector<TreeDiffRow> rows, co_await diff.next_batch(DiffRows));
    if (rows.empty()) break;
    for (const TreeDiffRow& row : rows) noted.add(row.path);
  }
  co_return std::optional<ChangedPaths>(noted.finish());
}

Task<void> LogFilter::keep_notes() {
  ports::KvWrite write = std::exchange(made_, ports::KvWrite());
  if (write.updates.empty()) co_return;
  (void)co_await parts_.core.kv.write(context_, std::move(write));
}

}  // namespace varve::engine
