// Opens the database and tunes it: a little memory when idle, one synced log, few threads.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>

#include <memory>

#include "adapters/kv_rocksdb/kv_rocksdb.h"
#include "base/result.h"

namespace varve::adapters {

// As RocksDbKv::open. `env` stands for the file system; `listener` hears of background errors.
base::Result<std::unique_ptr<rocksdb::DB>> open_database(
    const RocksDbOptions& options, rocksdb::Env* env,
    std::shared_ptr<rocksdb::EventListener> listener);

// The same database, for reading alone; writes nothing.
base::Result<std::unique_ptr<rocksdb::DB>> open_database_for_reading(const RocksDbOptions& options,
                                                                     rocksdb::Env* env);

// RocksDbKv::open over another file system: tests fill it up.
base::Result<std::unique_ptr<RocksDbKv>> open_rocksdb_kv(RocksDbOptions options,
                                                         base::Offload& offload, base::Clock& clock,
                                                         rocksdb::Env* env);

}  // namespace varve::adapters
