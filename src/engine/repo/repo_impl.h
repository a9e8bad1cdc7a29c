// What the sources of repo/ share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/async_mutex.h"
#include "engine/core/lru_cache.h"
#include "engine/repo/repo.h"
#include "format/kv_keys.h"
#include "format/xid.h"

namespace varve::engine {

struct Repositories::Impl {
  // A record and until when it may be believed. Shared read-only by the cache and its readers.
  struct Cached {
    RepositoryRef repository;
    base::MonotonicTime expires;
  };
  using CachedRef = std::shared_ptr<const Cached>;

  explicit Impl(Core& c)
      : core(c),
        ids(c.clock, c.rng),
        cache(c.options.repository_cache_records),
        creations(model::BranchQueueMax) {}

  base::Task<base::Result<model::Repository>> read(base::Context context, model::RepositoryId id);

  base::Task<base::Result<bool>> is_taken(base::Context context, model::RepositoryId id);
  // The namespace belongs to nobody yet, and can be written and read; leaves the marker there if it
  // succeeds.
  base::Task<base::Result<void>> claim_namespace(base::Context context,
                                                 model::StorageNamespace storage_namespace,
                                                 model::StorageId storage_id);
  base::Task<bool> reads_marker(base::Context context, ports::ObjectAddress marker);
  base::Task<void> release_namespace(model::StorageNamespace storage_namespace);
  base::Task<base::Result<RepositoryRef>> write_records(base::Context context,
                                                        model::Repository repository, bool is_bare);
  // Every branch, each in one step with what queues its tokens for the sweep.
  base::Task<base::Result<void>> erase_branches(base::Context context, std::string partition);
  // Every other row outside the repository's partition that names it.
  base::Task<base::Result<void>> erase_rows_elsewhere(base::Context context,
                                                      model::Repository repository);
  // Replaces the metadata row by what `change` makes of it.
  base::Task<base::Result<void>> update_metadata(base::Context context, RepositoryRef repository,
                                                 model::Metadata set,
                                                 std::vector<std::string> erase);

  Core& core;
  format::XidSource ids;
  LruCache<CachedRef> cache;
  base::KeyedMutex creations;  // by name
};

inline ports::KvKey repository_key(const model::RepositoryId& id) {
  return {std::string(format::keys::GravelerPartition), format::keys::repository(id)};
}

}  // namespace varve::engine
