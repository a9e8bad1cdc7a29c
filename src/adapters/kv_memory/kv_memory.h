// MemoryKv: a KvStore in memory. For tests, for sim/, and for `database.type: mem`, where data
// lasts as long as the process.
//
// Strict: it refuses what any real store would, and every call lets other tasks of the loop run
// once, so that callers interleave as they do over a network. Thread-safe; a write is one step
// under one mutex.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "ports/kv_store.h"

namespace varve::adapters {

class MemoryKv final : public ports::KvStore {
 public:
  MemoryKv();
  ~MemoryKv() override;

  base::Task<base::Result<std::optional<base::Bytes>>> get(base::Context context,
                                                           ports::KvKey key) override;
  base::Task<base::Result<std::vector<std::optional<base::Bytes>>>> multi_get(
      base::Context context, std::vector<ports::KvKey> keys) override;
  base::Task<base::Result<void>> write(base::Context context, ports::KvWrite write) override;
  base::Task<base::Result<ports::KvPage>> scan(base::Context context, ports::KvScan scan) override;
  base::Task<base::Result<void>> delete_range(base::Context context, std::string partition,
                                              std::string from, std::string until) override;

  std::size_t row_count() const;  // over all partitions

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::adapters
