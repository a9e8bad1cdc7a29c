// What RocksDB's statuses mean to callers of a KvStore.
#pragma once

#include <rocksdb/status.h>

#include <string>

#include "base/result.h"

namespace varve::adapters {

// Of a read, or of anything that changed nothing.
base::Error read_error(const rocksdb::Status& status);

// Of a write: whether it happened is known only if the status says so.
base::Error write_error(const rocksdb::Status& status);

// Of a write that was refused because an earlier one had failed: nothing happened.
base::Error refused_error(const rocksdb::Status& status);

// Of opening the store in folder `path`.
base::Error open_error(const rocksdb::Status& status, const std::string& path);

}  // namespace varve::adapters
