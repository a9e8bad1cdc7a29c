// Tasks whose server is gone, and rows nobody will ask for again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/core/core.h"
#include "format/kv_keys.h"
#include "format/tasks.h"
#include "ports/kv_store.h"
#include "services/jobs/jobs.h"
#include "services/jobs/jobs_impl.h"

namespace varve::services {

using base::Context;
using base::Result;
using base::Task;
namespace keys = format::keys;

namespace {

constexpr std::string_view OrphanError =
    "interrupted: the server that ran this task has stopped; submit it again";
constexpr std::size_t PageRows = 256;

std::int64_t age_seconds(base::Timestamp now, base::Timestamp then) {
  return now.seconds - then.seconds;
}

}  // namespace

Task<Result<void>> Jobs::Impl::beat(Context context) {
  ports::KvWrite write;
  write.updates.push_back(
      ports::KvUpdate::set({std::string(keys::CatalogPartition), keys::instance(instance_id)},
                           format::encode_heartbeat(clock.now())));
  co_return co_await kv.write(std::move(context), std::move(write));
}

Task<Result<void>> Jobs::Impl::settle_orphan(Context context, format::TaskRecord* task) {
  if (task->done || task->owner_instance_id == instance_id) co_return Result<void>();
  ports::KvKey key(std::string(keys::CatalogPartition), keys::instance(task->owner_instance_id));
  VARVE_CO_TRY(auto row, co_await kv.get(std::move(context), std::move(key)));
  if (row.has_value()) {
    VARVE_CO_TRY(base::Timestamp beat_at, format::decode_heartbeat(*row));
    if (age_seconds(clock.now(), beat_at) <= HeartbeatSecondsMax) co_return Result<void>();
  }
  task->done = true;
  task->error = OrphanError;
  co_return Result<void>();
}

Task<Result<void>> Jobs::Impl::expire_tasks(Context context, engine::RepositoryRef repository) {
  ports::KvScan scan;
  scan.partition = repository->partition();
  scan.from = keys::TaskPrefix;
  scan.until = engine::prefix_end(keys::TaskPrefix);
  scan.limit = PageRows;
  for (;;) {
    VARVE_CO_TRY(ports::KvPage page, co_await kv.scan(context, scan));
    ports::KvWrite write;
    for (const ports::KvRow& row : page.rows) {
      VARVE_CO_TRY(format::TaskRecord task, format::decode_task(row.value));
      if (age_seconds(clock.now(), task.updated_at) < TaskRetentionSeconds) continue;
      write.updates.push_back(ports::KvUpdate::erase({scan.partition, row.key}));
    }
    if (!write.updates.empty()) VARVE_CO_CHECK(co_await kv.write(context, std::move(write)));
    if (!page.has_more) co_return Result<void>();
    scan.from = page.rows.back().key;
    scan.is_from_exclusive = true;
  }
}

Task<Result<void>> Jobs::Impl::expire_heartbeats(Context context) {
  ports::KvScan scan;
  scan.partition = keys::CatalogPartition;
  scan.from = keys::InstancePrefix;
  scan.until = engine::prefix_end(keys::InstancePrefix);
  scan.limit = PageRows;
  VARVE_CO_TRY(ports::KvPage page, co_await kv.scan(context, scan));
  ports::KvWrite write;
  for (const ports::KvRow& row : page.rows) {
    VARVE_CO_TRY(base::Timestamp beat_at, format::decode_heartbeat(row.value));
    if (age_seconds(clock.now(), beat_at) < TaskRetentionSeconds) continue;
    write.updates.push_back(ports::KvUpdate::erase({scan.partition, row.key}));
  }
  if (write.updates.empty()) co_return Result<void>();
  co_return co_await kv.write(std::move(context), std::move(write));
}

}  // namespace varve::services
