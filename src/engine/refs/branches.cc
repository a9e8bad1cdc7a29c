#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/core/create_rows.h"
#include "engine/core/dropped_tokens.h"
#include "engine/core/kv_walk.h"
#include "engine/refs/refs.h"
#include "engine/refs/refs_impl.h"
#include "format/graveler.h"
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
namespace keys = format::keys;

namespace {

base::Error branch_exists() {
  return {base::Code::AlreadyExists, "branch already exists: not unique"};
}

std::vector<model::StagingToken> tokens_of(const model::Branch& branch) {
  std::vector<model::StagingToken> tokens = branch.sealed_tokens;
  tokens.push_back(branch.staging_token);
  return tokens;
}

}  // namespace

Task<Result<BranchVersionRef>> Refs::Impl::read_branch(Context context, RepositoryRef repository,
                                                       model::BranchId id) {
  ports::KvKey key = branch_key(*repository, id);
  VARVE_CO_TRY(auto bytes, co_await core.kv.get(std::move(context), std::move(key)));
  if (!bytes.has_value()) {
    cache.drop_branch(*repository, id.view());
    co_return model::branch_not_found();
  }
  co_return cache.branch_of(*repository, id.view(), *std::move(bytes));
}

Task<Result<BranchVersionRef>> Refs::read_branch(Context context, RepositoryRef repository,
                                                 model::BranchId id) {
  return impl_->read_branch(std::move(context), std::move(repository), std::move(id));
}

Task<Result<model::Branch>> Refs::get_branch(Context context, RepositoryRef repository,
                                             model::BranchId id) {
  VARVE_CO_TRY(
      BranchVersionRef version,
      co_await impl_->read_branch(std::move(context), std::move(repository), std::move(id)));
  co_return version->branch;
}

Task<Result<model::Branch>> Refs::create_branch(Context context, RepositoryRef repository,
                                                model::BranchId id, model::RefExpr source,
                                                bool is_hidden, bool force) {
  std::vector<ports::KvKey> names;
  names.push_back(branch_key(*repository, id));
  names.push_back(tag_key(*repository, model::TagId(id.view())));
  if (model::is_full_commit_id(id.view())) {
    names.push_back(commit_key(*repository, model::CommitId(id.view())));
  }
  VARVE_CO_TRY(auto taken, co_await impl_->core.kv.multi_get(context, std::move(names)));
  if (taken.size() > 2 && taken[2].has_value()) co_return name_clash("commit ID", id.view());
  if (taken[1].has_value()) co_return name_clash("tag ID", id.view());
  if (repository->read_only && !force) co_return model::read_only_repository();

  const std::string prefix = "source reference '" + source.text + "'";
  auto resolved = co_await resolve(context, repository, std::move(source));
  if (!resolved.has_value()) co_return std::move(resolved).error().with(prefix);
  if (resolved->is_staging) {
    co_return model::make_error(base::Code::Internal, model::Detail::StagingBranchSource,
                                prefix + ": can't create a branch without commit");
  }
  if (taken[0].has_value()) co_return branch_exists();

  model::Branch branch;
  branch.id = id;
  branch.commit_id = std::move(resolved->commit_id);
  branch.staging_token = new_staging_token(impl_->core, repository->id, id);
  branch.hidden = is_hidden;
  auto version = std::make_shared<BranchVersion>();
  VARVE_CO_TRY(version->bytes, format::encode_branch(branch));
  ports::KvWrite write;
  write.requirements.push_back(ports::KvRequirement::absent(branch_key(*repository, id)));
  write.requirements.push_back(
      ports::KvRequirement::absent(tag_key(*repository, model::TagId(id.view()))));
  write.updates.push_back(ports::KvUpdate::set(branch_key(*repository, id), version->bytes));
  impl_->cache.tokens().add_fresh(branch.staging_token);
  ports::KvUpdate witness = write.updates.front();
  auto written = co_await create_rows(&impl_->core.kv, context, repository, std::move(write),
                                      std::move(witness));
  if (!written.has_value()) {
    if (written.error().code() != base::Code::Conflict) co_return std::move(written).error();
    // Somebody was faster; the tag is asked first, as above.
    ports::KvKey tag = tag_key(*repository, model::TagId(id.view()));
    VARVE_CO_TRY(auto tag_row, co_await impl_->core.kv.get(context, std::move(tag)));
    if (tag_row.has_value()) co_return name_clash("tag ID", id.view());
    co_return branch_exists();
  }
  version->branch = branch;
  impl_->cache.put_branch(*repository, std::move(version));
  co_return branch;
}

Task<Result<void>> Refs::erase_branch(Context context, RepositoryRef repository, model::BranchId id,
                                      bool force) {
  if (repository->read_only && !force) co_return model::read_only_repository();
  if (id == repository->default_branch) co_return model::cannot_delete_default_branch();
  for (int tries = 0; tries < model::BranchUpdateTriesMax; ++tries) {
    VARVE_CO_TRY(BranchVersionRef version, co_await impl_->read_branch(context, repository, id));
    ports::KvWrite write;
    write.requirements.push_back(
        ports::KvRequirement::equals(branch_key(*repository, id), version->bytes));
    write.updates.push_back(ports::KvUpdate::erase(branch_key(*repository, id)));
    auto dropped = add_dropped(write, tokens_of(version->branch), 0);
    impl_->cache.drop_branch(*repository, id.view());
    auto written = co_await impl_->core.kv.write(context, std::move(write));
    if (written.has_value()) {
      (void)co_await queue_dropped(&impl_->core.kv, Context(), std::move(dropped));
      co_return Result<void>();
    }
    if (written.error().code() != base::Code::Conflict) co_return std::move(written).error();
  }
  co_return model::too_many_tries();
}

Task<Result<BranchPage>> Refs::list_branches(Context context, RepositoryRef repository,
                                             RefQuery query) {
  const std::string prefix = std::string(keys::BranchPrefix) + query.prefix;
  const std::string after = std::string(keys::BranchPrefix) + query.after;
  const std::size_t amount = query.amount < 0 ? 0 : static_cast<std::size_t>(query.amount);
  KvWalk walk(impl_->core.kv, context, repository->partition(), prefix,
              query.after.empty() ? std::string_view() : std::string_view(after),
              std::min<std::size_t>(amount + 1, model::RefsPageKv));
  BranchPage page;
  for (;;) {
    VARVE_CO_TRY(std::vector<ports::KvRow> rows, co_await walk.next());
    if (rows.empty()) co_return page;
    for (const ports::KvRow& row : rows) {
      VARVE_CO_TRY(model::Branch branch, format::decode_branch(row.value));
      if (branch.hidden && !query.show_hidden) continue;
      if (page.rows.size() == amount) {
        page.has_more = true;
        co_return page;
      }
      page.rows.push_back(std::move(branch));
    }
  }
}

}  // namespace varve::engine
