// Deleting a repository: mark the record, remove everything it has in the key-value store, remove
// the record. Each step may be repeated, so a deletion that stopped half-way is finished by asking
// again. Objects stay. What runs beside it finds its requirements broken and leaves nothing behind:
// whatever makes a row wants the record unmarked, whatever else wants its branch's row.
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

// A branch that moves meanwhile is read again: what its row holds when it goes is what is queued.
// None comes into being behind the walk (create_rows.h).
Task<Result<void>> Repositories::Impl::erase_branches(Context context, std::string partition) {
  ports::KvScan scan;
  scan.partition = std::move(partition);
  scan.from = keys::BranchPrefix;
  scan.until = prefix_end(keys::BranchPrefix);
  scan.limit = model::RefsPageKv;
  for (int tries = 0; tries < model::BranchUpdateTriesMax;) {
    VARVE_CO_TRY(ports::KvPage page, co_await core.kv.scan(context, scan));
    if (page.rows.empty()) co_return Result<void>();
    ports::KvWrite write;
    std::vector<model::StagingToken> rest;
    for (ports::KvRow& row : page.rows) {
      VARVE_CO_TRY(model::Branch branch, format::decode_branch(row.value));
      std::vector<model::StagingToken> tokens = std::move(branch.sealed_tokens);
      tokens.push_back(std::move(branch.staging_token));
      const bool has_room = write.updates.size() + 1 + tokens.size() <= ports::KvUpdatesMax;
      if (!has_room && !write.updates.empty()) break;
      ports::KvKey key(scan.partition, std::move(row.key));
      write.requirements.push_back(ports::KvRequirement::equals(key, std::move(row.value)));
      write.updates.push_back(ports::KvUpdate::erase(std::move(key)));
      rest = add_dropped(write, std::move(tokens), 0);
      if (!rest.empty()) break;
    }
    std::string last = write.requirements.back().key.key;
    auto written = co_await core.kv.write(context, std::move(write));
    if (written.has_value()) {
      VARVE_CO_CHECK(co_await queue_dropped(&core.kv, context, std::move(rest)));
      scan.from = std::move(last);
      scan.is_from_exclusive = true;
      tries = 0;
      continue;
    }
    if (written.error().code() != Code::Conflict) co_return written;
    ++tries;
  }
  co_return model::too_many_tries();
}

Task<Result<void>> Repositories::Impl::erase_rows_elsewhere(Context context,
                                                            model::Repository repository) {
  const std::string partition = repository.partition();
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
    VARVE_CO_TRY(model::Repository stored, co_await impl_->read(context, id));
    if (stored.read_only && !force) co_return model::read_only_repository();
    const ports::KvKey key = repository_key(id);
    if (stored.state != model::RepositoryState::InDeletion) {
      stored.state = model::RepositoryState::InDeletion;
      VARVE_CO_TRY(base::Bytes marked, format::encode_repository(stored));
      ports::KvWrite mark;
      mark.requirements.push_back(ports::KvRequirement::equals(key, std::move(stored.record)));
      mark.updates.push_back(ports::KvUpdate::set(key, marked));
      auto written = co_await impl_->core.kv.write(context, std::move(mark));
      impl_->cache.drop(id.view());
      if (!written.has_value()) {
        if (written.error().code() == Code::Conflict) continue;
        co_return std::move(written).error();
      }
      stored.record = std::move(marked);
    }
    const std::string partition = stored.partition();
    VARVE_CO_CHECK(co_await impl_->erase_branches(context, partition));
    VARVE_CO_CHECK(co_await impl_->erase_rows_elsewhere(context, stored));
    VARVE_CO_CHECK(co_await impl_->core.kv.delete_range(context, partition, "", ""));
    ports::KvWrite remove;
    remove.requirements.push_back(ports::KvRequirement::equals(key, std::move(stored.record)));
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
