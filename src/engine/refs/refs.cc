#include "engine/refs/refs.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/refs/refs_impl.h"
#include "format/graveler.h"
#include "format/identity.h"
#include "format/kv_keys.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "model/ref_expr.h"
#include "ports/kv_store.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;

Refs::Refs(Core& core) : impl_(std::make_unique<Impl>(core)) {}
Refs::~Refs() = default;

RefCache& Refs::cache() { return impl_->cache; }

base::Error name_clash(std::string_view what, std::string_view name) {
  std::string text(what);
  text.append(" ").append(name).append(": conflict found");
  return model::make_error(base::Code::Conflict, model::Detail::NameClash, std::move(text));
}

Task<Result<CommitRef>> Refs::Impl::get_commit(Context context, RepositoryRef repository,
                                               model::CommitId id) {
  if (CommitRef known = cache.commit(*repository, id); known != nullptr) co_return known;
  if (id.empty()) co_return model::commit_not_found();
  ports::KvKey key = commit_key(*repository, id);
  VARVE_CO_TRY(auto bytes, co_await core.kv.get(context, std::move(key)));
  if (!bytes.has_value()) co_return model::commit_not_found();
  VARVE_CO_TRY(model::Commit record, format::decode_commit(*bytes));
  if (format::commit_id(record) != id) {
    co_return base::Error(
        base::Code::Corruption,
        "repository " + repository->id.str() + ": commit " + id.str() + " does not hash to its id");
  }
  record.id = std::move(id);
  CommitRef commit = std::make_shared<const model::Commit>(std::move(record));
  cache.put_commit(*repository, commit);
  co_return commit;
}

Task<Result<CommitRef>> Refs::get_commit(Context context, RepositoryRef repository,
                                         model::CommitId id) {
  return impl_->get_commit(std::move(context), std::move(repository), std::move(id));
}

Task<Result<model::CommitId>> Refs::Impl::find_prefix(Context context, RepositoryRef repository,
                                                      std::string prefix) {
  ports::KvScan scan;
  scan.partition = repository->partition();
  scan.from = format::keys::commit(model::CommitId(prefix));
  scan.until = prefix_end(scan.from);
  scan.limit = 2;  // two are as ambiguous as many
  VARVE_CO_TRY(ports::KvPage page, co_await core.kv.scan(context, std::move(scan)));
  if (page.rows.size() != 1) co_return model::object_not_found();
  co_return model::CommitId(
      format::keys::name_after(format::keys::CommitPrefix, page.rows.front().key));
}

Task<Result<Refs::Impl::Base>> Refs::Impl::resolve_base(Context context, RepositoryRef repository,
                                                        std::string name) {
  Base found;
  const bool is_full_id = model::is_full_commit_id(name);
  if (is_full_id && cache.commit(*repository, model::CommitId(name)) != nullptr) {
    found.commit_id = model::CommitId(std::move(name));
    co_return found;
  }
  // A name longer than any key of the store names nothing.
  if (name.size() > model::PathBytesMax) co_return model::object_not_found();
  std::vector<ports::KvKey> keys;
  keys.push_back(branch_key(*repository, model::BranchId(name)));
  keys.push_back(tag_key(*repository, model::TagId(name)));
  if (is_full_id) keys.push_back(commit_key(*repository, model::CommitId(name)));
  VARVE_CO_TRY(auto rows, co_await core.kv.multi_get(context, std::move(keys)));
  if (is_full_id && rows[2].has_value()) {
    found.commit_id = model::CommitId(std::move(name));
    co_return found;
  }
  if (rows[0].has_value()) {
    VARVE_CO_TRY(found.branch, cache.branch_of(*repository, name, *std::move(rows[0])));
    found.commit_id = found.branch->branch.commit_id;
    co_return found;
  }
  if (rows[1].has_value()) {
    VARVE_CO_TRY(model::Tag tag, format::decode_tag(*rows[1]));
    found.commit_id = std::move(tag.commit_id);
    co_return found;
  }
  if (!model::is_commit_prefix(name)) co_return model::object_not_found();
  VARVE_CO_TRY(found.commit_id,
               co_await find_prefix(std::move(context), std::move(repository), std::move(name)));
  co_return found;
}

Task<Result<model::CommitId>> Refs::Impl::walk(Context context, RepositoryRef repository,
                                               model::CommitId from,
                                               std::vector<model::RefModifier> modifiers) {
  for (const model::RefModifier& modifier : modifiers) {
    const bool is_parent = modifier.kind == model::RefModifier::Kind::Parent;
    const std::uint32_t steps = is_parent ? (modifier.count == 0 ? 0 : 1) : modifier.count;
    for (std::uint32_t step = 0; step < steps; ++step) {
      auto commit = co_await get_commit(context, repository, from);
      if (!commit.has_value()) co_return std::move(commit).error();
      const std::vector<model::CommitId>& parents = (*commit)->parents;
      const std::size_t index = is_parent ? modifier.count - 1 : 0;
      if (index >= parents.size()) {
        if (is_parent) co_return model::invalid_value("ref");
        co_return model::object_not_found();
      }
      from = parents[index];
    }
  }
  co_return from;
}

Task<Result<ResolvedRef>> Refs::resolve(Context context, RepositoryRef repository,
                                        model::RefExpr ref) {
  VARVE_CO_TRY(Impl::Base found,
               co_await impl_->resolve_base(context, repository, std::move(ref.base)));
  ResolvedRef resolved;
  if (ref.modifiers.empty() || ref.modifiers.front().kind == model::RefModifier::Kind::Committed ||
      ref.names_staging()) {
    if (found.branch == nullptr && !ref.modifiers.empty()) co_return model::invalid_value("ref");
    resolved.commit_id = std::move(found.commit_id);
    resolved.is_staging = ref.names_staging();
    const bool has_uncommitted = ref.modifiers.empty() || resolved.is_staging;
    if (has_uncommitted && found.branch != nullptr) {
      resolved.branch = found.branch->branch;
      resolved.version = std::move(found.branch);
    }
    co_return resolved;
  }
  auto walked = co_await impl_->walk(std::move(context), std::move(repository),
                                     std::move(found.commit_id), std::move(ref.modifiers));
  if (!walked.has_value()) {
    if (model::is(walked.error(), model::Detail::CommitMissing)) {
      co_return model::object_not_found();
    }
    co_return std::move(walked).error();
  }
  resolved.commit_id = *std::move(walked);
  co_return resolved;
}

Task<Result<CommitRef>> Refs::resolve_commit(Context context, RepositoryRef repository,
                                             model::RefExpr ref) {
  if (ref.names_staging()) {
    // The name is looked up first: a missing branch is "not found" whatever follows it.
    std::string text = ref.text;
    VARVE_CO_CHECK(co_await resolve(std::move(context), std::move(repository), std::move(ref)));
    co_return model::staging_is_no_commit(text);
  }
  VARVE_CO_TRY(ResolvedRef resolved, co_await resolve(context, repository, std::move(ref)));
  co_return co_await impl_->get_commit(std::move(context), std::move(repository),
                                       std::move(resolved.commit_id));
}

}  // namespace varve::engine
