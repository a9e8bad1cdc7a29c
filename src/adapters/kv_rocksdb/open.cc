#include "adapters/kv_rocksdb/open.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "adapters/kv_rocksdb/log_check.h"
#include "adapters/kv_rocksdb/row_key.h"
#include "adapters/kv_rocksdb/status.h"
#include "base/durable_files.h"
#include "base/result.h"

namespace varve::adapters {

using base::Code;
using base::Error;
using base::Result;

namespace {

constexpr int BloomBitsPerKey = 10;       // 1 % false positives: an absent key costs no read
constexpr std::size_t BlockBytes = 8192;  // scans of a partition are as common as point reads
constexpr int OpenFilesMax = 512;
constexpr std::size_t InfoLogBytes = 1U << 20U;
constexpr std::size_t ManifestBytesMax = 8U << 20U;
// A file in which half of 1,000 neighbours are deletions is compacted early, so that queues (rows
// written, read once and deleted) do not make their readers walk over the dead.
constexpr std::size_t DeletionWindow = 1000;
constexpr std::size_t DeletionTrigger = 500;
// 16 parts of the cache, each with a lock. More of them would be too small for what lies in them.
constexpr int CacheShardBits = 4;

rocksdb::CompressionType preferred_compression() {
  const auto known = rocksdb::GetSupportedCompressions();
  const bool has_lz4 = std::ranges::find(known, rocksdb::kLZ4Compression) != known.end();
  return has_lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
}

rocksdb::BlockBasedTableOptions table_options(const RocksDbOptions& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes, CacheShardBits);
  table.block_size = BlockBytes;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(BloomBitsPerKey));
  // Indexes and filters count against the cache: memory has one bound.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  // Both in pieces: whole, one of a large file may be as large as a part of the cache, which then
  // cannot keep it, and every write that asks for a row reads it again.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.metadata_block_size = BlockBytes;
  return table;
}

rocksdb::Options database_options(const RocksDbOptions& options, rocksdb::Env* env) {
  rocksdb::Options db;
  db.env = env;
  db.create_if_missing = true;
  db.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(options)));
  db.compression = preferred_compression();
  db.write_buffer_size = options.write_buffer_bytes;
  db.max_write_buffer_number = 3;
  db.level_compaction_dynamic_level_bytes = true;
  db.max_background_jobs = 2;
  db.max_open_files = OpenFilesMax;
  db.max_manifest_file_size = ManifestBytesMax;
  db.table_properties_collector_factories.push_back(
      rocksdb::NewCompactOnDeletionCollectorFactory(DeletionWindow, DeletionTrigger));
  // Starting is quick: the log is replayed into memory and stays; files are not read to count them.
  db.avoid_flush_during_recovery = true;
  db.avoid_flush_during_shutdown = true;
  db.skip_stats_update_on_db_open = true;
  db.skip_checking_sst_file_sizes_on_db_open = true;
  // RocksDB's own diary stays small; what matters reaches callers as an Error.
  db.info_log_level = rocksdb::WARN_LEVEL;
  db.max_log_file_size = InfoLogBytes;
  db.keep_log_file_num = 2;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  return db;
}

// A new store is given its layout's number; an old one must have the one we know.
Result<void> check_layout(rocksdb::DB& db, const RocksDbOptions& options) {
  std::string version;
  const rocksdb::Status read = db.Get(rocksdb::ReadOptions(), layout_row_key(), &version);
  if (read.IsNotFound()) {
    rocksdb::WriteOptions durable;
    durable.sync = true;
    const rocksdb::Status written = db.Put(durable, layout_row_key(), std::string(LayoutVersion));
    if (!written.ok()) return open_error(written, options.path);
    return {};
  }
  if (!read.ok()) return open_error(read, options.path);
  if (version == LayoutVersion) return {};
  return Error(Code::Corruption, "key-value store in '" + options.path + "' has layout " + version +
                                     ", which this version does not know");
}

}  // namespace

Result<std::unique_ptr<rocksdb::DB>> open_database(
    const RocksDbOptions& options, rocksdb::Env* env,
    std::shared_ptr<rocksdb::EventListener> listener) {
  VARVE_CHECK(base::make_folders(options.path));
  rocksdb::Options tuned = database_options(options, env);
  VARVE_CHECK(check_logs(tuned, options.path));
  tuned.listeners.push_back(std::move(listener));
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(tuned, options.path, &opened);
  if (!status.ok()) return open_error(status, options.path);
  std::unique_ptr<rocksdb::DB> db(opened);
  VARVE_CHECK(check_layout(*db, options));
  return db;
}

Result<std::unique_ptr<rocksdb::DB>> open_database_for_reading(const RocksDbOptions& options,
                                                               rocksdb::Env* env) {
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::OpenForReadOnly(database_options(options, env), options.path, &opened);
  if (!status.ok()) return open_error(status, options.path);
  return std::unique_ptr<rocksdb::DB>(opened);
}

}  // namespace varve::adapters
