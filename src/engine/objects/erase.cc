// Deleting paths (engine.md 8.3): a tombstone in the staging token hides whatever is beneath it,
// and is written only where there is something to hide.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/objects/objects.h"
#include "engine/objects/objects_impl.h"
#include "engine/refs/refs.h"
#include "engine/tree/tree.h"
#include "format/graveler.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "ports/kv_store.h"

namespace varve::engine {

using base::Code;
using base::Context;
using base::Result;
using base::Task;

namespace {

// What the uncommitted rows of one path say about deleting it.
enum class Burial : std::uint8_t { Needed, Done, AskCommitted };

Burial judge(const std::optional<base::Bytes>& row, bool is_tombstone) {
  if (!row.has_value()) return Burial::AskCommitted;
  return is_tombstone ? Burial::Done : Burial::Needed;
}

}  // namespace

Task<Result<std::vector<std::string>>> Objects::Impl::paths_to_bury(
    Context context, RepositoryRef repository, BranchVersionRef version,
    std::vector<std::string> paths) {
  const std::vector<model::StagingToken> tokens = staging.tokens_to_read(version->branch);
  std::vector<Burial> burials(paths.size(), Burial::AskCommitted);
  // All tokens of as many paths as one step may ask for.
  const std::size_t step =
      std::max<std::size_t>(ports::KvKeysMax / std::max<std::size_t>(tokens.size(), 1), 1);
  for (std::size_t from = 0; from < paths.size() && !tokens.empty(); from += step) {
    const std::size_t until = std::min(paths.size(), from + step);
    std::vector<ports::KvKey> keys;
    keys.reserve((until - from) * tokens.size());
    for (std::size_t i = from; i < until; ++i) {
      for (const model::StagingToken& token : tokens) keys.emplace_back(token.str(), paths[i]);
    }
    VARVE_CO_TRY(auto rows, co_await core.kv.multi_get(context, std::move(keys)));
    for (std::size_t i = from; i < until; ++i) {
      for (std::size_t t = 0; t < tokens.size() && burials[i] == Burial::AskCommitted; ++t) {
        const auto& row = rows[(i - from) * tokens.size() + t];
        if (!row.has_value()) continue;
        VARVE_CO_TRY(format::StagedEntryView view, format::view_staged_entry(*row));
        burials[i] = judge(row, view.identity.empty());
      }
    }
  }
  std::vector<std::string> wanted;
  std::vector<std::string> asked;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (burials[i] == Burial::Needed) wanted.push_back(std::move(paths[i]));
    if (burials[i] == Burial::AskCommitted) asked.push_back(std::move(paths[i]));
  }
  if (asked.empty()) co_return wanted;
  VARVE_CO_TRY(SnapshotRef tree,
               co_await staging.head_tree(context, repository, version->branch.commit_id));
  std::vector<std::string> names = asked;
  VARVE_CO_TRY(auto records, co_await snapshots.get_many(std::move(context), std::move(repository),
                                                         std::move(tree), std::move(names)));
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (records[i].has_value()) wanted.push_back(std::move(asked[i]));
  }
  co_return wanted;
}

Task<Result<void>> Objects::erase(Context context, RepositoryRef repository, model::BranchId branch,
                                  model::ObjectPath path, bool force) {
  VARVE_CO_CHECK(co_await impl_->check_allowed(context, repository, branch, force));
  Result<void> written = model::too_many_tries();
  for (int tries = 0; tries < model::StagingTriesMax; ++tries) {
    VARVE_CO_TRY(Impl::PathState state,
                 co_await impl_->look(context, repository, branch, path.str()));
    VARVE_CO_TRY(Impl::Record current,
                 co_await impl_->visible(context, repository, state, path.str()));
    if (!current.has_value()) co_return Result<void>();  // missing, or deleted already
    std::vector<ports::KvUpdate> updates;
    updates.push_back(ports::KvUpdate::set(staged_key(state.branch, path.str()),
                                           format::encode_staged_entry(path.view(), "", "")));
    std::vector<ports::KvRequirement> nothing_else;
    written = co_await impl_->write(context, repository, std::move(state.branch),
                                    std::move(nothing_else), std::move(updates));
    if (written.has_value()) co_return written;
    const Code code = written.error().code();
    if (code != Code::Conflict && code != Code::OutcomeUnknown) co_return written;
  }
  if (written.error().code() == Code::Conflict) co_return model::too_many_tries();
  co_return written;
}

Task<Result<void>> Objects::erase_if_match(Context context, RepositoryRef repository,
                                           model::BranchId branch, model::ObjectPath path,
                                           std::string etag) {
  VARVE_CO_CHECK(co_await impl_->check_allowed(context, repository, branch, false));
  const WriteCondition condition(WriteCondition::Kind::IfMatch, std::move(etag));
  for (int tries = 0; tries < model::StagingTriesMax; ++tries) {
    VARVE_CO_TRY(Impl::PathState state,
                 co_await impl_->look(context, repository, branch, path.str()));
    VARVE_CO_TRY(Impl::Record current,
                 co_await impl_->visible(context, repository, state, path.str()));
    if (!current.has_value()) co_return Result<void>();
    VARVE_CO_CHECK(check_condition(condition, current));
    const ports::KvKey key = staged_key(state.branch, path.str());
    std::vector<ports::KvRequirement> requirements;
    requirements.push_back(row_is(key, std::move(state.row)));
    std::vector<ports::KvUpdate> updates;
    updates.push_back(ports::KvUpdate::set(key, format::encode_staged_entry(path.view(), "", "")));
    auto written = co_await impl_->write(context, repository, std::move(state.branch),
                                         std::move(requirements), std::move(updates));
    if (written.has_value()) co_return written;
    // Whoever wrote this path meanwhile, or this very call, is seen by the next look.
    const Code code = written.error().code();
    if (code != Code::Conflict && code != Code::OutcomeUnknown) co_return written;
  }
  co_return model::too_many_tries();
}

Task<Result<std::vector<EraseError>>> Objects::erase_many(Context context, RepositoryRef repository,
                                                          model::BranchId branch,
                                                          std::vector<model::ObjectPath> paths,
                                                          bool force) {
  std::vector<EraseError> errors;
  auto allowed = co_await impl_->check_allowed(context, repository, branch, force);
  if (!allowed.has_value()) {
    if (allowed.error().code() != Code::PermissionDenied) co_return std::move(allowed).error();
    for (model::ObjectPath& path : paths) {
      errors.push_back(EraseError{std::move(path).str(), allowed.error()});
    }
    co_return errors;
  }
  std::vector<std::string> names;
  names.reserve(paths.size());
  for (model::ObjectPath& path : paths) names.push_back(std::move(path).str());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());

  // The branch is read, not guessed: with nothing to delete there is no write to find out that it
  // is gone.
  Result<void> written = model::too_many_tries();
  for (int tries = 0; tries < model::StagingTriesMax; ++tries) {
    VARVE_CO_TRY(BranchVersionRef version,
                 co_await impl_->branch(context, repository, branch, false));
    VARVE_CO_TRY(std::vector<std::string> buried,
                 co_await impl_->paths_to_bury(context, repository, version, names));
    if (buried.empty()) co_return errors;
    std::vector<ports::KvUpdate> updates;
    updates.reserve(buried.size());
    for (std::string& path : buried) {
      base::Bytes row = format::encode_staged_entry(path, "", "");
      updates.push_back(ports::KvUpdate::set(staged_key(version, std::move(path)), std::move(row)));
    }
    std::vector<ports::KvRequirement> nothing_else;
    written = co_await impl_->write(context, repository, std::move(version),
                                    std::move(nothing_else), std::move(updates));
    if (written.has_value()) co_return errors;
    const Code code = written.error().code();
    if (code != Code::Conflict && code != Code::OutcomeUnknown)
      co_return std::move(written).error();
  }
  if (written.error().code() == Code::Conflict) co_return model::too_many_tries();
  co_return std::move(written).error();
}

}  // namespace varve::engine
