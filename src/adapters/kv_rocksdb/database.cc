#include "adapters/kv_rocksdb/database.h"

#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/slice.h>
#include <rocksdb/status.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/kv_rocksdb/kv_rocksdb.h"
#include "adapters/kv_rocksdb/open.h"
#include "adapters/kv_rocksdb/status.h"
#include "base/result.h"

namespace varve::adapters {

using base::Error;
using base::Result;

namespace {

// Beside what the log holds, which will be written to tables: a manifest, a new log, some writes.
constexpr std::uint64_t SpareBytes = 4U << 20U;
constexpr std::size_t ProbeStepBytes = 256U << 10U;
constexpr const char* ProbeName = "/room.probe";  // RocksDB leaves names it does not know alone

Health health_after(const rocksdb::Status& error) {
  const bool has_stopped_writes = error.severity() >= rocksdb::Status::Severity::kHardError;
  if (error.IsNoSpace()) return has_stopped_writes ? Health::Full : Health::Lagging;
  return has_stopped_writes ? Health::Broken : Health::Well;
}

// Writes and syncs so many bytes: what a file system says about free space may be wrong, and its
// quota unknown.
rocksdb::Status write_probe(rocksdb::Env* env, const std::string& path, std::uint64_t bytes) {
  const std::string zeros(ProbeStepBytes, '\0');
  std::unique_ptr<rocksdb::WritableFile> file;
  rocksdb::Status status = env->NewWritableFile(path, &file, rocksdb::EnvOptions());
  while (status.ok() && bytes > 0) {
    const std::size_t step = std::min<std::uint64_t>(bytes, zeros.size());
    status = file->Append(rocksdb::Slice(zeros.data(), step));
    bytes -= step;
  }
  if (status.ok()) status = file->Sync();
  if (status.ok()) status = file->Close();
  return status;
}

}  // namespace

void BackgroundErrors::OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/,
                                         rocksdb::Status* error) {
  const Health health = health_after(*error);
  if (health <= health_.load()) return;
  {
    const std::lock_guard lock(mutex_);
    error_ = refused_error(*error);
  }
  worsen(health);
}

void BackgroundErrors::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/,
                                            rocksdb::Status error, bool* auto_recovery) {
  error.PermitUncheckedError();
  *auto_recovery = false;
}

void BackgroundErrors::worsen(Health health) {
  Health known = health_.load();
  while (known < health && !health_.compare_exchange_weak(known, health)) {
  }
}

std::optional<Error> BackgroundErrors::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

Database::Database(RocksDbOptions options, rocksdb::Env* env)
    : options_(std::move(options)), env_(env), errors_(std::make_shared<BackgroundErrors>()) {}

Database::~Database() { close(); }

Result<std::unique_ptr<Database>> Database::open(RocksDbOptions options, rocksdb::Env* env) {
  std::unique_ptr<Database> database(new Database(std::move(options), env));
  VARVE_CHECK(database->open_writer());
  return database;
}

Database::Lease Database::try_lease() {
  Lease lease;
  if (is_replaced_.load()) return lease;
  lease.lock_ = std::shared_lock(mutex_, std::try_to_lock);
  if (lease.lock_.owns_lock()) lease.db_ = db_.get();
  return lease;
}

Database::Lease Database::lease() {
  if (is_replaced_.load()) {
    const std::lock_guard wait(gate_);
  }
  Lease lease;
  lease.lock_ = std::shared_lock(mutex_);
  lease.db_ = db_.get();
  return lease;
}

Error Database::refusal() const {
  const std::optional<Error> error = errors_->error();
  return error ? *error : refused_error(rocksdb::Status::NoSpace());
}

void Database::note_failure(const rocksdb::Status& status) {
  // What else went wrong RocksDB has told the listener, if it stopped because of it. Incomplete:
  // it waited for background work that has stopped.
  if (status.IsNoSpace() || status.IsIncomplete()) errors_->worsen(Health::Full);
}

Result<void> Database::open_writer() {
  auto errors = std::make_shared<BackgroundErrors>();
  VARVE_TRY(db_, open_database(options_, env_, errors));
  errors_ = std::move(errors);
  return {};
}

Result<void> Database::reopen() {
  VARVE_CHECK(check_room());
  // Its threads may be asleep after a failure: readers need not wait for them as well.
  if (db_) rocksdb::CancelAllBackgroundWork(db_.get(), true);
  const std::lock_guard gate(gate_);
  is_replaced_ = true;
  const std::unique_lock lock(mutex_);
  is_replaced_ = false;                          // from here on they wait for the lock
  if (db_) db_->Close().PermitUncheckedError();  // every acknowledged write was synced
  db_.reset();
  const Result<void> opened = open_writer();
  if (opened) return {};
  errors_->worsen(Health::Full);
  if (auto reader = open_database_for_reading(options_, env_)) db_ = std::move(*reader);
  return opened.error();
}

Result<void> Database::check_room() const {
  const std::string path = options_.path + ProbeName;
  const rocksdb::Status written = write_probe(env_, path, log_bytes() + SpareBytes);
  // If it stays it is written over next time, and is part of the room then.
  env_->DeleteFile(path).PermitUncheckedError();
  if (!written.ok()) return refused_error(written);
  return {};
}

std::uint64_t Database::log_bytes() const {
  std::vector<std::string> names;
  env_->GetChildren(options_.path, &names).PermitUncheckedError();
  std::uint64_t total = 0;
  for (const std::string& name : names) {
    std::uint64_t bytes = 0;
    if (!std::string_view(name).ends_with(".log")) continue;
    env_->GetFileSize(options_.path + "/" + name, &bytes).PermitUncheckedError();
    total += bytes;
  }
  return total;
}

void Database::close() {
  const std::unique_lock lock(mutex_);
  // Its only failure is a log that was not synced, and every acknowledged write was.
  if (db_) db_->Close().PermitUncheckedError();
  db_.reset();
}

}  // namespace varve::adapters
