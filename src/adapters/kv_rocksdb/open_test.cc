// How the database is tuned, where a bad choice costs a multiple.

#include "adapters/kv_rocksdb/open.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/perf_context.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/write_batch.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>

#include "adapters/kv_rocksdb/kv_rocksdb.h"

namespace varve::adapters {
namespace {

std::string key_of(int i) {
  std::string digits = std::to_string(i);
  return std::string(100 - digits.size(), '0') + digits;
}

// The index of this file, in one piece, is larger than a part of the cache: it was read, checked
// and unpacked at every write of a branch, whose row is asked for each time.
TEST(OpenDatabase, ARowOfALargeFileIsReadFromTheDiskOnce) {
  std::string root = testing::TempDir() + "varve-open-XXXXXX";
  ASSERT_NE(::mkdtemp(root.data()), nullptr);
  RocksDbOptions options;
  options.path = root + "/kv";
  options.block_cache_bytes = 4U << 20U;
  options.write_buffer_bytes = 128U << 20U;
  {
    const auto db =
        open_database(options, rocksdb::Env::Default(), std::make_shared<rocksdb::EventListener>());
    ASSERT_TRUE(db.has_value()) << db.error().message();
    rocksdb::WriteOptions quick;
    quick.disableWAL = true;
    for (int i = 0; i < 500'000;) {
      rocksdb::WriteBatch batch;
      for (int end = i + 1000; i < end; ++i) batch.Put(key_of(i), "value");
      ASSERT_TRUE((*db)->Write(quick, &batch).ok());
    }
    ASSERT_TRUE((*db)->Flush(rocksdb::FlushOptions()).ok());
    rocksdb::CompactRangeOptions anew;  // what a flush wrote stays in memory
    anew.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    ASSERT_TRUE((*db)->CompactRange(anew, nullptr, nullptr).ok());
    std::string value;
    ASSERT_TRUE((*db)->Get(rocksdb::ReadOptions(), key_of(123'456), &value).ok());
    rocksdb::SetPerfLevel(rocksdb::kEnableCount);
    rocksdb::get_perf_context()->Reset();
    EXPECT_TRUE((*db)->Get(rocksdb::ReadOptions(), key_of(123'456), &value).ok());
    EXPECT_EQ(rocksdb::get_perf_context()->block_read_count, 0U);
    rocksdb::SetPerfLevel(rocksdb::kDisable);
  }
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace varve::adapters
