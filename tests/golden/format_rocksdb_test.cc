// RocksDB as a second opinion: it reads what we write, we read what it writes.
#include <gtest/gtest.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/rng.h"
#include "format/metarange.h"
#include "format/range_writer.h"
#include "format/table_reader.h"
#include "tests/golden/format_golden.h"

namespace varve::format {
namespace {

using Records = std::map<std::string, std::string>;

// A file of its own for every test.
std::string scratch_file() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string(test->test_suite_name()) + "." + test->name();
  for (char& c : name) c = c == '/' ? '_' : c;
  return (std::filesystem::path(::testing::TempDir()) / (name + ".sst")).string();
}

class RocksDb : public ::testing::Test {
 protected:
  ~RocksDb() override { std::filesystem::remove(path_); }

  Records read_by_rocksdb(const base::Bytes& bytes) {
    std::ofstream(path_, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    rocksdb::SstFileReader reader((rocksdb::Options()));
    EXPECT_TRUE(reader.Open(path_).ok());
    EXPECT_TRUE(reader.VerifyChecksum().ok());
    Records records;
    std::unique_ptr<rocksdb::Iterator> at(reader.NewIterator(rocksdb::ReadOptions()));
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
      records.emplace(at->key().ToString(), at->value().ToString());
    }
    EXPECT_TRUE(at->status().ok());
    for (const auto& [key, value] : records) {  // by the index, too
      at->Seek(key);
      EXPECT_TRUE(at->Valid() && at->value() == value);
    }
    return records;
  }

  base::Bytes write_by_rocksdb(const Records& records, const rocksdb::BlockBasedTableOptions& table,
                               rocksdb::CompressionType compression) {
    rocksdb::Options options;
    options.compression = compression;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options);
    EXPECT_TRUE(writer.Open(path_).ok());
    for (const auto& [key, value] : records) EXPECT_TRUE(writer.Put(key, value).ok());
    EXPECT_TRUE(writer.Finish().ok());
    return golden::read_file(path_);
  }

  std::string path_ = scratch_file();
};

Records sample(int count) {
  Records records;
  base::SeededRng rng(31);
  for (int i = 0; i < count; ++i) {
    std::string key = "day=" + std::to_string(i % 60) + "/part-" + std::to_string(i);
    std::string value = rng.bytes(40) + std::string(rng.below(120), 'v');
    records.emplace(std::move(key), std::move(value));
  }
  return records;
}

base::Bytes write_by_us(const Records& records) {
  TableWriter writer;
  for (const auto& [key, value] : records) writer.add(key, value);
  return writer.finish({{"type", "ranges"}});
}

TEST_F(RocksDb, ReadsOurTables) {
  for (const int count : {1, 2, 100, 3000, 30000}) {
    EXPECT_EQ(read_by_rocksdb(write_by_us(sample(count))), sample(count)) << count;
  }
}

TEST_F(RocksDb, ReadsOurHostileKeysAndValues) {
  Records records;
  base::SeededRng rng(32);
  for (std::size_t length = 0; length < 30; ++length) {
    records[std::string(length, '\xff')] = rng.bytes(2000);
    records[std::string(length, '\0')] = "";
    records[std::string(length, '\x01') + '\xff'] = std::string(70000, 'x');
  }
  EXPECT_EQ(read_by_rocksdb(write_by_us(records)), records);
}

TEST_F(RocksDb, ReadsOurEmptyMetaRange) {
  EXPECT_EQ(read_by_rocksdb((*encode_metarange({})).bytes), Records());
}

TEST_F(RocksDb, SeesOurProperties) {
  RangeWriter writer({}, {{"entity", "tag"}});
  ASSERT_TRUE(writer.add("k", "i", "d").has_value());
  const base::Bytes bytes = writer.finish().bytes;
  EXPECT_EQ(read_by_rocksdb(bytes).size(), 1U);
  rocksdb::SstFileReader reader((rocksdb::Options()));
  ASSERT_TRUE(reader.Open(path_).ok());
  const auto properties = reader.GetTableProperties();
  EXPECT_EQ(properties->comparator_name, "leveldb.BytewiseComparator");
  EXPECT_EQ(properties->num_entries, 1U);
  EXPECT_EQ(properties->user_collected_properties.at("entity"), "tag");
  EXPECT_EQ(properties->user_collected_properties.at("type"), "ranges");
}

struct Layout {
  const char* name;
  rocksdb::ChecksumType checksum;
  rocksdb::BlockBasedTableOptions::IndexType index;
  rocksdb::CompressionType compression;
  int restart_interval;
};

class RocksDbLayout : public RocksDb, public ::testing::WithParamInterface<Layout> {};

TEST_P(RocksDbLayout, IsReadByUs) {
  rocksdb::BlockBasedTableOptions options;
  options.format_version = 2;
  options.checksum = GetParam().checksum;
  options.index_type = GetParam().index;
  options.block_restart_interval = GetParam().restart_interval;
  const Records want = sample(20000);
  const base::Bytes bytes = write_by_rocksdb(want, options, GetParam().compression);
  const auto table = Table::open(base::SharedBytes(bytes, nullptr), {});
  ASSERT_TRUE(table.has_value()) << table.error().message();
  Records got;
  TableCursor cursor = (*table)->cursor();
  ASSERT_TRUE(cursor.seek_first().has_value());
  while (cursor.valid()) {
    got.emplace(cursor.key(), cursor.value());
    ASSERT_TRUE(cursor.next().has_value());
  }
  EXPECT_TRUE(got == want);
  for (const auto& [key, value] : want) ASSERT_EQ(*(*table)->get(key), value);
  EXPECT_EQ(*(*table)->get("nowhere"), std::nullopt);
}

using TableOptionsOfRocks = rocksdb::BlockBasedTableOptions;

INSTANTIATE_TEST_SUITE_P(
    Golden, RocksDbLayout,
    ::testing::Values(Layout{"crc32c_snappy", rocksdb::kCRC32c, TableOptionsOfRocks::kBinarySearch,
                             rocksdb::kSnappyCompression, 16},
                      Layout{"crc32c_raw", rocksdb::kCRC32c, TableOptionsOfRocks::kBinarySearch,
                             rocksdb::kNoCompression, 16},
                      Layout{"crc32c_two_level", rocksdb::kCRC32c,
                             TableOptionsOfRocks::kTwoLevelIndexSearch, rocksdb::kSnappyCompression,
                             16},
                      Layout{"crc32c_restart_always", rocksdb::kCRC32c,
                             TableOptionsOfRocks::kBinarySearch, rocksdb::kSnappyCompression, 1},
                      Layout{"xxhash64", rocksdb::kxxHash64, TableOptionsOfRocks::kBinarySearch,
                             rocksdb::kSnappyCompression, 16},
                      Layout{"xxhash64_two_level", rocksdb::kxxHash64,
                             TableOptionsOfRocks::kTwoLevelIndexSearch, rocksdb::kSnappyCompression,
                             3}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(RocksDb, WhatLakefsCannotReadIsRefused) {
  rocksdb::BlockBasedTableOptions newest;
  newest.format_version = 5;
  newest.checksum = rocksdb::kCRC32c;
  const base::Bytes bytes = write_by_rocksdb(sample(10), newest, rocksdb::kSnappyCompression);
  EXPECT_EQ(Table::open(base::SharedBytes(bytes, nullptr), {}).error().code(),
            base::Code::Corruption);
  rocksdb::BlockBasedTableOptions xxh3;
  xxh3.format_version = 2;
  xxh3.checksum = rocksdb::kXXH3;
  const base::Bytes other = write_by_rocksdb(sample(10), xxh3, rocksdb::kSnappyCompression);
  EXPECT_EQ(Table::open(base::SharedBytes(other, nullptr), {}).error().code(),
            base::Code::Corruption);
}

TEST_F(RocksDb, ReadsOurRanges) {
  RangeWriter ours;
  Records records;
  for (const auto& [key, value] : sample(500)) {
    records[key] = frame_value(base::sha256(value), value);
    ASSERT_TRUE(ours.add_framed(key, records[key]).has_value());
  }
  const EncodedRange range = ours.finish();
  EXPECT_EQ(read_by_rocksdb(range.bytes), records);
}

}  // namespace
}  // namespace varve::format
