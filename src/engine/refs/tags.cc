#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/core/create_rows.h"
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

base::Error tag_exists() { return {base::Code::AlreadyExists, "tag already exists: not unique"}; }

}  // namespace

Task<Result<model::Tag>> Refs::create_tag(Context context, RepositoryRef repository,
                                          model::TagId id, model::RefExpr ref, bool force) {
  std::vector<ports::KvKey> names;
  names.push_back(tag_key(*repository, id));
  names.push_back(branch_key(*repository, model::BranchId(id.view())));
  if (model::is_full_commit_id(id.view())) {
    names.push_back(commit_key(*repository, model::CommitId(id.view())));
  }
  VARVE_CO_TRY(auto taken, co_await impl_->core.kv.multi_get(context, std::move(names)));
  if (taken[1].has_value()) co_return name_clash("branch name", id.view());
  if (taken.size() > 2 && taken[2].has_value()) co_return name_clash("commit ID", id.view());

  std::string text = ref.text;
  VARVE_CO_TRY(ResolvedRef resolved, co_await resolve(context, repository, std::move(ref)));
  if (resolved.is_staging) co_return model::staging_is_no_commit(text);
  if (repository->read_only && !force) co_return model::read_only_repository();
  if (taken[0].has_value()) co_return tag_exists();

  model::Tag tag;
  tag.id = id;
  tag.commit_id = std::move(resolved.commit_id);
  VARVE_CO_TRY(base::Bytes bytes, format::encode_tag(tag));
  ports::KvKey branch = branch_key(*repository, model::BranchId(id.view()));
  ports::KvWrite write;
  write.requirements.push_back(ports::KvRequirement::absent(tag_key(*repository, id)));
  write.requirements.push_back(ports::KvRequirement::absent(branch));
  write.updates.push_back(ports::KvUpdate::set(tag_key(*repository, id), std::move(bytes)));
  ports::KvUpdate witness = write.updates.front();
  auto written = co_await create_rows(&impl_->core.kv, context, repository, std::move(write),
                                      std::move(witness));
  if (!written.has_value()) {
    if (written.error().code() != base::Code::Conflict) co_return std::move(written).error();
    VARVE_CO_TRY(auto branch_row, co_await impl_->core.kv.get(context, std::move(branch)));
    if (branch_row.has_value()) co_return name_clash("branch name", id.view());
    co_return tag_exists();
  }
  co_return tag;
}

Task<Result<model::Tag>> Refs::get_tag(Context context, RepositoryRef repository, model::TagId id) {
  ports::KvKey key = tag_key(*repository, id);
  VARVE_CO_TRY(auto bytes, co_await impl_->core.kv.get(std::move(context), std::move(key)));
  if (!bytes.has_value()) co_return model::tag_not_found();
  co_return format::decode_tag(*bytes);
}

Task<Result<void>> Refs::erase_tag(Context context, RepositoryRef repository, model::TagId id,
                                   bool force) {
  if (repository->read_only && !force) co_return model::read_only_repository();
  ports::KvWrite write;
  write.requirements.push_back(ports::KvRequirement::present(tag_key(*repository, id)));
  write.updates.push_back(ports::KvUpdate::erase(tag_key(*repository, id)));
  auto written = co_await impl_->core.kv.write(std::move(context), std::move(write));
  if (written.has_value()) co_return Result<void>();
  if (written.error().code() == base::Code::Conflict) co_return model::tag_not_found();
  co_return std::move(written).error();
}

Task<Result<TagPage>> Refs::list_tags(Context context, RepositoryRef repository, RefQuery query) {
  const std::string prefix = std::string(keys::TagPrefix) + query.prefix;
  const std::string after = std::string(keys::TagPrefix) + query.after;
  const std::size_t amount = query.amount < 0 ? 0 : static_cast<std::size_t>(query.amount);
  KvWalk walk(impl_->core.kv, context, repository->partition(), prefix,
              query.after.empty() ? std::string_view() : std::string_view(after),
              std::min<std::size_t>(amount + 1, model::RefsPageKv));
  TagPage page;
  for (;;) {
    VARVE_CO_TRY(std::vector<ports::KvRow> rows, co_await walk.next());
    if (rows.empty()) co_return page;
    for (const ports::KvRow& row : rows) {
      if (page.rows.size() == amount) {
        page.has_more = true;
        co_return page;
      }
      VARVE_CO_TRY(model::Tag tag, format::decode_tag(row.value));
      page.rows.push_back(std::move(tag));
    }
  }
}

}  // namespace varve::engine
