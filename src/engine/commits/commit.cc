// Committing (engine.md 8.5). Under the branch's queue: seal by compare-and-set, build the tree
// from the sealed tokens, then store the commit and move the head in one step. Ranges and metarange
// are in the object store before that step, so nothing published ever dangles.  [I-3] [I-4]
//
// Nothing is sealed when there is nothing to commit, so a refused commit leaves no token behind.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "engine/commits/commits.h"
#include "engine/commits/commits_impl.h"
#include "engine/commits/noting_changes.h"
#include "engine/core/core.h"
#include "engine/core/create_rows.h"
#include "engine/refs/refs.h"
#include "engine/refs/refs_impl.h"
#include "engine/tree/tree.h"
#include "format/changed_paths.h"
#include "format/graveler.h"
#include "format/identity.h"
#include "format/metarange.h"
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

namespace {

Error nothing_to_commit() { return model::no_changes().with("commit"); }

Error branch_moved() { return {Code::Conflict, "the branch has moved"}; }

Error dirty_for_meta_range() {
  return model::make_error(Code::InvalidArgument, model::Detail::DirtyBranch,
                           "cannot use source MetaRange on a branch with uncommitted changes");
}

}  // namespace

Commits::Commits(Core& core, Refs& refs, Snapshots& snapshots, Staging& staging,
                 Protection& protection)
    : impl_(new Impl{core, refs, snapshots, staging, protection}) {}
Commits::~Commits() = default;

Task<Result<BranchVersion>> Commits::Impl::seal(Context context, RepositoryRef repository,
                                                BranchVersion before) {
  if (!before.branch.sealed_tokens.empty()) {
    // An earlier attempt sealed already; if nothing was staged since, one token is enough.
    std::vector<model::StagingToken> current = {before.branch.staging_token};
    VARVE_CO_TRY(bool is_empty, co_await staging.are_empty(context, std::move(current)));
    if (is_empty) co_return before;
  }
  model::Branch after = staging.sealed(*repository, before.branch);
  co_return co_await staging.replace_branch(std::move(context), std::move(repository),
                                            std::move(before), std::move(after));
}

Task<Result<model::MetaRangeId>> Commits::Impl::store_empty_tree(Context context,
                                                                 RepositoryRef repository) {
  VARVE_CO_TRY(format::EncodedMetaRange file, format::encode_metarange({}));
  ports::ObjectAddress address =
      metadata_address(core.options, repository->storage_namespace, file.id.str());
  VARVE_CO_CHECK(co_await core.objects.put_bytes(std::move(context), std::move(address),
                                                 std::move(file.bytes), ports::PutMode::Overwrite));
  co_return std::move(file.id);
}

Task<Result<NewTree>> Commits::Impl::build(Context context, RepositoryRef repository,
                                           model::Branch sealed, SnapshotRef head,
                                           bool allow_empty) {
  format::ChangedPathsWriter noted;
  auto changes = std::make_unique<NotingChanges>(
      staging.changes(context, std::move(sealed.sealed_tokens), "", "", false), noted);
  VARVE_CO_TRY(BuiltTree built,
               co_await snapshots.apply(context, repository, head, std::move(changes)));
  if (built.counts.is_empty() && !allow_empty) co_return nothing_to_commit();
  NewTree tree;
  tree.id = std::move(built.id);
  tree.changes = noted.finish();
  if (tree.id.empty()) {
    VARVE_CO_TRY(tree.id, co_await store_empty_tree(std::move(context), std::move(repository)));
  }
  co_return tree;
}

// Commits of one branch queue, and the one in front takes everything that is staged: also what a
// request further back staged and is about to commit. Losing such a race is not that request's
// fault, so it gets its commit, without changes of its own. The rows of dropped tokens stay for a
// while, which is what makes this answerable.
Task<Result<bool>> Commits::Impl::was_overtaken(Context context, RepositoryRef repository,
                                                BranchVersionRef arrival, model::CommitId head) {
  if (arrival->branch.commit_id == head) co_return false;
  VARVE_CO_TRY(SnapshotRef tree,
               co_await staging.head_tree(context, repository, arrival->branch.commit_id));
  std::vector<model::StagingToken> tokens = Staging::tokens(arrival->branch);
  VARVE_CO_TRY(bool was_clean, co_await staging.is_clean(std::move(context), std::move(repository),
                                                         std::move(tokens), std::move(tree)));
  co_return !was_clean;
}

Task<Result<CommitRef>> Commits::Impl::publish(Context context, RepositoryRef repository,
                                               BranchVersion version, NewTree tree,
                                               CommitRequest request) {
  model::Commit commit;
  commit.committer = context.principal();
  commit.message = std::move(request.message);
  commit.metadata = std::move(request.metadata);
  commit.meta_range_id = std::move(tree.id);
  commit.creation_date =
      request.date.has_value() ? base::Timestamp{*request.date, 0} : core.clock.now();
  if (const model::CommitId& head = version.branch.commit_id; !head.empty()) {
    VARVE_CO_TRY(CommitRef parent, co_await refs.get_commit(context, repository, head));
    commit.parents.push_back(parent->id);
    commit.generation = parent->generation + 1;
  }
  co_return co_await staging.commit_branch(std::move(context), std::move(repository),
                                           std::move(version), std::move(commit),
                                           std::move(tree.changes));
}

Task<Result<CommitRef>> Commits::Impl::attempt(Context context, RepositoryRef repository,
                                               BranchVersionRef arrival, CommitRequest request) {
  const model::BranchId id = arrival->branch.id;
  VARVE_CO_TRY(BranchVersion before, co_await staging.read_branch(context, repository, id));
  VARVE_CO_TRY(SnapshotRef head,
               co_await staging.head_tree(context, repository, before.branch.commit_id));
  std::vector<model::StagingToken> tokens = Staging::tokens(before.branch);
  VARVE_CO_TRY(bool is_clean,
               co_await staging.is_clean(context, repository, std::move(tokens), head));
  NewTree tree;
  BranchVersion version;
  if (request.source_meta_range.has_value() || is_clean) {
    if (!is_clean) co_return dirty_for_meta_range();
    if (request.source_meta_range.has_value()) {
      // No head names a tree that is not there.  [I-4]
      VARVE_CO_CHECK(co_await snapshots.open(context, repository, *request.source_meta_range));
    }
    if (!request.source_meta_range.has_value() && !request.allow_empty) {
      VARVE_CO_TRY(bool is_overtaken,
                   co_await was_overtaken(context, repository, arrival, before.branch.commit_id));
      if (!is_overtaken) co_return nothing_to_commit();
    }
    auto prepared = co_await staging.prepare(context, repository, id);
    if (!prepared.has_value()) {
      // Something was staged since; look again.
      if (model::is(prepared.error(), model::Detail::DirtyBranch)) co_return branch_moved();
      co_return std::move(prepared).error();
    }
    // What prepare() read may be later than what was found clean.
    if (prepared->branch.commit_id != before.branch.commit_id) co_return branch_moved();
    version = *std::move(prepared);
    tree.id = request.source_meta_range.value_or(head->id);
    if (!request.source_meta_range.has_value()) tree.changes.emplace();  // none
    if (tree.id.empty()) {
      VARVE_CO_TRY(tree.id, co_await store_empty_tree(context, repository));
    }
  } else {
    VARVE_CO_TRY(version, co_await seal(context, repository, std::move(before)));
    VARVE_CO_TRY(tree, co_await build(context, repository, version.branch, std::move(head),
                                      request.allow_empty));
  }
  co_return co_await publish(std::move(context), std::move(repository), std::move(version),
                             std::move(tree), std::move(request));
}

Task<Result<CommitRef>> Commits::commit(Context context, RepositoryRef repository,
                                        model::BranchId branch, CommitRequest request) {
  VARVE_CO_CHECK(co_await impl_->protection.check_commit(context, repository, branch));
  if (repository->read_only && !request.force) co_return model::read_only_repository();
  VARVE_CO_TRY(BranchVersionRef arrival,
               co_await impl_->refs.read_branch(context, repository, branch));
  VARVE_CO_TRY(auto guard, co_await impl_->staging.lock_branch(context, repository, branch));
  for (int tries = 0; tries < model::BranchUpdateTriesMax; ++tries) {
    auto made = co_await impl_->attempt(context, repository, arrival, request);
    if (made.has_value() || made.error().code() != Code::Conflict) co_return made;
  }
  co_return model::too_many_tries();
}

Task<Result<void>> Commits::create_record(Context context, RepositoryRef repository,
                                          model::Commit commit, bool force) {
  if (repository->read_only && !force) co_return model::read_only_repository();
  if (format::commit_id(commit) != commit.id) co_return model::invalid_value("commit id");
  VARVE_CO_TRY(base::Bytes bytes, format::encode_commit(commit));
  const ports::KvKey key = commit_key(*repository, commit.id);
  ports::KvWrite write;
  write.requirements.push_back(ports::KvRequirement::absent(key));
  write.updates.push_back(ports::KvUpdate::set(key, std::move(bytes)));
  auto written = co_await create_rows(&impl_->core.kv, std::move(context), std::move(repository),
                                      std::move(write), std::nullopt);
  if (written.has_value()) co_return written;
  if (written.error().code() == Code::Conflict) {
    co_return Error(Code::AlreadyExists, "commit already exists: not unique");
  }
  co_return written;
}

}  // namespace varve::engine
