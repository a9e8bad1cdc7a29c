// What every part of the engine is built over: the ports, the clock, entropy, the pool for long
// computations, and the tunables. One instance per server; it outlives everything made from it.
//
// Stateless itself; share freely.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/offload.h"
#include "base/rng.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/kv_store.h"
#include "ports/object_store.h"

namespace varve::engine {

// Resolved once per request and shared read-only by everything the request does, and by the
// repository cache: the last holder frees it.
using RepositoryRef = std::shared_ptr<const model::Repository>;

struct EngineOptions {
  std::string block_storage_prefix = "_lakefs";  // committed.block_storage_prefix
  std::uint64_t range_bytes_min = model::RangeBytesMinDefault;
  std::uint64_t range_bytes_max = model::RangeBytesMaxDefault;
  std::uint64_t range_raggedness = model::RangeRaggednessDefault;
  bool ensure_readable_root_namespace = true;    // graveler.ensure_readable_root_namespace
  std::uint64_t table_cache_bytes = 64U << 20U;  // parsed ranges and metaranges kept open
  std::string signing_key;                       // blockstore.signing.secret_key
  // This server is the only writer of the key-value store (it is embedded), so what it remembers of
  // its own writes is all there is to know: "this staging token is empty" needs no look-up.
  bool is_single_writer = false;
  // Sealed tokens of a branch before they are merged in the background: each costs every read a
  // look.
  std::size_t sealed_tokens_max = 8;
  // A token of more rows is not copied again for every few small ones that join it.
  std::size_t large_token_rows = 65536;
  std::size_t commit_cache_records = 50000;     // graveler.commit_cache.size
  std::size_t repository_cache_records = 1000;  // graveler.repository_cache.size
  std::size_t change_notes_bytes = 32U << 20U;  // of what commits changed, kept in memory
};

struct Core {
  ports::KvStore& kv;
  ports::ObjectStore& objects;
  base::Clock& clock;
  base::Rng& rng;
  base::Offload& offload;
  EngineOptions options;
};

// The whole address of `address` in the namespace (engine.md 2.4).
ports::ObjectAddress resolve_address(const model::StorageNamespace& storage_namespace,
                                     model::AddressType type, const std::string& address);
ports::ObjectAddress metadata_address(const EngineOptions& options,
                                      const model::StorageNamespace& storage_namespace,
                                      const std::string& name);

// A fresh token: "<repository>-<branch>:<uuid v4>".
model::StagingToken new_staging_token(Core& core, const model::RepositoryId& repository,
                                      const model::BranchId& branch);

// The first key beyond everything that starts with `prefix`; empty: there is none (engine.md 9.2).
std::string prefix_end(std::string_view prefix);

}  // namespace varve::engine
