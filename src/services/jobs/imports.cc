// Imports as tasks. The row is written before submit answers and renewed by beat(); a row that is
// neither finished nor renewed belongs to a server that is gone.
#include "engine/imports/imports.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/core/create_rows.h"
#include "format/graveler.h"
#include "format/kv_keys.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/kv_store.h"
#include "services/jobs/jobs.h"
#include "services/jobs/jobs_impl.h"

namespace varve::services {

using base::Code;
using base::Context;
using base::Result;
using base::Task;
namespace keys = format::keys;

namespace {

constexpr std::string_view Canceled = "Canceled";
constexpr std::string_view ErrorPrefix = "import error: ";
constexpr std::string_view Interrupted =
    "import error: interrupted: the server that ran this import has stopped; submit it again";
constexpr std::size_t PageRows = 256;

ports::KvKey row_key(const model::Repository& repository, const std::string& id) {
  return {repository.partition(), keys::import_status(id)};
}

bool is_over(const format::ImportStatus& status) {
  return status.completed || !status.error.empty();
}

}  // namespace

std::optional<Jobs::Impl::RunningImport> Jobs::Impl::find_running(const std::string& id) {
  const std::lock_guard lock(mutex);
  const auto found = running_imports.find(id);
  if (found == running_imports.end()) return std::nullopt;
  return found->second;
}

Task<Result<Jobs::Impl::ImportRow>> Jobs::Impl::read_import(Context context,
                                                            engine::RepositoryRef repository,
                                                            std::string id) {
  if (id.empty()) co_return model::object_not_found();
  ports::KvKey key = row_key(*repository, id);
  VARVE_CO_TRY(auto row, co_await kv.get(std::move(context), std::move(key)));
  if (!row.has_value()) co_return model::object_not_found();
  ImportRow read;
  VARVE_CO_TRY(read.status, format::decode_import_status(*row));
  read.bytes = *std::move(row);
  co_return read;
}

Task<Result<void>> Jobs::Impl::write_import(Context context, engine::RepositoryRef repository,
                                            format::ImportStatus status,
                                            ports::KvRequirement only_if) {
  status.updated_at = clock.now();
  VARVE_CO_TRY(base::Bytes bytes, format::encode_import_status(status));
  ports::KvKey key = row_key(*repository, status.id);
  ports::KvWrite write;
  const bool is_new = only_if.kind == ports::KvRequirement::Kind::Absent;
  write.requirements.push_back(std::move(only_if));
  write.updates.push_back(ports::KvUpdate::set(std::move(key), std::move(bytes)));
  if (is_new) {
    co_return co_await engine::create_rows(&kv, std::move(context), std::move(repository),
                                           std::move(write), std::nullopt);
  }
  co_return co_await kv.write(std::move(context), std::move(write));
}

Task<Result<std::string>> Jobs::submit_import(Context context, engine::RepositoryRef repository,
                                              model::BranchId branch,
                                              engine::ImportRequest request) {
  VARVE_CO_CHECK(co_await impl_->imports.check(context, repository, branch, request));
  if (impl_->tasks.size() >= RunningTasksMax) co_return too_many_tasks();
  format::ImportStatus status;
  status.id = impl_->xids.next();
  std::string id = status.id;
  auto is_new = ports::KvRequirement::absent(row_key(*repository, id));
  VARVE_CO_CHECK(
      co_await impl_->write_import(context, repository, std::move(status), std::move(is_new)));
  Impl::RunningImport running{.repository = std::move(repository),
                              .context = background(context),
                              .progress = std::make_shared<engine::ImportProgress>()};
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->running_imports.emplace(id, running);
  }
  Task<void> work =
      impl_->run_import(std::move(running), id, std::move(branch), std::move(request));
  if (!impl_->tasks.spawn(std::move(work))) {
    const std::lock_guard lock(impl_->mutex);
    impl_->running_imports.erase(id);
    co_return too_many_tasks();
  }
  co_return id;
}

Task<void> Jobs::Impl::run_import(RunningImport import, std::string id, model::BranchId branch,
                                  engine::ImportRequest request) {
  auto imported = co_await imports.run(import.context, import.repository, std::move(branch),
                                       std::move(request), import.progress);
  format::ImportStatus status;
  status.id = id;
  status.progress = import.progress->objects.load();
  if (imported) {
    status.completed = true;
    status.meta_range_id = imported->meta_range_id;
    status.commit = *imported->commit;
  } else {
    status.error = std::string(ErrorPrefix) + imported.error().message();
  }
  const Context closing = background(import.context);
  // The repository may be gone, and its rows with it: nothing is put in their place.
  auto is_there = ports::KvRequirement::present(row_key(*import.repository, id));
  (void)co_await write_import(closing, import.repository, std::move(status), std::move(is_there));
  const std::lock_guard lock(mutex);
  running_imports.erase(id);
}

Task<Result<format::ImportStatus>> Jobs::import_status(Context context,
                                                       engine::RepositoryRef repository,
                                                       std::string id) {
  const auto running = impl_->find_running(id);
  VARVE_CO_TRY(Impl::ImportRow row,
               co_await impl_->read_import(std::move(context), std::move(repository), id));
  format::ImportStatus status = std::move(row.status);
  if (is_over(status)) co_return status;
  if (running.has_value()) {
    status.updated_at = impl_->clock.now();
    status.progress = running->progress->objects.load();
  } else if (impl_->clock.now().seconds - status.updated_at.seconds > HeartbeatSecondsMax) {
    status.error = Interrupted;
  }
  co_return status;
}

Task<Result<void>> Jobs::cancel_import(Context context, engine::RepositoryRef repository,
                                       std::string id) {
  for (int tries = 0; tries < model::BranchUpdateTriesMax; ++tries) {
    VARVE_CO_TRY(Impl::ImportRow row, co_await impl_->read_import(context, repository, id));
    if (row.status.completed) co_return model::conflict_found();
    if (auto running = impl_->find_running(id)) running->context.cancel();
    if (!row.status.error.empty()) co_return Result<void>();
    row.status.error = std::string(ErrorPrefix) + std::string(Canceled);
    auto is_still = ports::KvRequirement::equals(row_key(*repository, id), std::move(row.bytes));
    auto written = co_await impl_->write_import(context, repository, std::move(row.status),
                                                std::move(is_still));
    // Lost to a renewal or to the import's own end: look again.
    if (written || written.error().code() != Code::Conflict) co_return written;
  }
  co_return model::too_many_tries();
}

Task<Result<void>> Jobs::Impl::beat_imports(Context context) {
  std::vector<std::pair<std::string, RunningImport>> all;
  {
    const std::lock_guard lock(mutex);
    all.assign(running_imports.begin(), running_imports.end());
  }
  Result<void> outcome;
  for (auto& [id, running] : all) {
    // One that cannot be renewed must not make the others look as if nobody ran them.
    const Result<void> renewed = co_await renew_import(context, id, running);
    if (!renewed) outcome = renewed;
  }
  co_return outcome;
}

Task<Result<void>> Jobs::Impl::renew_import(Context context, std::string id,
                                            RunningImport running) {
  auto row = co_await read_import(context, running.repository, id);
  // Cancelled through another server, or its repository was deleted.
  const bool is_gone = !row && row.error().code() == Code::NotFound;
  if (is_gone || (row && !row->status.error.empty())) {
    running.context.cancel();
    co_return Result<void>();
  }
  if (!row) co_return std::move(row).error();
  if (row->status.completed) co_return Result<void>();
  row->status.progress = running.progress->objects.load();
  auto is_still = ports::KvRequirement::equals(row_key(*running.repository, id), row->bytes);
  auto renewed = co_await write_import(context, running.repository, std::move(row->status),
                                       std::move(is_still));
  // It ended, or was cancelled, in between: that word stands.
  if (!renewed && renewed.error().code() != Code::Conflict) co_return renewed;
  co_return Result<void>();
}

Task<Result<void>> Jobs::Impl::expire_imports(Context context, engine::RepositoryRef repository) {
  ports::KvScan scan;
  scan.partition = repository->partition();
  scan.from = keys::ImportPrefix;
  scan.until = engine::prefix_end(keys::ImportPrefix);
  scan.limit = PageRows;
  for (;;) {
    VARVE_CO_TRY(ports::KvPage page, co_await kv.scan(context, scan));
    ports::KvWrite write;
    for (const ports::KvRow& row : page.rows) {
      VARVE_CO_TRY(format::ImportStatus status, format::decode_import_status(row.value));
      if (clock.now().seconds - status.updated_at.seconds < TaskRetentionSeconds) continue;
      write.updates.push_back(ports::KvUpdate::erase({scan.partition, row.key}));
    }
    if (!write.updates.empty()) VARVE_CO_CHECK(co_await kv.write(context, std::move(write)));
    if (!page.has_more) co_return Result<void>();
    scan.from = page.rows.back().key;
    scan.is_from_exclusive = true;
  }
}

}  // namespace varve::services
