// Making a repository. The namespace is claimed first, by a marker object that only one creator can
// put; then root commit, default branch and record appear in one step, so there is no half-made
// repository.  [I-4]
#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/core/address_text.h"
#include "engine/core/core.h"
#include "engine/core/kv_write.h"
#include "engine/repo/repo.h"
#include "engine/repo/repo_impl.h"
#include "format/graveler.h"
#include "format/identity.h"
#include "format/kv_keys.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/records.h"
#include "ports/kv_store.h"
#include "ports/object_types.h"

namespace varve::engine {

using base::Code;
using base::Context;
using base::Error;
using base::Result;
using base::Task;
namespace keys = format::keys;

namespace {

constexpr std::string_view MarkerName = "dummy";
constexpr std::string_view MarkerText = "this file marks the storage namespace of a repository";
constexpr std::string_view CreateFailed = "failed to create repository";

Error not_unique() { return {Code::AlreadyExists, "error creating repository: not unique"}; }

Error namespace_in_use(const model::StorageNamespace& storage_namespace,
                       const model::StorageId& storage_id, std::string_view key) {
  std::string text(CreateFailed);
  text.append(": found lakeFS objects in the storage (").append(storage_id.view()).append(":");
  text.append(storage_namespace.view()).append(") key(").append(key);
  text.append("): storage namespace already in use");
  return model::make_error(Code::InvalidArgument, model::Detail::NamespaceInUse, std::move(text));
}

Error no_access() {
  return Error(Code::InvalidArgument, "failed to access storage").with(CreateFailed);
}

// What went wrong with the store, as the one who creates a repository is told.
Error access_error(const Error& error, const ports::ObjectStoreCapabilities& store) {
  if (error.code() == Code::InvalidArgument) {
    return Error(Code::InvalidArgument, "invalid address: must match: " + store.type)
        .with(CreateFailed);
  }
  if (model::is(error, model::Detail::StorageFull)) return Error(error).with(CreateFailed);
  return no_access();
}

Result<void> check_namespace_form(const ports::ObjectStoreCapabilities& store,
                                  const model::StorageNamespace& storage_namespace) {
  const std::regex form(store.namespace_regex);
  if (!std::regex_search(storage_namespace.str(), form)) {
    return Error(Code::InvalidArgument,
                 "failed to match required regex " + store.namespace_regex + ": invalid namespace");
  }
  // The root of a store is above every repository in it, and so would be whatever climbs there.
  const std::string_view folder = without_scheme(storage_namespace.view());
  const bool is_plain = !store.external_prefixes.has_value() || is_plain_path(folder);
  if (folder.find_first_not_of('/') != std::string_view::npos && !has_traversal(folder) &&
      is_plain) {
    return {};
  }
  return Error(Code::InvalidArgument, "names no folder of its own: invalid namespace");
}

model::Commit root_commit(base::Timestamp now) {
  model::Commit root;
  root.message = "Repository created";
  root.creation_date = now;
  root.generation = 1;
  root.id = format::commit_id(root);
  return root;
}

}  // namespace

Task<Result<void>> Repositories::Impl::claim_namespace(Context context,
                                                       model::StorageNamespace storage_namespace,
                                                       model::StorageId storage_id) {
  const ports::ObjectStoreCapabilities& store = core.objects.capabilities();
  if (core.options.ensure_readable_root_namespace) {
    ports::ObjectAddress root =
        resolve_address(storage_namespace, model::AddressType::Relative, std::string(MarkerName));
    auto found = co_await core.objects.stat(context, std::move(root));
    if (found.has_value()) co_return namespace_in_use(storage_namespace, storage_id, MarkerName);
    if (found.error().code() != Code::NotFound) co_return access_error(found.error(), store);
  }
  const std::string key = core.options.block_storage_prefix + "/" + std::string(MarkerName);
  const ports::ObjectAddress marker =
      metadata_address(core.options, storage_namespace, std::string(MarkerName));
  auto put = co_await core.objects.put_bytes(context, marker, base::Bytes(MarkerText),
                                             ports::PutMode::IfAbsent);
  if (!put.has_value()) {
    if (put.error().code() == Code::AlreadyExists) {
      co_return namespace_in_use(storage_namespace, storage_id, key);
    }
    co_return access_error(put.error(), store);
  }
  const bool is_readable = co_await reads_marker(context, marker);
  if (is_readable) co_return Result<void>();
  co_await release_namespace(std::move(storage_namespace));
  co_return no_access();
}

Task<bool> Repositories::Impl::reads_marker(Context context, ports::ObjectAddress marker) {
  auto reader =
      co_await core.objects.get(std::move(context), std::move(marker), ports::ByteRange());
  if (!reader.has_value()) co_return false;
  const auto text = co_await (*reader)->read(MarkerText.size() + 1);
  co_return text.has_value() && *text == MarkerText;
}

// Best effort: a marker left behind keeps the namespace from the next who asks for it. Whoever has
// gone away is owed that as well, so their cancellation does not count.
Task<void> Repositories::Impl::release_namespace(model::StorageNamespace storage_namespace) {
  ports::ObjectAddress marker =
      metadata_address(core.options, storage_namespace, std::string(MarkerName));
  (void)co_await core.objects.erase(Context(), std::move(marker));
}

Task<Result<RepositoryRef>> Repositories::Impl::write_records(Context context,
                                                              model::Repository repository,
                                                              bool is_bare) {
  ports::KvWrite write;
  const ports::KvKey key = repository_key(repository.id);
  write.requirements.push_back(ports::KvRequirement::absent(key));
  if (!is_bare) {
    const model::Commit root = root_commit(repository.creation_date);
    model::Branch branch;
    branch.id = repository.default_branch;
    branch.commit_id = root.id;
    branch.staging_token = new_staging_token(core, repository.id, branch.id);
    VARVE_CO_TRY(base::Bytes commit_bytes, format::encode_commit(root));
    VARVE_CO_TRY(base::Bytes branch_bytes, format::encode_branch(branch));
    const std::string partition = repository.partition();
    write.updates.push_back(
        ports::KvUpdate::set({partition, keys::commit(root.id)}, std::move(commit_bytes)));
    write.updates.push_back(
        ports::KvUpdate::set({partition, keys::branch(branch.id)}, std::move(branch_bytes)));
  }
  VARVE_CO_TRY(repository.record, format::encode_repository(repository));
  write.updates.push_back(ports::KvUpdate::set(key, repository.record));
  VARVE_CO_CHECK(co_await write_settled(&core.kv, std::move(context), std::move(write), key,
                                        repository.record));
  co_return std::make_shared<const model::Repository>(std::move(repository));
}

Task<Result<bool>> Repositories::Impl::is_taken(Context context, model::RepositoryId id) {
  ports::KvKey key = repository_key(id);
  VARVE_CO_TRY(const auto row, co_await core.kv.get(std::move(context), std::move(key)));
  co_return row.has_value();
}

// Creators of one name take turns, so that the later one meets the record of the first rather than
// the marker in its namespace, which says less.
Task<Result<RepositoryRef>> Repositories::create(Context context, NewRepository wanted) {
  auto turn = co_await impl_->creations.lock(context, wanted.id.str());
  if (!turn.has_value()) {
    if (turn.error().code() == Code::ResourceExhausted) co_return model::too_many_tries();
    co_return std::move(turn).error();
  }
  VARVE_CO_TRY(const bool is_taken, co_await impl_->is_taken(context, wanted.id));
  if (is_taken) co_return not_unique();
  if (!wanted.storage_id.empty()) co_return model::invalid_value("storage id");
  VARVE_CO_CHECK(
      check_namespace_form(impl_->core.objects.capabilities(), wanted.storage_namespace));
  if (wanted.default_branch.empty()) wanted.default_branch = model::BranchId("main");
  auto default_branch = model::parse_branch_id(wanted.default_branch.view());
  if (!default_branch.has_value()) {
    co_return std::move(default_branch).error().with("argument default_branch");
  }

  model::Repository repository;
  repository.id = wanted.id;
  repository.storage_namespace = wanted.storage_namespace;
  repository.storage_id = wanted.storage_id;
  repository.default_branch = wanted.default_branch;
  repository.read_only = wanted.is_read_only;
  repository.creation_date = impl_->core.clock.now();
  repository.instance_uid = impl_->ids.next();

  const bool has_marker = !wanted.is_bare && !wanted.is_read_only;
  if (has_marker) {
    auto claimed =
        co_await impl_->claim_namespace(context, wanted.storage_namespace, wanted.storage_id);
    if (!claimed.has_value()) {
      // Perhaps by another server's repository of this name, made since we looked.
      VARVE_CO_TRY(const bool is_taken_now, co_await impl_->is_taken(context, wanted.id));
      if (is_taken_now) co_return not_unique();
      co_return std::move(claimed).error();
    }
  }
  auto written = co_await impl_->write_records(context, std::move(repository), wanted.is_bare);
  impl_->cache.drop(wanted.id.view());
  if (!written.has_value()) {
    // Nothing was made, so the namespace is free again.
    if (has_marker && written.error().code() != Code::OutcomeUnknown) {
      co_await impl_->release_namespace(wanted.storage_namespace);
    }
    if (written.error().code() == Code::Conflict) co_return not_unique();
  }
  co_return written;
}

}  // namespace varve::engine
