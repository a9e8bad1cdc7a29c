// Deleting a repository: mark the record, remove everything it has in the key-value store, remove
// the record. Each step may be repeated, so a deletion that stopped half-way is finished by asking
// again. Objects stay.
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/core/dropped_tokens.h"
#include "engine/core/kv_walk.h"
#include "engine/core/upload_index.h"
#include "engine/repo/repo.h"
#include "engine/repo/repo_impl.h"
#include "format/graveler.h"
#include "format/kv_keys.h"
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
namespace keys = format::keys;

Task<Result<void>> Repositories::Impl::erase_rows_elsewhere(Context context,
                                                            model::Repository repository) {
  const std::string partition = repository.partition();
  KvWalk branches(core.kv, context, partition, keys::BranchPrefix, "", model::RefsPageKv);
  for (;;) {
    VARVE_CO_TRY(std::vector<ports::KvRow> rows, co_await branches.next());
    if (rows.empty()) break;
    std::vector<model::StagingToken> tokens;
    for (const ports::KvRow& row : rows) {
      VARVE_CO_TRY(model::Branch branch, format::decode_branch(row.value));
      tokens.push_back(std::move(branch.staging_token));
      for (model::StagingToken& token : branch.sealed_tokens) tokens.push_back(std::move(token));
    }
    VARVE_CO_CHECK(co_await queue_dropped(core.kv, context, std::move(tokens)));
  }
  KvWalk uploads(core.kv, context, partition, UploadIndexPrefix, "", model::RefsPageKv);
  for (;;) {
    VARVE_CO_TRY(std::vector<ports::KvRow> rows, co_await uploads.next());
    if (rows.empty()) break;
    ports::KvWrite write;
    for (const ports::KvRow& row : rows) {
      const auto name = parse_upload_index_key(row.key);
      if (!name.has_value()) continue;
      write.updates.push_back(
          ports::KvUpdate::erase({std::string(keys::MultipartsPartition), name->id.str()}));
    }
    VARVE_CO_CHECK(co_await core.kv.write(context, std::move(write)));
  }
  const std::string pulls = "repos/" + partition + "/";
  VARVE_CO_CHECK(co_await core.kv.delete_range(context, std::string(keys::PullsPartition), pulls,
                                               prefix_end(pulls)));
  const std::string runs = "repos/" + repository.id.str() + "/";
  co_return co_await core.kv.delete_range(context, std::string(keys::ActionsPartition), runs,
                                          prefix_end(runs));
}

Task<Result<void>> Repositories::erase(Context context, model::RepositoryId id, bool force) {
  for (int tries = 0; tries < model::BranchUpdateTriesMax; ++tries) {
    VARVE_CO_TRY(Impl::Stored stored, co_await impl_->read(context, id));
    if (stored.repository.read_only && !force) co_return model::read_only_repository();
    const ports::KvKey key = repository_key(id);
    if (stored.repository.state != model::RepositoryState::InDeletion) {
      stored.repository.state = model::RepositoryState::InDeletion;
      VARVE_CO_TRY(base::Bytes marked, format::encode_repository(stored.repository));
      ports::KvWrite mark;
      mark.requirements.push_back(ports::KvRequirement::equals(key, std::move(stored.bytes)));
      mark.updates.push_back(ports::KvUpdate::set(key, marked));
      auto written = co_await impl_->core.kv.write(context, std::move(mark));
      impl_->cache.drop(id.view());
      if (!written.has_value()) {
        if (written.error().code() == Code::Conflict) continue;
        co_return std::move(written).error();
      }
      stored.bytes = std::move(marked);
    }
    VARVE_CO_CHECK(co_await impl_->erase_rows_elsewhere(context, stored.repository));
    VARVE_CO_CHECK(
        co_await impl_->core.kv.delete_range(context, stored.repository.partition(), "", ""));
    ports::KvWrite remove;
    remove.requirements.push_back(ports::KvRequirement::equals(key, std::move(stored.bytes)));
    remove.updates.push_back(ports::KvUpdate::erase(key));
    auto removed = co_await impl_->core.kv.write(context, std::move(remove));
    impl_->cache.drop(id.view());
    // Conflict: another deletion was faster, and perhaps the name is taken again by now.
    if (removed.has_value() || removed.error().code() == Code::Conflict) co_return Result<void>();
    co_return std::move(removed).error();
  }
  co_return model::too_many_tries();
}

}  // namespace varve::engine
