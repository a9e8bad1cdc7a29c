// Reading a dump back into a repository without refs. Two passes: the first reads and checks
// everything, the second writes, so that a damaged or forged dump changes nothing.
//
// Commits go first, and nobody sees them without a ref. Then the refs, all in one step if a write
// of the store holds them: the history is there as a whole or not at all, and a restore that was
// cut short is asked for again. If they are more, it is done over after the repository is deleted
// and created anew.  [I-4]
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/core/create_rows.h"
#include "engine/core/kv_walk.h"
#include "engine/dump/dump.h"
#include "engine/tree/tree.h"
#include "format/graveler.h"
#include "format/kv_keys.h"
#include "format/refs_dump.h"
#include "format/tasks.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/kv_store.h"
#include "ports/object_types.h"

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

bool is_meta_range_id(std::string_view text) {
  constexpr std::size_t Digits = 64;
  return text.size() == Digits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

// Key and identity of a record say again what its data says.
Result<void> check_record(DumpKind kind, const TreeRow& row, std::string_view id,
                          const model::CommitId& commit) {
  if (row.path == id && row.record.identity.view() == commit.view()) return {};
  return Error(Code::InvalidArgument, "the record of " + row.path + " is another's")
      .with(format::to_string(kind));
}

}  // namespace

Task<Result<void>> RefsDumps::check_restorable(Context context, RepositoryRef repository) {
  for (const std::string_view prefix : {keys::BranchPrefix, keys::TagPrefix}) {
    KvWalk refs(core_.kv, context, repository->partition(), prefix, "", 1);
    VARVE_CO_TRY(std::vector<ports::KvRow> rows, co_await refs.next());
    if (!rows.empty()) co_return not_bare();
  }
  co_return Result<void>();
}

Result<ports::KvUpdate> RefsDumps::restored_row(const model::Repository& repository, DumpKind kind,
                                                const TreeRow& row) {
  const std::string partition = repository.partition();
  switch (kind) {
    case DumpKind::Commits: {
      VARVE_TRY(model::Commit commit, format::restore_commit(row.record.data));
      VARVE_CHECK(check_record(kind, row, commit.id.view(), commit.id));
      VARVE_TRY(base::Bytes bytes, format::encode_commit(commit));
      return ports::KvUpdate::set({partition, keys::commit(commit.id)}, std::move(bytes));
    }
    case DumpKind::Branches: {
      VARVE_TRY(model::Branch branch, format::restore_branch(row.record.data));
      VARVE_CHECK(check_record(kind, row, branch.id.view(), branch.commit_id));
      branch.staging_token = new_staging_token(core_, repository.id, branch.id);
      VARVE_TRY(base::Bytes bytes, format::encode_branch(branch));
      return ports::KvUpdate::set({partition, keys::branch(branch.id)}, std::move(bytes));
    }
    case DumpKind::Tags: {
      VARVE_TRY(model::Tag tag, format::restore_tag(row.record.data));
      VARVE_CHECK(check_record(kind, row, tag.id.view(), tag.commit_id));
      VARVE_TRY(base::Bytes bytes, format::encode_tag(tag));
      return ports::KvUpdate::set({partition, keys::tag(tag.id)}, std::move(bytes));
    }
  }
  return Error(Code::Internal, "no such kind of dump");
}

Task<Result<void>> RefsDumps::flush(Context context, RepositoryRef repository,
                                    ports::KvWrite write) {
  if (write.updates.empty()) co_return Result<void>();
  const std::string default_key = keys::branch(repository->default_branch);
  for (const ports::KvUpdate& update : write.updates) {
    // Of two restores into one repository, one wins.
    if (update.key.key != default_key) continue;
    write.requirements.push_back(ports::KvRequirement::absent(update.key));
  }
  // A branch's row has a fresh token in it, and what else there is would be written again as it is.
  ports::KvUpdate witness = write.updates.front();
  auto written = co_await create_rows(&core_.kv, std::move(context), std::move(repository),
                                      std::move(write), std::move(witness));
  if (!written && written.error().code() == Code::Conflict) co_return not_bare();
  co_return written;
}

// The table behind an id that a client gave.
Task<Result<SnapshotRef>> RefsDumps::open_kind(Context context, RepositoryRef repository,
                                               DumpKind kind, model::MetaRangeId id) {
  const std::string_view name = format::to_string(kind);
  if (!is_meta_range_id(id.view())) {
    co_return Error(Code::InvalidArgument,
                    "'" + id.str() + "' is no metarange id; it has 64 hexadecimal digits")
        .with(name);
  }
  ports::ObjectAddress address =
      metadata_address(core_.options, repository->storage_namespace, id.str());
  auto reader = co_await core_.objects.get(context, std::move(address), ports::ByteRange());
  if (!reader) {
    co_return reader.error().code() == Code::NotFound ? model::data_missing() : reader.error();
  }
  VARVE_CO_TRY(SnapshotRef table,
               co_await snapshots_.open(std::move(context), repository, std::move(id)));
  base::Bytes bytes;
  for (;;) {
    VARVE_CO_TRY(base::Bytes step, co_await (*reader)->read(model::TransferBufferBytes));
    if (step.empty()) break;
    bytes += step;
  }
  auto checked = format::check_dump_kind(kind, bytes);
  if (!checked) co_return std::move(checked).error().with(name);
  co_return table;
}

// No ref may lead nowhere.  [I-4]
Task<Result<void>> RefsDumps::check_refs(Context context, RepositoryRef repository, DumpKind kind,
                                         std::vector<TreeRow> rows, SnapshotRef commits) {
  for (const TreeRow& row : rows) {
    const std::string commit(row.record.identity.view());
    VARVE_CO_TRY(auto found, co_await snapshots_.get(context, repository, commits, commit));
    if (found.has_value()) continue;
    co_return Error(Code::InvalidArgument,
                    row.path + " points at commit " + commit + ", which is not in the dump")
        .with(format::to_string(kind));
  }
  co_return Result<void>();
}

Task<Result<void>> RefsDumps::check_kind(Context context, RepositoryRef repository, KindTable table,
                                         SnapshotRef commits) {
  auto cursor = snapshots_.cursor(context, repository, std::move(table.snapshot));
  VARVE_CO_CHECK(co_await cursor->seek_ge(std::string()));
  for (;;) {
    VARVE_CO_TRY(std::vector<TreeRow> rows, co_await cursor->next_batch(BatchRows));
    if (rows.empty()) co_return Result<void>();
    for (const TreeRow& row : rows) VARVE_CO_CHECK(restored_row(*repository, table.kind, row));
    if (table.kind == DumpKind::Commits) continue;
    VARVE_CO_CHECK(co_await check_refs(context, repository, table.kind, std::move(rows), commits));
  }
}

Task<Result<void>> RefsDumps::fill(Context context, RepositoryRef repository,
                                   std::vector<KindTable> tables) {
  ports::KvWrite write;
  for (KindTable& table : tables) {
    auto cursor = snapshots_.cursor(context, repository, std::move(table.snapshot));
    VARVE_CO_CHECK(co_await cursor->seek_ge(std::string()));
    for (;;) {
      VARVE_CO_TRY(std::vector<TreeRow> rows, co_await cursor->next_batch(BatchRows));
      if (rows.empty()) break;
      for (const TreeRow& row : rows) {
        if (write.updates.size() == ports::KvUpdatesMax) {
          VARVE_CO_CHECK(
              co_await flush(context, repository, std::exchange(write, ports::KvWrite())));
        }
        VARVE_CO_TRY(ports::KvUpdate update, restored_row(*repository, table.kind, row));
        write.updates.push_back(std::move(update));
      }
    }
  }
  co_return co_await flush(std::move(context), std::move(repository), std::move(write));
}

Task<Result<void>> RefsDumps::restore(Context context, RepositoryRef repository,
                                      format::RefsDump dump, bool force) {
  if (repository->read_only && !force) co_return model::read_only_repository();
  VARVE_CO_CHECK(co_await check_restorable(context, repository));
  std::vector<KindTable> tables = {
      {DumpKind::Commits, nullptr}, {DumpKind::Branches, nullptr}, {DumpKind::Tags, nullptr}};
  const std::vector<model::MetaRangeId> ids = {dump.commits, dump.branches, dump.tags};
  for (std::size_t i = 0; i < tables.size(); ++i) {
    VARVE_CO_TRY(tables[i].snapshot,
                 co_await open_kind(context, repository, tables[i].kind, ids[i]));
  }
  const KindTable commits = tables.front();
  for (const KindTable& table : tables) {
    VARVE_CO_CHECK(co_await check_kind(context, repository, table, commits.snapshot));
  }
  std::vector<KindTable> first = {commits};
  VARVE_CO_CHECK(co_await fill(context, repository, std::move(first)));
  tables.erase(tables.begin());
  co_return co_await fill(std::move(context), std::move(repository), std::move(tables));
}

}  // namespace varve::engine
