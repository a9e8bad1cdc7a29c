#include "engine/staging/staging.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/refs/empty_tokens.h"
#include "engine/refs/refs.h"
#include "engine/staging/cursor.h"
#include "engine/staging/staging_impl.h"
#include "engine/tree/changes.h"
#include "engine/tree/tree.h"
#include "format/graveler.h"
#include "kernel/tree_apply.h"
#include "model/ids.h"
#include "model/records.h"
#include "ports/kv_store.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;

namespace {

constexpr std::size_t CleanRowsFirst = 16;  // most branches show a change, or nothing, at once
constexpr std::size_t ChangeBatchRows = 4096;

// The merged records of some tokens, as the builder of a tree wants them.
class TokenChanges final : public ChangeSource {
 public:
  TokenChanges(ports::KvStore& kv, Context context, std::vector<model::StagingToken> tokens,
               const std::string& prefix, const std::string& from, bool is_from_exclusive)
      : cursor_(kv, std::move(context), std::move(tokens), prefix_end(prefix), {}),
        from_(std::max(from, prefix)),
        is_from_exclusive_(is_from_exclusive && from_ != prefix) {}

  Task<Result<std::vector<Change>>> next_batch() override {
    VARVE_CO_TRY(const ChangeViews views, co_await next_views());
    std::vector<Change> batch;
    batch.reserve(views.changes.size());
    for (const kernel::StagedChange& view : views.changes) {
      Change change;
      change.path = std::string(view.path);
      change.record.identity = model::Identity(view.identity);
      change.record.data = base::Bytes(view.data);
      batch.push_back(std::move(change));
    }
    co_return batch;
  }

  Task<Result<ChangeViews>> next_views() override {
    if (!is_started_) {
      VARVE_CO_CHECK(co_await cursor_.seek(std::move(from_), is_from_exclusive_));
      is_started_ = true;
    }
    ChangeViews batch;
    while (cursor_.needs_fill()) VARVE_CO_CHECK(co_await cursor_.fill());
    while (batch.changes.size() < ChangeBatchRows && !cursor_.needs_fill() &&
           !cursor_.is_at_end()) {
      batch.changes.push_back({cursor_.path(), cursor_.identity(), cursor_.data()});
      cursor_.pop();
    }
    if (!batch.changes.empty()) batch.owners = cursor_.pages();
    co_return batch;
  }

 private:
  StagedCursor cursor_;
  std::string from_;
  bool is_from_exclusive_;
  bool is_started_ = false;
};

}  // namespace

Staging::Staging(Core& core, Refs& refs, Snapshots& snapshots)
    : impl_(std::make_unique<Impl>(core, refs, snapshots)) {}
Staging::~Staging() = default;

std::vector<model::StagingToken> Staging::tokens(const model::Branch& branch) {
  std::vector<model::StagingToken> all;
  all.reserve(branch.sealed_tokens.size() + 1);
  if (!branch.staging_token.empty()) all.push_back(branch.staging_token);
  all.insert(all.end(), branch.sealed_tokens.begin(), branch.sealed_tokens.end());
  return all;
}

std::vector<model::StagingToken> Staging::tokens_to_read(const model::Branch& branch) {
  std::vector<model::StagingToken> all = tokens(branch);
  EmptyTokens& empty = impl_->refs.cache().tokens();
  std::erase_if(all, [&empty](const model::StagingToken& t) { return empty.is_known_empty(t); });
  return all;
}

Task<Result<std::optional<model::EntryRecord>>> Staging::get(
    Context context, std::vector<model::StagingToken> tokens, std::string path) {
  if (tokens.empty()) co_return std::optional<model::EntryRecord>();
  std::vector<ports::KvKey> keys;
  keys.reserve(tokens.size());
  for (model::StagingToken& token : tokens) keys.emplace_back(std::move(token).str(), path);
  VARVE_CO_TRY(auto rows, co_await impl_->core.kv.multi_get(std::move(context), std::move(keys)));
  for (const auto& row : rows) {
    if (!row.has_value()) continue;
    VARVE_CO_TRY(format::StagedEntry entry, format::decode_staged_entry(*row));
    co_return std::optional<model::EntryRecord>(std::move(entry.record));
  }
  co_return std::optional<model::EntryRecord>();
}

std::unique_ptr<ChangeSource> Staging::changes(Context context,
                                               std::vector<model::StagingToken> tokens,
                                               std::string prefix, std::string from,
                                               bool is_from_exclusive) {
  return std::make_unique<TokenChanges>(impl_->core.kv, std::move(context), std::move(tokens),
                                        prefix, std::move(from), is_from_exclusive);
}

Task<Result<BranchVersion>> Staging::read_branch(Context context, RepositoryRef repository,
                                                 model::BranchId id) {
  VARVE_CO_TRY(
      BranchVersionRef version,
      co_await impl_->refs.read_branch(std::move(context), std::move(repository), std::move(id)));
  co_return *version;
}

Task<Result<SnapshotRef>> Staging::Impl::head_tree(Context context, RepositoryRef repository,
                                                   model::CommitId commit_id) {
  model::MetaRangeId tree;
  if (!commit_id.empty()) {
    CommitRef commit = refs.cache().commit(*repository, commit_id);
    if (commit == nullptr) {
      VARVE_CO_TRY(commit, co_await refs.get_commit(context, repository, std::move(commit_id)));
    }
    tree = commit->meta_range_id;
  }
  co_return co_await snapshots.open(std::move(context), std::move(repository), std::move(tree));
}

Task<Result<SnapshotRef>> Staging::head_tree(Context context, RepositoryRef repository,
                                             model::CommitId commit_id) {
  return impl_->head_tree(std::move(context), std::move(repository), std::move(commit_id));
}

Task<Result<Staging::Impl::Standing>> Staging::Impl::standing(
    Context context, RepositoryRef repository, std::vector<model::StagingToken> tokens,
    SnapshotRef snapshot) {
  EmptyTokens& empty = refs.cache().tokens();
  std::erase_if(tokens, [&empty](const model::StagingToken& t) { return empty.is_known_empty(t); });
  std::vector<std::uint64_t> epochs;
  for (const model::StagingToken& token : tokens) epochs.push_back(empty.epoch(token));
  StagedCursor::Pages pages;
  pages.rows_first = CleanRowsFirst;
  StagedCursor cursor(core.kv, context, tokens, "", pages);
  bool has_rows = false;
  for (;;) {
    if (cursor.needs_fill()) VARVE_CO_CHECK(co_await cursor.fill());
    if (cursor.needs_fill()) continue;
    std::vector<std::string> paths;
    std::vector<model::Identity> identities;
    while (!cursor.needs_fill() && !cursor.is_at_end()) {
      paths.emplace_back(cursor.path());
      identities.emplace_back(cursor.identity());
      cursor.pop();
    }
    if (paths.empty()) break;
    has_rows = true;
    VARVE_CO_TRY(auto committed,
                 co_await snapshots.get_many(context, repository, snapshot, std::move(paths)));
    for (std::size_t i = 0; i < identities.size(); ++i) {
      const bool is_same = committed[i].has_value() ? committed[i]->identity == identities[i]
                                                    : identities[i].empty();
      if (!is_same) co_return Standing::Changed;
    }
  }
  if (has_rows) co_return Standing::NoChange;
  for (std::size_t i = 0; i < tokens.size(); ++i) empty.found_empty(tokens[i], epochs[i]);
  co_return Standing::Empty;
}

Task<Result<bool>> Staging::is_clean(Context context, RepositoryRef repository,
                                     std::vector<model::StagingToken> tokens,
                                     SnapshotRef snapshot) {
  VARVE_CO_TRY(Impl::Standing standing,
               co_await impl_->standing(std::move(context), std::move(repository),
                                        std::move(tokens), std::move(snapshot)));
  co_return standing != Impl::Standing::Changed;
}

Task<Result<bool>> Staging::are_empty(Context context, std::vector<model::StagingToken> tokens) {
  EmptyTokens& empty = impl_->refs.cache().tokens();
  for (model::StagingToken& token : tokens) {
    if (empty.is_known_empty(token)) continue;
    const std::uint64_t epoch = empty.epoch(token);
    ports::KvScan scan;
    scan.partition = token.str();
    scan.limit = 1;
    VARVE_CO_TRY(ports::KvPage page, co_await impl_->core.kv.scan(context, std::move(scan)));
    if (!page.rows.empty()) co_return false;
    empty.found_empty(token, epoch);
  }
  co_return true;
}

}  // namespace varve::engine
