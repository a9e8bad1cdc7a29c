#include "adapters/kv_rocksdb/kv_rocksdb.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/slice.h>
#include <rocksdb/status.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/kv_rocksdb/committer.h"
#include "adapters/kv_rocksdb/database.h"
#include "adapters/kv_rocksdb/open.h"
#include "adapters/kv_rocksdb/row_key.h"
#include "adapters/kv_rocksdb/status.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "ports/kv_arguments.h"
#include "ports/kv_store.h"

namespace varve::adapters {

using base::Bytes;
using base::Context;
using base::Result;
using base::Task;
using ports::KvKey;
using ports::KvPage;
using ports::KvScan;
using ports::KvUpdate;
using ports::KvWrite;

namespace {

using Values = std::vector<std::optional<Bytes>>;

// A scan of at most so many rows is first tried on the caller's loop, like a point read.
constexpr std::size_t InlineRowsMax = 256;
constexpr std::size_t InlineKeysMax = 256;

// Up to so many rows are removed one by one. A range tombstone is one row however long the range,
// but every read has to ask it; a staging area of a few rows is not worth that.
constexpr std::size_t SingleRemovalsMax = 512;

enum class Tier : std::uint8_t { Memory, Disk };

// Deleted rows that a scan may have to step over before it is too long for an event loop.
constexpr std::uint64_t InlineSkipsMax = 2000;

rocksdb::ReadOptions read_options(Tier tier) {
  rocksdb::ReadOptions options;
  if (tier == Tier::Memory) {
    options.read_tier = rocksdb::kBlockCacheTier;
    options.max_skippable_internal_keys = InlineSkipsMax;
  }
  return options;
}

base::Error closed_error() { return {base::Code::Unavailable, "the key-value store is closed"}; }

// nullopt: memory alone cannot tell, or not quickly.
template <class T>
using IfKnown = std::optional<Result<T>>;

}  // namespace

struct RocksDbKv::Impl {
  Impl(std::unique_ptr<Database> d, base::Offload& o, base::Clock& clock,
       Committer::Options options)
      : offload(o), database(std::move(d)), committer(*database, clock, options) {}

  static IfKnown<std::optional<Bytes>> read(rocksdb::DB& db, const KvKey& key, Tier tier) {
    static thread_local std::string row;
    set_row_key(row, key.partition, key.key);
    std::optional<Bytes> value(std::in_place);
    const rocksdb::Status status = db.Get(read_options(tier), row, &*value);
    // NOTE: of a key whose file is not open RocksDB says, without looking, that it is there: OK and
    // nothing. So nothing is believed only when the disk was asked.
    if (status.ok() && tier == Tier::Memory && value->empty()) return std::nullopt;
    if (status.ok()) return value;
    if (status.IsNotFound()) return std::optional<Bytes>();
    if (status.IsIncomplete()) return std::nullopt;
    return read_error(status);
  }

  // One MultiGet of one column family reads at one sequence number: the values are of one moment.
  static IfKnown<Values> read(rocksdb::DB& db, const std::vector<KvKey>& keys, Tier tier) {
    std::vector<std::string> rows;
    rows.reserve(keys.size());
    for (const KvKey& key : keys) rows.push_back(row_key(key.partition, key.key));
    const std::vector<rocksdb::Slice> slices(rows.begin(), rows.end());
    std::vector<rocksdb::PinnableSlice> found(rows.size());
    std::vector<rocksdb::Status> statuses(rows.size());
    db.MultiGet(read_options(tier), db.DefaultColumnFamily(), rows.size(), slices.data(),
                found.data(), statuses.data());
    Values values(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (statuses[i].ok()) {
        values[i].emplace(found[i].data(), found[i].size());
      } else if (statuses[i].IsIncomplete()) {
        return std::nullopt;
      } else if (!statuses[i].IsNotFound()) {
        return read_error(statuses[i]);
      }
    }
    return values;
  }

  static IfKnown<KvPage> read(rocksdb::DB& db, const KvScan& scan, Tier tier) {
    const std::string end = row_key_end(scan.partition, scan.until);
    const rocksdb::Slice bound(end);
    rocksdb::ReadOptions options = read_options(tier);
    options.iterate_upper_bound = &bound;
    const std::unique_ptr<rocksdb::Iterator> row(db.NewIterator(options));
    KvPage page;
    row->Seek(row_key(scan.partition, scan.from));
    for (; row->Valid(); row->Next()) {
      const std::string_view key = key_of_row(row->key().ToStringView(), scan.partition);
      if (scan.is_from_exclusive && key == scan.from) continue;
      if (page.rows.size() == scan.limit) {
        page.has_more = true;
        break;
      }
      page.rows.push_back({std::string(key), row->value().ToString()});
    }
    if (row->status().IsIncomplete()) return std::nullopt;
    if (!row->status().ok()) return read_error(row->status());
    return page;
  }

  // Runs on the caller's loop.
  template <class Wanted>
  auto read_memory(const Wanted& wanted) const
      -> decltype(read(std::declval<rocksdb::DB&>(), wanted, Tier::Memory)) {
    const Database::Lease db = database->try_lease();
    if (!db) return std::nullopt;
    return read(*db, wanted, Tier::Memory);
  }

  // Runs in the pool.
  template <class Wanted>
  auto read_disk(const Wanted& wanted) const ->
      typename decltype(read(std::declval<rocksdb::DB&>(), wanted, Tier::Disk))::value_type {
    const Database::Lease db = database->lease();
    if (!db) return closed_error();
    return read(*db, wanted, Tier::Disk).value();
  }

  base::Offload& offload;
  std::unique_ptr<Database> database;
  Committer committer;
};

RocksDbKv::RocksDbKv(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

RocksDbKv::~RocksDbKv() { close(); }

void RocksDbKv::close() {
  impl_->committer.stop();
  impl_->database->close();
}

Result<std::unique_ptr<RocksDbKv>> RocksDbKv::open(RocksDbOptions options, base::Offload& offload,
                                                   base::Clock& clock) {
  return open_rocksdb_kv(std::move(options), offload, clock, rocksdb::Env::Default());
}

Result<std::unique_ptr<RocksDbKv>> open_rocksdb_kv(RocksDbOptions options, base::Offload& offload,
                                                   base::Clock& clock, rocksdb::Env* env) {
  Committer::Options committer;
  committer.sync_writes = options.sync_writes;
  committer.queue_max = options.queue_max;
  VARVE_TRY(std::unique_ptr<Database> database, Database::open(std::move(options), env));
  return std::make_unique<RocksDbKv>(
      std::make_unique<RocksDbKv::Impl>(std::move(database), offload, clock, committer));
}

Task<Result<std::optional<Bytes>>> RocksDbKv::get(Context context, KvKey key) {
  VARVE_CO_CHECK(ports::check_get(context, key));
  if (auto known = impl_->read_memory(key)) co_return std::move(*known);
  auto job = [impl = impl_.get(), &key] { return impl->read_disk(key); };
  co_return co_await impl_->offload.run(std::move(job));
}

Task<Result<Values>> RocksDbKv::multi_get(Context context, std::vector<KvKey> keys) {
  VARVE_CO_CHECK(ports::check_multi_get(context, keys));
  if (keys.size() <= InlineKeysMax) {
    if (auto known = impl_->read_memory(keys)) co_return std::move(*known);
  }
  auto job = [impl = impl_.get(), &keys] { return impl->read_disk(keys); };
  co_return co_await impl_->offload.run(std::move(job));
}

Task<Result<KvPage>> RocksDbKv::scan(Context context, KvScan scan) {
  VARVE_CO_CHECK(ports::check_scan(context, scan));
  if (scan.limit <= InlineRowsMax) {
    if (auto known = impl_->read_memory(scan)) co_return std::move(*known);
  }
  auto job = [impl = impl_.get(), &scan] { return impl->read_disk(scan); };
  co_return co_await impl_->offload.run(std::move(job));
}

Task<Result<void>> RocksDbKv::write(Context context, KvWrite write) {
  VARVE_CO_CHECK(ports::check_write(context, write));
  co_return co_await impl_->committer.write(std::move(write));
}

Task<Result<void>> RocksDbKv::delete_range(Context context, std::string partition, std::string from,
                                           std::string until) {
  VARVE_CO_CHECK(ports::check_delete_range(context, partition));
  KvScan doomed;
  doomed.partition = partition;
  doomed.from = from;
  doomed.until = until;
  doomed.limit = SingleRemovalsMax;
  VARVE_CO_TRY(const KvPage page, co_await scan(context, std::move(doomed)));
  if (page.has_more) {
    std::string begin = row_key(partition, from);
    std::string end = row_key_end(partition, until);
    co_return co_await impl_->committer.remove_range(std::move(begin), std::move(end));
  }
  KvWrite removals;
  for (const ports::KvRow& row : page.rows) {
    removals.updates.push_back(KvUpdate::erase({partition, row.key}));
  }
  if (removals.updates.empty()) co_return Result<void>();
  co_return co_await impl_->committer.write(std::move(removals));
}

}  // namespace varve::adapters
