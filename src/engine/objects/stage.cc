// Staging a value: one atomic step that writes the row and requires the branch to be what was read.
// A branch that moved meanwhile (a commit sealed its token) is read again; the write is repeated on
// the new token.  [K2]
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
#include "format/catalog.h"
#include "format/graveler.h"
#include "format/identity.h"
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

Result<base::Bytes> encode_row(const std::string& path, const model::Entry& entry) {
  VARVE_TRY(base::Bytes data, format::encode_entry(entry));
  if (data.size() > model::EntryBytesMax) return model::entry_too_large();
  const model::Identity identity = format::entry_identity(entry);
  return format::encode_staged_entry(path, identity.view(), data);
}

}  // namespace

Result<void> check_condition(const WriteCondition& condition,
                             const std::optional<model::EntryRecord>& visible) {
  switch (condition.kind) {
    case WriteCondition::Kind::None:
      return {};
    case WriteCondition::Kind::IfAbsent:
      if (!visible.has_value()) return {};
      return model::make_error(Code::PreconditionFailed, model::Detail::PathExists,
                               "Precondition failed");
    case WriteCondition::Kind::IfMatch:
      break;
  }
  if (!visible.has_value()) return model::object_not_found();
  if (condition.etag == "*") return {};
  VARVE_TRY(format::EntryView entry, format::view_entry(visible->data));
  if (entry.etag == condition.etag) return {};
  return model::precondition_failed();
}

Task<Result<void>> Objects::Impl::stage_plain(Context context, RepositoryRef repository,
                                              model::BranchId id, std::string path,
                                              base::Bytes row) {
  Result<void> written = model::too_many_tries();
  bool may_guess = true;
  for (int tries = 0; tries < model::StagingTriesMax; ++tries) {
    VARVE_CO_TRY(BranchVersionRef version, co_await branch(context, repository, id, may_guess));
    may_guess = false;
    std::vector<ports::KvUpdate> updates;
    updates.push_back(ports::KvUpdate::set(staged_key(version, path), row));
    std::vector<ports::KvRequirement> nothing_else;
    written = co_await write(context, repository, std::move(version), std::move(nothing_else),
                             std::move(updates));
    if (written.has_value()) co_return written;
    // Staging the same value twice is staging it once, so an unknown outcome is simply repeated.
    const Code code = written.error().code();
    if (code != Code::Conflict && code != Code::OutcomeUnknown) co_return written;
  }
  if (written.error().code() == Code::Conflict) co_return model::too_many_tries();
  co_return written;
}

Task<Result<void>> Objects::Impl::stage_if(Context context, RepositoryRef repository,
                                           model::BranchId id, std::string path, base::Bytes row,
                                           WriteCondition condition) {
  for (int tries = 0; tries < model::StagingTriesMax; ++tries) {
    VARVE_CO_TRY(PathState state, co_await look(context, repository, id, path));
    VARVE_CO_TRY(Record current, co_await visible(context, repository, state, path));
    VARVE_CO_CHECK(check_condition(condition, current));
    ports::KvKey key = staged_key(state.branch, path);
    std::vector<ports::KvRequirement> requirements;
    requirements.push_back(row_is(key, std::move(state.row)));
    std::vector<ports::KvUpdate> updates;
    updates.push_back(ports::KvUpdate::set(key, row));
    auto written = co_await write(context, repository, std::move(state.branch),
                                  std::move(requirements), std::move(updates));
    if (written.has_value()) co_return written;
    if (written.error().code() == Code::OutcomeUnknown) {
      // The row tells: nobody else stages these very bytes.
      VARVE_CO_TRY(auto now, co_await core.kv.get(context, std::move(key)));
      if (now == row) co_return Result<void>();
      co_return written;
    }
    // A racing write of this path decides the condition anew; so does a branch that moved.
    if (written.error().code() != Code::Conflict) co_return written;
  }
  co_return model::too_many_tries();
}

Task<Result<void>> Objects::stage(Context context, RepositoryRef repository, model::BranchId branch,
                                  model::ObjectPath path, model::Entry entry,
                                  StageOptions options) {
  VARVE_CO_CHECK(co_await impl_->check_allowed(context, repository, branch, options.force));
  VARVE_CO_TRY(base::Bytes row, encode_row(path.str(), entry));
  if (options.condition.kind == WriteCondition::Kind::None) {
    co_return co_await impl_->stage_plain(std::move(context), std::move(repository),
                                          std::move(branch), std::move(path).str(), std::move(row));
  }
  co_return co_await impl_->stage_if(std::move(context), std::move(repository), std::move(branch),
                                     std::move(path).str(), std::move(row),
                                     std::move(options.condition));
}

Task<Result<void>> Objects::check_writable(Context context, RepositoryRef repository,
                                           model::BranchId branch, model::ObjectPath path,
                                           StageOptions options) {
  if (options.condition.kind == WriteCondition::Kind::None) {
    VARVE_CO_CHECK(co_await impl_->refs.read_branch(context, repository, branch));
  } else {
    VARVE_CO_TRY(Impl::PathState state,
                 co_await impl_->look(context, repository, branch, path.str()));
    VARVE_CO_TRY(Impl::Record current,
                 co_await impl_->visible(context, repository, std::move(state), path.str()));
    VARVE_CO_CHECK(check_condition(options.condition, current));
  }
  co_return co_await impl_->check_allowed(std::move(context), std::move(repository),
                                          std::move(branch), options.force);
}

Task<Result<void>> Objects::update_metadata(Context context, RepositoryRef repository,
                                            model::BranchId branch, model::ObjectPath path,
                                            model::Metadata metadata) {
  VARVE_CO_CHECK(co_await impl_->check_allowed(context, repository, branch, false));
  for (int tries = 0; tries < model::StagingTriesMax; ++tries) {
    VARVE_CO_TRY(Impl::PathState state,
                 co_await impl_->look(context, repository, branch, path.str()));
    VARVE_CO_TRY(Impl::Record current,
                 co_await impl_->visible(context, repository, state, path.str()));
    if (!current.has_value()) {
      co_return model::object_not_found().with("update user metadata on " + repository->id.str() +
                                               "/" + branch.str() + "/" + path.str());
    }
    VARVE_CO_TRY(model::Entry entry, format::decode_entry(current->data));
    entry.metadata = metadata;
    VARVE_CO_TRY(base::Bytes row, encode_row(path.str(), entry));
    const ports::KvKey key = staged_key(state.branch, path.str());
    std::vector<ports::KvRequirement> requirements;
    requirements.push_back(row_is(key, std::move(state.row)));
    std::vector<ports::KvUpdate> updates;
    updates.push_back(ports::KvUpdate::set(key, std::move(row)));
    auto written = co_await impl_->write(context, repository, std::move(state.branch),
                                         std::move(requirements), std::move(updates));
    if (written.has_value()) co_return written;
    const Code code = written.error().code();
    if (code != Code::Conflict && code != Code::OutcomeUnknown) co_return written;
  }
  co_return model::too_many_tries();
}

}  // namespace varve::engine
