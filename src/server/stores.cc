#include "server/stores.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "adapters/kv_memory/kv_memory.h"
#include "adapters/kv_rocksdb/kv_rocksdb.h"
#include "adapters/object_local/object_local.h"
#include "adapters/object_memory/object_memory.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/time.h"
#include "ports/kv_store.h"
#include "ports/object_store.h"
#include "server/app.h"
#include "server/config.h"

namespace varve::server {

using base::Code;
using base::Error;
using base::Result;
using base::Task;

namespace {

Error start_error(Code code, StartFault fault, std::string text) {
  return Error(code, static_cast<std::uint16_t>(fault), std::move(text));
}

// The adapters say what is wrong with a folder; the key says which setting chose it.
Error folder_error(const char* key, const std::string& path, const Error& error) {
  const StartFault fault =
      error.code() == Code::Unavailable ? StartFault::DataInUse : StartFault::DataUnusable;
  return start_error(error.code(), fault,
                     std::string(key) + ": \"" + path + "\": " + error.message());
}

bool is_in_memory(const Settings& settings) {
  // `memory:` in front of the path is lakeFS's other way of asking for it.
  return settings.text("database.type") == "mem" ||
         settings.text("database.local.path").starts_with("memory:");
}

}  // namespace

Result<std::unique_ptr<ports::KvStore>> open_kv(const Settings& settings, base::Offload& offload,
                                                base::Clock& clock) {
  if (is_in_memory(settings)) {
    return std::unique_ptr<ports::KvStore>(std::make_unique<adapters::MemoryKv>());
  }
  adapters::RocksDbOptions options;
  options.path = settings.path("database.local.path");
  options.sync_writes = settings.boolean("database.local.sync_writes");
  const std::string path = options.path;
  auto kv = adapters::RocksDbKv::open(std::move(options), offload, clock);
  if (!kv) return folder_error("database.local.path", path, kv.error());
  return std::unique_ptr<ports::KvStore>(*std::move(kv));
}

Result<std::unique_ptr<ports::ObjectStore>> open_objects(const Settings& settings,
                                                         base::Offload& offload, base::Clock& clock,
                                                         base::Rng& rng) {
  if (settings.text("blockstore.type") != "local") {
    return std::unique_ptr<ports::ObjectStore>(
        std::make_unique<adapters::MemoryObjects>(clock, rng));
  }
  adapters::LocalObjectsOptions options;
  options.path = settings.path("blockstore.local.path");
  options.can_import = settings.boolean("blockstore.local.import_enabled");
  options.lists_hidden = settings.boolean("blockstore.local.import_hidden");
  options.external_prefixes = settings.list("blockstore.local.allowed_external_prefixes");
  const std::string path = options.path;
  auto objects = adapters::LocalObjects::open(std::move(options), offload, rng);
  if (!objects) return folder_error("blockstore.local.path", path, objects.error());
  return std::unique_ptr<ports::ObjectStore>(*std::move(objects));
}

Task<Result<void>> check_schema(base::Context context, ports::KvStore* kv) {
  const ports::KvKey key("kv-internal-metadata", "kv/schema/version");
  const std::string wanted = std::to_string(SchemaVersion);
  VARVE_CO_TRY(std::optional<base::Bytes> found, co_await kv->get(context, key));
  if (!found) {
    ports::KvWrite write;
    write.requirements.push_back(ports::KvRequirement::absent(key));
    write.updates.push_back(ports::KvUpdate::set(key, wanted));
    const Result<void> written = co_await kv->write(context, std::move(write));
    // Another server of the fleet may have been first; it wrote the same.
    if (!written && written.error().code() != Code::Conflict) co_return written.error();
    co_return Result<void>();
  }
  if (*found == wanted) co_return Result<void>();
  co_return start_error(Code::Unsupported, StartFault::DataUnusable,
                        "database: schema version \"" + *found + "\": this server reads and " +
                            "writes version " + wanted + " only");
}

}  // namespace varve::server
