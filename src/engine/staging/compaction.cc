// Compaction: sealed tokens that pile up on a branch become one, so that its reads ask a few.
//
//   1. queue a fresh token for the sweep, as one that is being filled
//   2. copy into it the newest record of every path of a stretch of sealed tokens, tombstones too:
//      they hide what older tokens and the commit hold
//   3. in one step: the branch names it instead of the stretch, the stretch is queued for the
//   sweep,
//      and it is no longer
//
// Sealed tokens never change, so nobody is kept waiting by step 2. If the branch has let go of the
// stretch meanwhile (a commit, a reset) the copy is left to the sweep. Steps 2 and 3 require that
// the sweep has not claimed the token: a compaction that outlives its welcome, or its server, loses
// its copy and nothing else.  [I-3]
#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/refs/crowded_branches.h"
#include "engine/refs/ref_cache.h"
#include "engine/refs/refs.h"
#include "engine/staging/cursor.h"
#include "engine/staging/staging.h"
#include "engine/staging/staging_impl.h"
#include "format/graveler.h"
#include "format/kv_keys.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/kv_store.h"

namespace varve::engine {

using base::Code;
using base::Context;
using base::Error;
using base::Result;
using base::Task;
using model::StagingToken;
namespace keys = format::keys;

namespace {

constexpr std::size_t CountPageRows = 4096;
// Read side by side, each by pages of its own.
constexpr std::size_t StretchTokensMax = 64;
constexpr std::size_t CopyRowsMax = 1024;
constexpr std::size_t CopyBytesMax = 1U << 20U;

Error cancelled() { return {Code::Cancelled, "compaction was cancelled"}; }

ports::KvKey cleanup_key(const StagingToken& token) {
  return {std::string(keys::CleanupTokensPartition), token.str()};
}

ports::KvRequirement is_unclaimed(const StagingToken& token) {
  return ports::KvRequirement::equals(cleanup_key(token), base::Bytes(keys::FilledTokenValue));
}

// Which of the tokens to merge: the longest run of small ones, or all once large ones abound.
struct Stretch {
  std::size_t begin = 0;
  std::size_t count = 0;
};
Stretch choose(const std::vector<bool>& is_large, std::size_t tokens_max) {
  const auto large = static_cast<std::size_t>(std::ranges::count(is_large, true));
  if (large >= std::max<std::size_t>(tokens_max / 2, 1)) return {0, is_large.size()};
  Stretch longest;
  Stretch run;
  for (std::size_t i = 0; i < is_large.size(); ++i) {
    run = is_large[i] ? Stretch{i + 1, 0} : Stretch{run.begin, run.count + 1};
    if (run.count > longest.count) longest = run;
  }
  return longest;
}

}  // namespace

Task<Result<bool>> Staging::Impl::is_large(Context context, StagingToken token) {
  ports::KvScan scan;
  scan.partition = token.str();
  scan.limit = CountPageRows;
  for (std::size_t rows = 0; rows <= core.options.large_token_rows;) {
    VARVE_CO_TRY(ports::KvPage page, co_await core.kv.scan(context, scan));
    rows += page.rows.size();
    if (!page.has_more) co_return rows > core.options.large_token_rows;
    scan.from = std::move(page.rows.back().key);
    scan.is_from_exclusive = true;
  }
  co_return true;
}

Task<Result<std::vector<StagingToken>>> Staging::Impl::choose_stretch(
    Context context, std::vector<StagingToken> sealed) {
  // The oldest: a commit that fails again and again adds newer ones meanwhile.
  if (sealed.size() > StretchTokensMax) {
    sealed.erase(sealed.begin(), sealed.end() - static_cast<std::ptrdiff_t>(StretchTokensMax));
  }
  std::vector<bool> large;
  for (const StagingToken& token : sealed) {
    VARVE_CO_TRY(const bool is_it, co_await is_large(context, token));
    large.push_back(is_it);
  }
  const Stretch stretch = choose(large, core.options.sealed_tokens_max);
  const auto begin = sealed.begin() + static_cast<std::ptrdiff_t>(stretch.begin);
  co_return std::vector<StagingToken>(begin, begin + static_cast<std::ptrdiff_t>(stretch.count));
}

Task<Result<void>> Staging::Impl::copy_newest(Context context, std::vector<StagingToken> from,
                                              StagingToken to) {
  StagedCursor cursor(core.kv, context, std::move(from), "", {});
  bool is_at_end = false;
  while (!is_at_end) {
    if (context.is_cancelled()) co_return cancelled();
    ports::KvWrite batch;
    std::size_t bytes = 0;
    while (batch.updates.size() < CopyRowsMax && bytes < CopyBytesMax) {
      if (cursor.needs_fill()) {
        VARVE_CO_CHECK(co_await cursor.fill());
        continue;
      }
      is_at_end = cursor.is_at_end();
      if (is_at_end) break;
      base::Bytes row =
          format::encode_staged_entry(cursor.path(), cursor.identity(), cursor.data());
      bytes += row.size();
      ports::KvKey key(to.str(), std::string(cursor.path()));
      batch.updates.push_back(ports::KvUpdate::set(std::move(key), std::move(row)));
      cursor.pop();
    }
    if (batch.updates.empty()) continue;
    compaction.rows += batch.updates.size();
    batch.requirements.push_back(is_unclaimed(to));
    VARVE_CO_CHECK(co_await core.kv.write(context, std::move(batch)));
  }
  co_return Result<void>();
}

Task<Result<bool>> Staging::Impl::swap_in(Context context, RepositoryRef repository,
                                          model::BranchId id, std::vector<StagingToken> stretch,
                                          StagingToken merged) {
  for (int tries = 0; tries < model::BranchUpdateTriesMax; ++tries) {
    VARVE_CO_TRY(const BranchVersionRef version,
                 co_await refs.read_branch(context, repository, id));
    model::Branch after = version->branch;
    std::vector<StagingToken>& sealed = after.sealed_tokens;
    const auto found = std::ranges::search(sealed, stretch);
    if (found.empty()) co_return false;
    *found.begin() = merged;
    sealed.erase(found.begin() + 1, found.end());
    ports::KvWrite with_token;
    with_token.requirements.push_back(is_unclaimed(merged));
    with_token.updates.push_back(ports::KvUpdate::erase(cleanup_key(merged)));
    const auto swapped =
        co_await replace(context, repository, *version, std::move(after), std::move(with_token));
    if (swapped.has_value()) co_return true;
    if (swapped.error().code() != Code::Conflict) co_return swapped.error();
  }
  co_return model::too_many_tries();
}

Task<Result<bool>> Staging::Impl::compact(Context context, RepositoryRef repository,
                                          model::BranchId id) {
  VARVE_CO_TRY(const BranchVersionRef version, co_await refs.read_branch(context, repository, id));
  std::vector<StagingToken> sealed = version->branch.sealed_tokens;
  if (sealed.size() < core.options.sealed_tokens_max) co_return false;
  VARVE_CO_TRY(std::vector<StagingToken> stretch,
               co_await choose_stretch(context, std::move(sealed)));
  if (stretch.size() < 2) co_return false;
  // Not known to be empty, as a branch's new token is: it will not be.
  const StagingToken merged = new_staging_token(core, repository->id, id);
  ports::KvWrite queued;
  queued.updates.push_back(
      ports::KvUpdate::set(cleanup_key(merged), base::Bytes(keys::FilledTokenValue)));
  VARVE_CO_CHECK(co_await core.kv.write(context, std::move(queued)));
  VARVE_CO_CHECK(co_await copy_newest(context, stretch, merged));
  // Behind this server's own updates, which would otherwise lose their race and begin again.
  std::string lock_key = branch_lock_key(*repository, id);
  VARVE_CO_TRY(auto guard, co_await branch_locks.lock(context, std::move(lock_key)));
  const std::size_t count = stretch.size();
  VARVE_CO_TRY(const bool is_swapped,
               co_await swap_in(context, repository, id, std::move(stretch), merged));
  if (is_swapped) compaction.tokens += count;
  co_return is_swapped;
}

Task<Result<bool>> Staging::compact(Context context, RepositoryRef repository, model::BranchId id) {
  ++impl_->compaction.running;
  auto done = co_await impl_->compact(std::move(context), std::move(repository), std::move(id));
  --impl_->compaction.running;
  ++(done.has_value() ? impl_->compaction.runs : impl_->compaction.failures);
  // Gone with its repository, or claimed by the sweep: nothing is left to do.
  if (!done.has_value() &&
      (done.error().code() == Code::NotFound || done.error().code() == Code::Conflict)) {
    co_return false;
  }
  co_return done;
}

Task<Result<void>> Staging::compact_crowded(Context context) {
  Result<void> outcome;
  for (const CrowdedBranch& branch : impl_->refs.cache().crowded().take()) {
    for (;;) {
      if (context.is_cancelled()) co_return cancelled();
      const auto done = co_await compact(context, branch.repository, branch.id);
      if (!done.has_value()) outcome = done.error();
      if (!done.has_value() || !*done) break;
    }
  }
  co_return outcome;
}

CompactionCounters Staging::compaction() const {
  const Impl::Compaction& now = impl_->compaction;
  CompactionCounters counters;
  counters.running = now.running.load();
  counters.runs = now.runs.load();
  counters.failures = now.failures.load();
  counters.tokens = now.tokens.load();
  counters.rows = now.rows.load();
  return counters;
}

}  // namespace varve::engine
