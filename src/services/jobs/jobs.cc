#include "services/jobs/jobs.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/task.h"
#include "base/time.h"
#include "engine/core/core.h"
#include "engine/core/create_rows.h"
#include "engine/dump/dump.h"
#include "engine/imports/imports.h"
#include "engine/repo/repo.h"
#include "format/kv_keys.h"
#include "format/tasks.h"
#include "format/xid.h"
#include "model/errors.h"
#include "model/limits.h"
#include "ports/kv_store.h"
#include "services/jobs/jobs_impl.h"

namespace varve::services {

using base::Code;
using base::Context;
using base::Error;
using base::Result;
using base::Task;

namespace {

constexpr std::size_t TaskIdSuffixBytes = 20;

}  // namespace

Error too_many_tasks() {
  return {Code::ResourceExhausted,
          "too many background tasks are running; at most " + std::to_string(RunningTasksMax)};
}

Context background(const Context& request) {
  auto scope = std::make_shared<base::RequestScope>();
  scope->request_id = request.request_id();
  scope->principal = request.principal();
  return Context(std::move(scope));
}

Jobs::Impl::Impl(base::LoopExecutor loop, ports::KvStore& kv_store, base::Clock& clock_source,
                 base::Rng& rng_source, engine::Repositories& repository_verbs,
                 engine::RefsDumps& dump_verbs, engine::Imports& import_verbs)
    : kv(kv_store),
      clock(clock_source),
      rng(rng_source),
      repositories(repository_verbs),
      dumps(dump_verbs),
      imports(import_verbs),
      xids(clock_source, rng_source),
      instance_id(xids.next()),
      tasks(std::move(loop), RunningTasksMax) {}

Jobs::Jobs(base::LoopExecutor loop, ports::KvStore& kv, base::Clock& clock, base::Rng& rng,
           engine::Repositories& repositories, engine::RefsDumps& dumps, engine::Imports& imports)
    : impl_(std::make_unique<Impl>(std::move(loop), kv, clock, rng, repositories, dumps, imports)) {
}
Jobs::~Jobs() = default;

Task<Result<format::TaskRecord>> Jobs::Impl::register_task(Context context,
                                                           engine::RepositoryRef repository,
                                                           std::string_view prefix,
                                                           std::string operation) {
  if (tasks.size() >= RunningTasksMax) co_return too_many_tasks();
  VARVE_CO_CHECK(co_await beat(context));
  format::TaskRecord task;
  task.id = format::make_task_id(prefix, rng);
  task.updated_at = clock.now();
  task.operation = std::move(operation);
  task.owner_instance_id = instance_id;
  VARVE_CO_TRY(base::Bytes bytes, format::encode_task(task));
  VARVE_CO_CHECK(
      co_await write_row(std::move(context), std::move(repository), task.id, std::move(bytes)));
  co_return task;
}

Task<Result<void>> Jobs::Impl::write_row(Context context, engine::RepositoryRef repository,
                                         std::string id, base::Bytes bytes) {
  ports::KvWrite write;
  write.updates.push_back(
      ports::KvUpdate::set({repository->partition(), format::keys::task(id)}, std::move(bytes)));
  co_return co_await engine::create_rows(&kv, std::move(context), std::move(repository),
                                         std::move(write), std::nullopt);
}

Task<Result<void>> Jobs::Impl::close_row(Context context, engine::RepositoryRef repository,
                                         std::string id, base::Bytes bytes) {
  const ports::KvKey key(repository->partition(), format::keys::task(id));
  ports::KvWrite write;
  write.requirements.push_back(ports::KvRequirement::present(key));
  write.updates.push_back(ports::KvUpdate::set(key, std::move(bytes)));
  co_return co_await kv.write(std::move(context), std::move(write));
}

Task<Result<base::Bytes>> Jobs::Impl::read_row(Context context, engine::RepositoryRef repository,
                                               std::string_view prefix, std::string id) {
  if (!id.starts_with(prefix) || id.size() != prefix.size() + TaskIdSuffixBytes) {
    co_return model::object_not_found();
  }
  ports::KvKey key(repository->partition(), format::keys::task(id));
  VARVE_CO_TRY(auto row, co_await kv.get(std::move(context), std::move(key)));
  if (!row.has_value()) co_return model::object_not_found();
  co_return *std::move(row);
}

Task<Result<std::string>> Jobs::submit_dump(Context context, engine::RepositoryRef repository) {
  VARVE_CO_TRY(format::TaskRecord task,
               co_await impl_->register_task(context, repository, format::DumpTaskPrefix, "dump"));
  std::string id = task.id;
  Task<void> work = impl_->run_dump(background(context), std::move(repository), std::move(task));
  if (!impl_->tasks.spawn(std::move(work))) co_return too_many_tasks();
  co_return id;
}

Task<Result<std::string>> Jobs::submit_restore(Context context, engine::RepositoryRef repository,
                                               format::RefsDump dump, bool force) {
  VARVE_CO_CHECK(co_await impl_->dumps.check_restorable(context, repository));
  VARVE_CO_TRY(
      format::TaskRecord task,
      co_await impl_->register_task(context, repository, format::RestoreTaskPrefix, "restore"));
  std::string id = task.id;
  Task<void> work = impl_->run_restore(background(context), std::move(repository), std::move(task),
                                       std::move(dump), force);
  if (!impl_->tasks.spawn(std::move(work))) co_return too_many_tasks();
  co_return id;
}

Task<void> Jobs::Impl::run_dump(Context context, engine::RepositoryRef repository,
                                format::TaskRecord task) {
  format::DumpStatus status;
  auto dump = co_await dumps.dump(context, repository);
  status.task = std::move(task);
  status.task.done = true;
  status.task.progress = 1;
  status.task.updated_at = clock.now();
  if (dump) {
    status.info = *std::move(dump);
  } else {
    status.task.error = dump.error().message();
  }
  auto bytes = format::encode_dump_status(status);
  if (!bytes) co_return;
  (void)co_await close_row(std::move(context), std::move(repository), status.task.id,
                           *std::move(bytes));
}

Task<void> Jobs::Impl::run_restore(Context context, engine::RepositoryRef repository,
                                   format::TaskRecord task, format::RefsDump dump, bool force) {
  auto restored = co_await dumps.restore(context, repository, std::move(dump), force);
  task.done = true;
  task.progress = 1;
  task.updated_at = clock.now();
  if (!restored) task.error = restored.error().message();
  auto bytes = format::encode_task(task);
  if (!bytes) co_return;
  (void)co_await close_row(std::move(context), std::move(repository), task.id, *std::move(bytes));
}

Task<Result<format::DumpStatus>> Jobs::dump_status(Context context,
                                                   engine::RepositoryRef repository,
                                                   std::string id) {
  VARVE_CO_TRY(base::Bytes row, co_await impl_->read_row(context, std::move(repository),
                                                         format::DumpTaskPrefix, std::move(id)));
  VARVE_CO_TRY(format::DumpStatus status, format::decode_dump_status(row));
  VARVE_CO_CHECK(co_await impl_->settle_orphan(std::move(context), &status.task));
  co_return status;
}

Task<Result<format::TaskRecord>> Jobs::restore_status(Context context,
                                                      engine::RepositoryRef repository,
                                                      std::string id) {
  VARVE_CO_TRY(base::Bytes row, co_await impl_->read_row(context, std::move(repository),
                                                         format::RestoreTaskPrefix, std::move(id)));
  VARVE_CO_TRY(format::TaskRecord task, format::decode_task(row));
  VARVE_CO_CHECK(co_await impl_->settle_orphan(std::move(context), &task));
  co_return task;
}

Task<Result<void>> Jobs::beat(Context context) {
  if (impl_->tasks.size() == 0) co_return Result<void>();
  VARVE_CO_CHECK(co_await impl_->beat(context));
  co_return co_await impl_->beat_imports(std::move(context));
}

Task<Result<void>> Jobs::expire(Context context) {
  VARVE_CO_CHECK(co_await impl_->expire_heartbeats(context));
  engine::RepositoryQuery query;
  query.amount = model::PageMax;
  for (;;) {
    VARVE_CO_TRY(engine::RepositoryPage page, co_await impl_->repositories.list(context, query));
    for (const engine::RepositoryRef& repository : page.rows) {
      VARVE_CO_CHECK(co_await impl_->expire_tasks(context, repository));
      VARVE_CO_CHECK(co_await impl_->expire_imports(context, repository));
    }
    if (!page.has_more) co_return Result<void>();
    query.after = page.rows.back()->id.str();
  }
}

Task<void> Jobs::close() { co_await impl_->tasks.close(); }

std::size_t Jobs::running() const { return impl_->tasks.size(); }

}  // namespace varve::services
