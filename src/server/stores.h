// Opens the key-value store and the object store that the settings name, and checks that the data
// in them is of the version this server reads and writes.
#pragma once

#include <memory>

#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/task.h"
#include "base/time.h"
#include "ports/kv_store.h"
#include "ports/object_store.h"
#include "server/config.h"

namespace varve::server {

// Errors carry a StartFault (server/app.h).
base::Result<std::unique_ptr<ports::KvStore>> open_kv(const Settings& settings,
                                                      base::Offload& offload, base::Clock& clock);
base::Result<std::unique_ptr<ports::ObjectStore>> open_objects(const Settings& settings,
                                                               base::Offload& offload,
                                                               base::Clock& clock, base::Rng& rng);

// The version of the key space (engine.md 7): lakeFS's numbers, since the rows are lakeFS's.
constexpr int SchemaVersion = 4;

// Writes the version into an empty store; refuses one that holds another. `kv` outlives the task.
//   Unsupported (StartFault::DataUnusable)  older or newer
base::Task<base::Result<void>> check_schema(base::Context context, ports::KvStore* kv);

}  // namespace varve::server
