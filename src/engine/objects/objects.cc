#include "engine/objects/objects.h"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/objects/dead_runs.h"
#include "engine/objects/objects_impl.h"
#include "engine/refs/empty_tokens.h"
#include "engine/refs/refs.h"
#include "engine/refs/refs_impl.h"
#include "engine/tree/tree.h"
#include "format/catalog.h"
#include "format/graveler.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "model/ref_expr.h"
#include "ports/kv_store.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;

Objects::Objects(Core& core, Refs& refs, Snapshots& snapshots, Staging& staging,
                 Protection& protection)
    : impl_(new Impl{core, refs, snapshots, staging, protection,
                     DeadRuns(core.options.is_single_writer)}) {}
Objects::~Objects() = default;

Task<Result<BranchVersionRef>> Objects::Impl::branch(Context context, RepositoryRef repository,
                                                     model::BranchId id, bool may_guess) {
  if (may_guess) {
    BranchVersionRef known = refs.cache().branch(*repository, id.view());
    if (known != nullptr) co_return known;
  }
  co_return co_await refs.read_branch(std::move(context), std::move(repository), std::move(id));
}

Task<Result<Objects::Impl::PathState>> Objects::Impl::look(Context context,
                                                           RepositoryRef repository,
                                                           model::BranchId id, std::string path) {
  RefCache& cache = refs.cache();
  PathState state;
  state.branch = cache.branch(*repository, id.view());
  if (state.branch == nullptr) {
    VARVE_CO_TRY(state.branch, co_await refs.read_branch(context, repository, id));
  }
  for (int tries = 0; tries < model::StagingTriesMax; ++tries) {
    // Which tokens to look at is decided before the row is read: a token found empty here has seen
    // no write that was acknowledged before this request began.
    const model::Branch& guess = state.branch->branch;
    std::vector<model::StagingToken> tokens = staging.tokens_to_read(guess);
    std::vector<ports::KvKey> keys;
    keys.reserve(tokens.size() + 1);
    keys.push_back(branch_key(*repository, id));
    for (const model::StagingToken& token : tokens) keys.emplace_back(token.str(), path);
    VARVE_CO_TRY(auto rows, co_await core.kv.multi_get(context, std::move(keys)));
    if (!rows[0].has_value()) {
      cache.drop_branch(*repository, id.view());
      co_return model::branch_not_found();
    }
    if (*rows[0] != state.branch->bytes) {
      VARVE_CO_TRY(BranchVersionRef now,
                   cache.branch_of(*repository, id.view(), *std::move(rows[0])));
      const bool has_same_tokens = Staging::tokens(now->branch) == Staging::tokens(guess);
      state.branch = std::move(now);
      if (!has_same_tokens) continue;
    }
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (!rows[i + 1].has_value()) continue;
      VARVE_CO_TRY(format::StagedEntry entry, format::decode_staged_entry(*rows[i + 1]));
      if (tokens[i] == state.branch->branch.staging_token) {
        state.staged = std::move(entry.record);
        state.row = std::move(rows[i + 1]);
        continue;
      }
      state.sealed = std::move(entry.record);
      break;
    }
    co_return state;
  }
  co_return model::too_many_tries();
}

Task<Result<Objects::Impl::Record>> Objects::Impl::committed(Context context,
                                                             RepositoryRef repository,
                                                             model::CommitId commit_id,
                                                             std::string path) {
  if (commit_id.empty()) co_return Record();
  CommitRef commit = refs.cache().commit(*repository, commit_id);
  if (commit == nullptr) {
    VARVE_CO_TRY(commit, co_await refs.get_commit(context, repository, std::move(commit_id)));
  }
  if (commit->meta_range_id.empty()) co_return Record();
  VARVE_CO_TRY(SnapshotRef tree,
               co_await snapshots.open(context, repository, commit->meta_range_id));
  co_return co_await snapshots.get(std::move(context), std::move(repository), std::move(tree),
                                   std::move(path));
}

Task<Result<Objects::Impl::Record>> Objects::Impl::visible(Context context,
                                                           RepositoryRef repository,
                                                           PathState state, std::string path) {
  if (const Record& newest = state.uncommitted(); newest.has_value()) {
    if (newest->identity.empty()) co_return Record();
    co_return newest;
  }
  co_return co_await committed(std::move(context), std::move(repository),
                               state.branch->branch.commit_id, std::move(path));
}

Task<Result<Objects::Impl::Record>> Objects::Impl::find(Context context, RepositoryRef repository,
                                                        model::RefExpr ref, std::string path) {
  const bool is_plain = ref.modifiers.empty() && !model::is_full_commit_id(ref.base);
  if (is_plain && refs.cache().branch(*repository, ref.base) != nullptr) {
    auto state = co_await look(context, repository, model::BranchId(ref.base), path);
    if (state.has_value()) {
      co_return co_await visible(std::move(context), std::move(repository), *std::move(state),
                                 std::move(path));
    }
    // The branch is gone; the name may mean something else by now.
    if (!model::is(state.error(), model::Detail::BranchMissing)) {
      co_return std::move(state).error();
    }
  }
  VARVE_CO_TRY(ResolvedRef resolved, co_await refs.resolve(context, repository, std::move(ref)));
  if (resolved.branch.has_value()) {
    std::vector<model::StagingToken> tokens = staging.tokens_to_read(*resolved.branch);
    VARVE_CO_TRY(Record newest, co_await staging.get(context, std::move(tokens), path));
    if (newest.has_value()) {
      if (newest->identity.empty()) co_return Record();
      co_return newest;
    }
  }
  co_return co_await committed(std::move(context), std::move(repository),
                               std::move(resolved.commit_id), std::move(path));
}

Task<Result<model::Entry>> Objects::get(Context context, RepositoryRef repository,
                                        model::RefExpr ref, model::ObjectPath path) {
  auto record = co_await impl_->find(std::move(context), std::move(repository), std::move(ref),
                                     std::move(path).str());
  if (!record.has_value()) {
    if (model::is(record.error(), model::Detail::CommitMissing)) {
      co_return model::object_not_found();
    }
    co_return std::move(record).error();
  }
  if (!record->has_value()) co_return model::object_not_found();
  co_return format::decode_entry((*record)->data);
}

Task<Result<void>> Objects::Impl::check_allowed(Context context, RepositoryRef repository,
                                                model::BranchId branch, bool force) {
  auto allowed = protection.check_write_cached(*repository, branch);
  if (!allowed.has_value()) {
    allowed = co_await protection.check_write(std::move(context), repository, std::move(branch));
  }
  if (!allowed->has_value()) co_return *std::move(allowed);
  if (repository->read_only && !force) co_return model::read_only_repository();
  co_return Result<void>();
}

namespace {

// Whether an update only deletes: nothing that was hidden shows because of it.
bool is_tombstone(const ports::KvUpdate& update) {
  if (!update.value.has_value()) return false;
  const auto row = format::view_staged_entry(*update.value);
  return row.has_value() && row->identity.empty();
}

}  // namespace

Task<Result<void>> Objects::Impl::write(Context context, RepositoryRef repository,
                                        BranchVersionRef version,
                                        std::vector<ports::KvRequirement> requirements,
                                        std::vector<ports::KvUpdate> updates) {
  ports::KvWrite write;
  write.requirements = std::move(requirements);
  write.requirements.push_back(
      ports::KvRequirement::equals(branch_key(*repository, version->branch.id), version->bytes));
  write.updates = std::move(updates);
  const model::StagingToken& token = version->branch.staging_token;
  const EmptyTokens::Writing writing(refs.cache().tokens(), token);
  // Writes are of one path, or they are tombstones: nothing else stages several at once.
  const ports::KvUpdate& first = write.updates.front();
  if (is_tombstone(first)) co_return co_await core.kv.write(std::move(context), std::move(write));
  VARVE_DASSERT(write.updates.size() == 1);
  const DeadRuns::Reveal reveal(dead_runs, token, first.key.key);
  co_return co_await core.kv.write(std::move(context), std::move(write));
}

}  // namespace varve::engine
