// Database: the open RocksDB, and its replacement by a fresh one when it has run out of space.
//
// RocksDB that hits a full disk stops taking writes, and its own way back (DB::Resume) may wait for
// ever for a flush that nobody does any more. So it is closed instead, and opened again, once there
// is room. Its log has every acknowledged write.
//
// Any thread may lease it to read; one thread, the committing one, does everything else.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>

#include "adapters/kv_rocksdb/kv_rocksdb.h"
#include "base/result.h"

namespace varve::adapters {

// How well a database is, from best to worst.
enum class Health : std::uint8_t {
  Well,
  Lagging,  // takes writes, but its background work has stopped for want of space
  Full,     // takes no writes for want of space
  Broken,   // takes no writes: the disk failed, and what it has must be read anew by a new process
};

// Hears of errors from RocksDB's own threads, and forbids it to recover from them by itself.
class BackgroundErrors final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error,
                            bool* auto_recovery) override;
  Health health() const { return health_.load(); }
  void worsen(Health health);
  // The first error of the worst kind.
  std::optional<base::Error> error() const;

 private:
  std::atomic<Health> health_ = Health::Well;
  mutable std::mutex mutex_;
  std::optional<base::Error> error_;  // guarded by mutex_
};

class Database {
 public:
  // As RocksDbKv::open. `env` stands for the file system.
  static base::Result<std::unique_ptr<Database>> open(RocksDbOptions options, rocksdb::Env* env);
  ~Database();  // close()
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // The database for as long as the lease lives, which must be short and on one thread.
  class Lease {
   public:
    explicit operator bool() const { return db_ != nullptr; }
    rocksdb::DB& operator*() const { return *db_; }

   private:
    friend class Database;
    std::shared_lock<std::shared_mutex> lock_;
    rocksdb::DB* db_ = nullptr;
  };
  // Never waits: empty while the database is being replaced, and once it is closed.
  Lease try_lease();
  // Waits while the database is being replaced; empty if it is closed or could not be opened again.
  Lease lease();

  // ---- The committing thread's.

  Health health() const { return errors_->health(); }
  // Why writes are refused. Not while it is well.
  base::Error refusal() const;
  // A write failed with `status`.
  void note_failure(const rocksdb::Status& status);
  rocksdb::DB& writer() { return *db_; }  // while it takes writes

  // Replaces the database if there is room for what its log holds, and a little more. Blocks for as
  // long as opening takes. After a failure reads go on, as far as the files can be opened for
  // reading.
  //   ResourceExhausted   still no room: nothing was changed
  //   as open()           it could not be opened again
  base::Result<void> reopen();

  void close();  // reads have ended

 private:
  Database(RocksDbOptions options, rocksdb::Env* env);

  base::Result<void> open_writer();
  base::Result<void> check_room() const;
  std::uint64_t log_bytes() const;

  const RocksDbOptions options_;
  rocksdb::Env* const env_;
  std::shared_ptr<BackgroundErrors> errors_;  // of db_; RocksDB holds it too
  std::atomic<bool> is_replaced_ = false;     // so that readers let the replacement through
  std::mutex gate_;                           // held while is_replaced_
  std::shared_mutex mutex_;
  std::unique_ptr<rocksdb::DB> db_;  // changed under mutex_; null: closed
};

}  // namespace varve::adapters
