// Reading a dump back into a bare repository. Two passes: the first reads and checks everything,
// the second writes, so that a damaged dump changes nothing. Rows are content-addressed or take the
// place of nothing, so a restore that was cut short can be run again after the repository is
// deleted and created anew.
#include <string>
#include <utility>
#include <vector>

#include "engine/dump/dump.h"
#include "format/graveler.h"
#include "format/kv_keys.h"
#include "model/errors.h"

namespace varve::engine {

using base::Code;
using base::Context;
using base::Error;
using base::Result;
using base::Task;
using format::DumpKind;
namespace keys = format::keys;

namespace {

constexpr std::size_t BatchRows = 500;

Error not_bare() { return {Code::InvalidArgument, "can only restore into a bare repository"}; }

}  // namespace

Task<Result<void>> RefsDumps::check_restorable(Context context, RepositoryRef repository) {
  ports::KvKey head(repository->partition(), keys::branch(repository->default_branch));
  VARVE_CO_TRY(auto row, co_await core_.kv.get(std::move(context), std::move(head)));
  if (row.has_value()) co_return not_bare();
  co_return Result<void>();
}

Result<ports::KvUpdate> RefsDumps::restored_row(const model::Repository& repository, DumpKind kind,
                                                const TreeRow& row) {
  const std::string partition = repository.partition();
  switch (kind) {
    case DumpKind::Commits: {
      VARVE_TRY(model::Commit commit, format::restore_commit(row.record.data));
      VARVE_TRY(base::Bytes bytes, format::encode_commit(commit));
      return ports::KvUpdate::set({partition, keys::commit(commit.id)}, std::move(bytes));
    }
    case DumpKind::Branches: {
      VARVE_TRY(model::Branch branch, format::restore_branch(row.record.data));
      branch.staging_token = new_staging_token(core_, repository.id, branch.id);
      VARVE_TRY(base::Bytes bytes, format::encode_branch(branch));
      return ports::KvUpdate::set({partition, keys::branch(branch.id)}, std::move(bytes));
    }
    case DumpKind::Tags: {
      VARVE_TRY(model::Tag tag, format::restore_tag(row.record.data));
      VARVE_TRY(base::Bytes bytes, format::encode_tag(tag));
      return ports::KvUpdate::set({partition, keys::tag(tag.id)}, std::move(bytes));
    }
  }
  return Error(Code::Internal, "no such kind of dump");
}

Task<Result<void>> RefsDumps::restore_rows(Context context, RepositoryRef repository, DumpKind kind,
                                           std::vector<TreeRow> rows, bool is_dry_run) {
  ports::KvWrite write;
  const std::string default_key = keys::branch(repository->default_branch);
  for (const TreeRow& row : rows) {
    VARVE_CO_TRY(ports::KvUpdate update, restored_row(*repository, kind, row));
    // Of two restores into one repository, one wins.
    if (update.key.key == default_key) {
      write.requirements.push_back(ports::KvRequirement::absent(update.key));
    }
    write.updates.push_back(std::move(update));
  }
  if (is_dry_run) co_return Result<void>();
  auto written = co_await core_.kv.write(std::move(context), std::move(write));
  if (!written && written.error().code() == Code::Conflict) co_return not_bare();
  co_return written;
}

Task<Result<void>> RefsDumps::visit_kind(Context context, RepositoryRef repository, DumpKind kind,
                                         model::MetaRangeId id, bool is_dry_run) {
  VARVE_CO_TRY(SnapshotRef snapshot, co_await snapshots_.open(context, repository, std::move(id)));
  auto cursor = snapshots_.cursor(context, repository, std::move(snapshot));
  VARVE_CO_CHECK(co_await cursor->seek_ge(std::string()));
  for (;;) {
    VARVE_CO_TRY(std::vector<TreeRow> rows, co_await cursor->next_batch(BatchRows));
    if (rows.empty()) co_return Result<void>();
    VARVE_CO_CHECK(co_await restore_rows(context, repository, kind, std::move(rows), is_dry_run));
  }
}

Task<Result<void>> RefsDumps::restore(Context context, RepositoryRef repository,
                                      format::RefsDump dump, bool force) {
  if (repository->read_only && !force) co_return model::read_only_repository();
  VARVE_CO_CHECK(co_await check_restorable(context, repository));
  for (const model::MetaRangeId* id : {&dump.commits, &dump.branches, &dump.tags}) {
    ports::ObjectAddress address =
        metadata_address(core_.options, repository->storage_namespace, id->str());
    auto info = co_await core_.objects.stat(context, std::move(address));
    if (!info) {
      co_return info.error().code() == Code::NotFound ? model::data_missing() : info.error();
    }
  }
  for (const bool is_dry_run : {true, false}) {
    VARVE_CO_CHECK(
        co_await visit_kind(context, repository, DumpKind::Commits, dump.commits, is_dry_run));
    VARVE_CO_CHECK(
        co_await visit_kind(context, repository, DumpKind::Branches, dump.branches, is_dry_run));
    VARVE_CO_CHECK(co_await visit_kind(context, repository, DumpKind::Tags, dump.tags, is_dry_run));
  }
  co_return Result<void>();
}

}  // namespace varve::engine
