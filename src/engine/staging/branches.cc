// How a branch record changes: read, decide, write with the requirement that it is still what was
// read. What the new record no longer names is queued for the sweep in the same step, so no token
// is ever lost track of.  [I-3]
#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/async_mutex.h"
#include "base/context.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/core/core.h"
#include "engine/core/dropped_tokens.h"
#include "engine/core/kv_write.h"
#include "engine/refs/refs.h"
#include "engine/refs/refs_impl.h"
#include "engine/staging/staging.h"
#include "engine/staging/staging_impl.h"
#include "engine/tree/tree.h"
#include "format/changed_paths.h"
#include "format/graveler.h"
#include "format/identity.h"
#include "format/kv_keys.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/kv_store.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;
namespace keys = format::keys;

namespace {

base::Error branch_moved() { return {base::Code::Conflict, "the branch has moved"}; }

}  // namespace

Task<Result<base::KeyedMutex::Guard>> Staging::lock_branch(Context context,
                                                           RepositoryRef repository,
                                                           model::BranchId id) {
  std::string key = Impl::branch_lock_key(*repository, id);
  auto guard = co_await impl_->branch_locks.lock(std::move(context), std::move(key));
  if (!guard.has_value() && guard.error().code() == base::Code::ResourceExhausted) {
    co_return model::too_many_tries();
  }
  co_return guard;
}

model::StagingToken Staging::new_token(const model::Repository& repository,
                                       const model::BranchId& id) {
  model::StagingToken token = new_staging_token(impl_->core, repository.id, id);
  impl_->refs.cache().tokens().add_fresh(token);
  return token;
}

model::Branch Staging::sealed(const model::Repository& repository, model::Branch branch) {
  branch.sealed_tokens.insert(branch.sealed_tokens.begin(), std::move(branch.staging_token));
  branch.staging_token = new_token(repository, branch.id);
  return branch;
}

Task<Result<BranchVersionRef>> Staging::Impl::replace(Context context, RepositoryRef repository,
                                                      BranchVersion before, model::Branch after,
                                                      ports::KvWrite write) {
  std::optional<ports::KvUpdate> witness;
  if (!write.updates.empty() && write.updates.front().value.has_value()) {
    witness = write.updates.front();
  }
  const std::vector<model::StagingToken> kept = Staging::tokens(after);
  std::vector<model::StagingToken> dropped = Staging::tokens(before.branch);
  std::erase_if(dropped, [&kept](const model::StagingToken& token) {
    return std::find(kept.begin(), kept.end(), token) != kept.end();
  });
  dropped = add_dropped(write, std::move(dropped), 1);
  auto version = std::make_shared<BranchVersion>();
  VARVE_CO_TRY(version->bytes, format::encode_branch(after));
  const ports::KvKey key = branch_key(*repository, after.id);
  write.requirements.push_back(ports::KvRequirement::equals(key, std::move(before.bytes)));
  write.updates.push_back(ports::KvUpdate::set(key, version->bytes));
  if (!witness.has_value()) witness = write.updates.back();
  auto written = co_await write_settled(&core.kv, std::move(context), std::move(write),
                                        std::move(witness->key), *std::move(witness->value));
  if (!written.has_value()) {
    refs.cache().drop_branch(*repository, after.id.view());
    co_return std::move(written).error();
  }
  version->branch = std::move(after);
  BranchVersionRef result = std::move(version);
  refs.cache().put_branch(*repository, result);
  (void)co_await queue_dropped(&core.kv, Context(), std::move(dropped));
  co_return result;
}

Task<Result<BranchVersion>> Staging::replace_branch(Context context, RepositoryRef repository,
                                                    BranchVersion before, model::Branch after) {
  VARVE_CO_TRY(BranchVersionRef version,
               co_await impl_->replace(std::move(context), std::move(repository), std::move(before),
                                       std::move(after), ports::KvWrite()));
  co_return *version;
}

Task<Result<CommitRef>> Staging::commit_branch(Context context, RepositoryRef repository,
                                               BranchVersion before, model::Commit commit,
                                               std::optional<format::ChangedPaths> changes) {
  commit.id = format::commit_id(commit);
  VARVE_CO_TRY(base::Bytes bytes, format::encode_commit(commit));
  model::Branch after = before.branch;
  after.commit_id = commit.id;
  after.sealed_tokens.clear();
  const ports::KvKey key = commit_key(*repository, commit.id);
  ports::KvWrite with_record;
  with_record.requirements.push_back(ports::KvRequirement::absent(key));
  with_record.updates.push_back(ports::KvUpdate::set(key, std::move(bytes)));
  if (changes.has_value()) {
    with_record.updates.push_back(
        ports::KvUpdate::set({repository->partition(), keys::commit_changes(commit.id)},
                             format::encode_changed_paths(commit.id, *changes)));
  }
  auto moved = co_await impl_->replace(context, repository, before, after, std::move(with_record));
  if (!moved.has_value() && moved.error().code() == base::Code::Conflict) {
    // Either the branch moved, or this very commit was made before; then its record stays as it
    // is (I-1) and only the head moves.
    std::vector<ports::KvKey> rows_of;
    rows_of.push_back(branch_key(*repository, after.id));
    rows_of.push_back(key);
    VARVE_CO_TRY(auto rows, co_await impl_->core.kv.multi_get(context, std::move(rows_of)));
    if (rows[0] != before.bytes || !rows[1].has_value()) co_return branch_moved();
    moved = co_await impl_->replace(context, repository, std::move(before), std::move(after),
                                    ports::KvWrite());
    if (moved.has_value()) {
      co_return co_await impl_->refs.get_commit(std::move(context), std::move(repository),
                                                std::move(commit.id));
    }
  }
  if (!moved.has_value()) co_return std::move(moved).error();
  CommitRef record = std::make_shared<const model::Commit>(std::move(commit));
  impl_->refs.cache().put_commit(*repository, record);
  co_return record;
}

Task<Result<BranchVersion>> Staging::prepare(Context context, RepositoryRef repository,
                                             model::BranchId id) {
  for (int tries = 0; tries < model::BranchUpdateTriesMax; ++tries) {
    VARVE_CO_TRY(BranchVersion before, co_await read_branch(context, repository, id));
    VARVE_CO_TRY(SnapshotRef head,
                 co_await impl_->head_tree(context, repository, before.branch.commit_id));
    VARVE_CO_TRY(auto standing,
                 co_await impl_->standing(context, repository, tokens(before.branch), head));
    if (standing == Impl::Standing::Changed) co_return model::dirty_branch();
    // No row at all: what is written from now on is later than the caller's update, and the
    // token it is written to stays.
    if (standing == Impl::Standing::Empty) co_return before;
    if (!before.branch.sealed_tokens.empty()) {
      // An earlier attempt that came to nothing sealed already: if nothing was written since, one
      // token is enough, or every attempt would cost all later reads one more.
      std::vector<model::StagingToken> current = {before.branch.staging_token};
      VARVE_CO_TRY(const bool is_empty, co_await are_empty(context, std::move(current)));
      if (is_empty) co_return before;
    }
    auto after =
        co_await replace_branch(context, repository, before, sealed(*repository, before.branch));
    if (!after.has_value()) {
      if (after.error().code() == base::Code::Conflict) continue;
      co_return std::move(after).error();
    }
    // A writer may have slipped in between the look and the seal. Nobody can now.
    VARVE_CO_TRY(standing,
                 co_await impl_->standing(context, repository, after->branch.sealed_tokens, head));
    if (standing == Impl::Standing::Changed) co_return model::dirty_branch();
    co_return after;
  }
  co_return model::too_many_tries();
}

Task<Result<void>> Staging::drop_tokens(Context context, std::vector<model::StagingToken> tokens) {
  return queue_dropped(&impl_->core.kv, std::move(context), std::move(tokens));
}

// Takes a token that is being filled from whoever fills it. False: a branch has it by now.
Task<Result<bool>> Staging::Impl::claim(Context context, std::string token) {
  const ports::KvKey key(std::string(keys::CleanupTokensPartition), std::move(token));
  ports::KvWrite write;
  write.requirements.push_back(
      ports::KvRequirement::equals(key, base::Bytes(keys::FilledTokenValue)));
  write.updates.push_back(ports::KvUpdate::set(key, base::Bytes(keys::CleanupTokenValue)));
  const auto written = co_await core.kv.write(std::move(context), std::move(write));
  if (written.has_value()) co_return true;
  if (written.error().code() == base::Code::Conflict) co_return false;
  co_return written.error();
}

Task<Result<void>> Staging::sweep_dropped(Context context) {
  const base::MonotonicTime now = impl_->core.clock.monotonic();
  std::map<std::string, base::MonotonicTime> met;
  ports::KvScan scan;
  scan.partition = std::string(keys::CleanupTokensPartition);
  scan.limit = model::SweepPageRows;
  for (;;) {
    VARVE_CO_TRY(ports::KvPage page, co_await impl_->core.kv.scan(context, scan));
    for (ports::KvRow& row : page.rows) {
      scan.from = row.key;
      base::MonotonicTime first = now;
      {
        const std::scoped_lock lock(impl_->sweep_mutex);
        const auto known = impl_->first_met.find(row.key);
        if (known != impl_->first_met.end()) first = known->second;
      }
      const bool is_being_filled = row.value == keys::FilledTokenValue;
      const int grace =
          is_being_filled ? model::FilledTokenGraceSeconds : model::DroppedTokenGraceSeconds;
      if (now - first < std::chrono::seconds(grace)) {
        met.emplace(std::move(row.key), first);
        continue;
      }
      if (is_being_filled) {
        VARVE_CO_TRY(const bool is_claimed, co_await impl_->claim(context, row.key));
        if (!is_claimed) continue;
      }
      // The rows first: a crash in between leaves the token queued.
      VARVE_CO_CHECK(co_await impl_->core.kv.delete_range(context, row.key, "", ""));
      ports::KvWrite write;
      write.updates.push_back(ports::KvUpdate::erase({scan.partition, std::move(row.key)}));
      VARVE_CO_CHECK(co_await impl_->core.kv.write(context, std::move(write)));
    }
    if (!page.has_more) break;
    scan.is_from_exclusive = true;
  }
  const std::scoped_lock lock(impl_->sweep_mutex);
  impl_->first_met = std::move(met);
  co_return Result<void>();
}

}  // namespace varve::engine
