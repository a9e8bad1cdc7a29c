// Discarding uncommitted changes (engine.md 8.7): all of a branch, what is below a prefix, or one
// path's.
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/objects/objects.h"
#include "engine/objects/objects_impl.h"
#include "engine/refs/empty_tokens.h"
#include "engine/refs/refs.h"
#include "engine/tree/changes.h"
#include "engine/tree/tree.h"
#include "format/graveler.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/kv_store.h"

namespace varve::engine {

using base::Code;
using base::Context;
using base::Result;
using base::Task;

namespace {

constexpr std::size_t ResetRowsMax = 1000;  // of one write

}  // namespace

Task<Result<void>> Objects::reset_branch(Context context, RepositoryRef repository,
                                         model::BranchId id, bool force) {
  VARVE_CO_CHECK(co_await impl_->check_allowed(context, repository, id, force));
  VARVE_CO_TRY(auto guard, co_await impl_->staging.lock_branch(context, repository, id));
  for (int tries = 0; tries < model::BranchUpdateTriesMax; ++tries) {
    VARVE_CO_TRY(BranchVersion before,
                 co_await impl_->staging.read_branch(context, repository, id));
    model::Branch after = before.branch;
    after.staging_token = impl_->staging.new_token(*repository, id);
    after.sealed_tokens.clear();
    auto replaced = co_await impl_->staging.replace_branch(context, repository, std::move(before),
                                                           std::move(after));
    if (replaced.has_value()) co_return Result<void>();
    if (replaced.error().code() != Code::Conflict) co_return std::move(replaced).error();
  }
  co_return model::too_many_tries();
}

// Writes into `token`, which no branch names yet, what undoes the uncommitted changes of `version`
// below `prefix`: the committed record of a committed path, a tombstone for any other. Answers
// whether there was anything to undo.
Task<Result<bool>> Objects::Impl::undo_into(Context context, RepositoryRef repository,
                                            BranchVersion version, std::string prefix,
                                            model::StagingToken token) {
  VARVE_CO_TRY(SnapshotRef tree,
               co_await staging.head_tree(context, repository, version.branch.commit_id));
  auto changes =
      staging.changes(context, staging.tokens_to_read(version.branch), prefix, "", false);
  bool has_changes = false;
  for (;;) {
    VARVE_CO_TRY(std::vector<Change> batch, co_await changes->next_batch());
    if (batch.empty()) co_return has_changes;
    std::vector<std::string> paths;
    for (const Change& change : batch) paths.push_back(change.path);
    VARVE_CO_TRY(auto committed,
                 co_await snapshots.get_many(context, repository, tree, std::move(paths)));
    ports::KvWrite write;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const bool is_tombstone = batch[i].record.identity.empty();
      if (!committed[i].has_value() && is_tombstone) continue;  // nothing shows
      base::Bytes row = committed[i].has_value()
                            ? format::encode_staged_entry(
                                  batch[i].path, committed[i]->identity.view(), committed[i]->data)
                            : format::encode_staged_entry(batch[i].path, "", "");
      write.updates.push_back(
          ports::KvUpdate::set({token.str(), std::move(batch[i].path)}, std::move(row)));
      if (write.updates.size() < ResetRowsMax && i + 1 < batch.size()) continue;
      has_changes = true;
      VARVE_CO_CHECK(co_await core.kv.write(context, std::move(write)));
      write = ports::KvWrite();
    }
    if (write.updates.empty()) continue;
    has_changes = true;
    VARVE_CO_CHECK(co_await core.kv.write(context, std::move(write)));
  }
}

Task<Result<void>> Objects::reset_prefix(Context context, RepositoryRef repository,
                                         model::BranchId id, std::string prefix, bool force) {
  if (prefix.empty()) {
    co_return co_await reset_branch(std::move(context), std::move(repository), std::move(id),
                                    force);
  }
  VARVE_CO_CHECK(co_await impl_->check_allowed(context, repository, id, force));
  VARVE_CO_TRY(auto guard, co_await impl_->staging.lock_branch(context, repository, id));
  for (int tries = 0; tries < model::BranchUpdateTriesMax; ++tries) {
    VARVE_CO_TRY(BranchVersion before,
                 co_await impl_->staging.read_branch(context, repository, id));
    model::Branch after = impl_->staging.sealed(*repository, before.branch);
    const EmptyTokens::Writing writing(impl_->refs.cache().tokens(), after.staging_token);
    std::vector<model::StagingToken> fresh = {after.staging_token};
    auto undone =
        co_await impl_->undo_into(context, repository, before, prefix, after.staging_token);
    if (undone.has_value() && *undone) {
      auto replaced = co_await impl_->staging.replace_branch(context, repository, std::move(before),
                                                             std::move(after));
      if (replaced.has_value()) co_return Result<void>();
      // NOTE: after an unknown outcome the branch may carry the fresh token: it must not go.
      if (replaced.error().code() == Code::OutcomeUnknown) co_return std::move(replaced).error();
      VARVE_CO_CHECK(co_await impl_->staging.drop_tokens(Context(), std::move(fresh)));
      if (replaced.error().code() != Code::Conflict) co_return std::move(replaced).error();
      continue;
    }
    if (undone.has_value()) co_return Result<void>();
    // Nothing is visible of the attempt; its rows are queued for the sweep, also if the client is
    // gone.
    (void)co_await impl_->staging.drop_tokens(Context(), std::move(fresh));
    co_return std::move(undone).error();
  }
  co_return model::too_many_tries();
}

Task<Result<void>> Objects::reset_object(Context context, RepositoryRef repository,
                                         model::BranchId id, model::ObjectPath path, bool force) {
  VARVE_CO_CHECK(co_await impl_->check_allowed(context, repository, id, force));
  for (int tries = 0; tries < model::StagingTriesMax; ++tries) {
    VARVE_CO_TRY(Impl::PathState state, co_await impl_->look(context, repository, id, path.str()));
    if (!state.uncommitted().has_value()) co_return Result<void>();
    const ports::KvKey key = staged_key(state.branch, path.str());
    std::vector<ports::KvUpdate> updates;
    if (!state.sealed.has_value()) {
      // The staged row is all there is: without it the committed record shows again.
      updates.push_back(ports::KvUpdate::erase(key));
    } else {
      // A sealed record is beneath; it is covered by what is committed.
      VARVE_CO_TRY(Impl::Record committed,
                   co_await impl_->committed(context, repository, state.branch->branch.commit_id,
                                             path.str()));
      base::Bytes row = committed.has_value()
                            ? format::encode_staged_entry(path.view(), committed->identity.view(),
                                                          committed->data)
                            : format::encode_staged_entry(path.view(), "", "");
      updates.push_back(ports::KvUpdate::set(key, std::move(row)));
    }
    std::vector<ports::KvRequirement> requirements;
    requirements.push_back(row_is(key, std::move(state.row)));
    auto written = co_await impl_->write(context, repository, std::move(state.branch),
                                         std::move(requirements), std::move(updates));
    if (written.has_value()) co_return written;
    const Code code = written.error().code();
    if (code != Code::Conflict && code != Code::OutcomeUnknown) co_return written;
  }
  co_return model::too_many_tries();
}

}  // namespace varve::engine
