#include "engine/imports/imports.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "engine/core/address_text.h"
#include "engine/core/core.h"
#include "engine/imports/import_walk.h"
#include "engine/refs/refs.h"
#include "engine/tree/tree.h"
#include "kernel/merge_table.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/object_types.h"

namespace varve::engine {

using base::Code;
using base::Context;
using base::Error;
using base::Result;
using base::Task;

namespace {

constexpr std::string_view DefaultMessage = "Import objects";
constexpr std::string_view StrategyKey = ".lakefs.merge.strategy";
constexpr std::string_view LastImportKey = ".lakefs.last.import.timestamp";

Error not_supported() {
  return {Code::PermissionDenied, "import is not supported for this storage"};
}

Error inside_namespace(const std::string& path, const model::StorageNamespace& storage_namespace) {
  return {Code::InvalidArgument, "import path (" + path + ") in repository namespace (" +
                                     storage_namespace.str() +
                                     ") is prohibited: invalid import source"};
}

// A source that lies in the namespace, or a prefix that contains it.
bool touches(const ImportSource& source, const std::string& storage_namespace,
             const std::string& shown_root) {
  const std::string path = undo_shown_root(source.path, shown_root);
  if (path.starts_with(storage_namespace)) return true;
  return source.kind == ImportSource::Kind::Prefix && storage_namespace.starts_with(path);
}

}  // namespace

Task<Result<void>> Imports::check(Context context, RepositoryRef repository, model::BranchId branch,
                                  ImportRequest request) {
  const ports::ObjectStoreCapabilities& store = core_.objects.capabilities();
  if (!store.can_import) co_return not_supported();
  auto found = co_await refs_.get_branch(std::move(context), repository, std::move(branch));
  if (!found) co_return found.error();
  const std::string& storage_namespace = repository->storage_namespace.str();
  for (const ImportSource& source : request.sources) {
    if (touches(source, storage_namespace, store.shown_root)) {
      co_return inside_namespace(source.path, repository->storage_namespace);
    }
    if (!source.path.starts_with(store.type + "://")) {
      co_return Error(Code::InvalidArgument, "import path (" + source.path +
                                                 ") is not in a store of type " + store.type +
                                                 ": invalid import source");
    }
    // A roundabout path would lead into the namespace after all.
    const std::string_view path = without_scheme(source.path);
    const bool is_plain = !store.external_prefixes.has_value() || is_plain_path(path);
    if (has_traversal(path) || !is_plain) {
      co_return Error(Code::InvalidArgument, "import path (" + source.path +
                                                 ") has segments that name no folder: "
                                                 "invalid import source");
    }
  }
  co_return Result<void>();
}

Task<Result<model::MetaRangeId>> Imports::tree_with(Context context, RepositoryRef repository,
                                                    model::CommitId head, SnapshotRef imported,
                                                    ImportRequest request) {
  TreeMergeRequest merge;
  merge.base = std::make_shared<Snapshot>();
  merge.source = std::move(imported);
  VARVE_CO_TRY(merge.destination,
               co_await staging_.head_tree(context, repository, std::move(head)));
  merge.strategy = kernel::MergeStrategy::SourceWins;
  for (ImportSource& source : request.sources) {
    merge.destination_without.push_back(std::move(source.destination));
  }
  co_return co_await snapshots_.merge(std::move(context), std::move(repository), std::move(merge));
}

Task<Result<CommitRef>> Imports::publish(Context context, RepositoryRef repository,
                                         model::BranchId branch, ImportRequest request,
                                         SnapshotRef imported) {
  VARVE_CO_TRY(auto turn, co_await staging_.lock_branch(context, repository, branch));
  for (int tries = 0; tries < model::BranchUpdateTriesMax; ++tries) {
    VARVE_CO_TRY(BranchVersion before, co_await staging_.prepare(context, repository, branch));
    model::Commit commit;
    commit.committer = context.principal();
    commit.message = request.message.empty() ? std::string(DefaultMessage) : request.message;
    commit.metadata = request.metadata;
    commit.metadata[std::string(StrategyKey)] = "source-wins";
    commit.creation_date = core_.clock.now();
    VARVE_CO_TRY(CommitRef parent,
                 co_await refs_.get_commit(context, repository, before.branch.commit_id));
    commit.parents.push_back(parent->id);
    commit.generation = parent->generation + 1;
    VARVE_CO_TRY(commit.meta_range_id,
                 co_await tree_with(context, repository, parent->id, imported, request));
    if (context.is_cancelled()) co_return Error(Code::Cancelled, "Canceled");
    auto published = co_await staging_.commit_branch(context, repository, std::move(before),
                                                     std::move(commit), std::nullopt);
    if (published || published.error().code() != Code::Conflict) co_return published;
  }
  co_return model::too_many_tries();
}

Task<Result<Imported>> Imports::run(Context context, RepositoryRef repository,
                                    model::BranchId branch, ImportRequest request,
                                    std::shared_ptr<ImportProgress> progress) {
  if (repository->read_only && !request.force) co_return model::read_only_repository();
  auto walk = std::make_unique<ImportWalk>(core_, context, request.sources, std::move(progress));
  VARVE_CO_CHECK(co_await walk->open());
  auto empty = std::make_shared<const Snapshot>();
  VARVE_CO_TRY(BuiltTree built,
               co_await snapshots_.apply(context, repository, std::move(empty), std::move(walk)));
  VARVE_CO_TRY(SnapshotRef imported, co_await snapshots_.open(context, repository, built.id));
  VARVE_CO_TRY(CommitRef commit, co_await publish(context, repository, std::move(branch),
                                                  std::move(request), std::move(imported)));
  // Only a note for people and tools; the import is done without it.
  model::Metadata note;
  note[std::string(LastImportKey)] = std::to_string(commit->creation_date.seconds);
  (void)co_await repositories_.set_metadata(std::move(context), std::move(repository),
                                            std::move(note));
  Imported imported_commit{.meta_range_id = commit->meta_range_id, .commit = std::move(commit)};
  co_return imported_commit;
}

}  // namespace varve::engine
