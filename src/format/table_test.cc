// What is written is read back, wherever one starts reading.
#include <gtest/gtest.h>
#include <rapidcheck/Assertions.h>
#include <rapidcheck/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/rng.h"
#include "format/table_reader.h"
#include "format/table_sample_test.h"
#include "format/table_writer.h"

namespace varve::format {
namespace {

base::Bytes write(const Records& records) {
  TableWriter writer;
  for (const auto& [key, value] : records) writer.add(key, value);
  return writer.finish({{"type", "ranges"}});
}

std::shared_ptr<const Table> open(base::Bytes bytes, TableOptions options = {}) {
  auto table = Table::open(base::SharedBytes(std::move(bytes)), std::move(options));
  EXPECT_TRUE(table.has_value()) << table.error().message();
  return *table;
}

Records scan(const Table& table) {
  Records records;
  TableCursor cursor = table.cursor();
  EXPECT_TRUE(cursor.seek_first().has_value());
  while (cursor.valid()) {
    records.emplace(cursor.key(), cursor.value());
    EXPECT_TRUE(cursor.next().has_value());
  }
  return records;
}

RC_GTEST_PROP(Table, RoundTrips, (const Records& records)) {
  const auto table = open(write(records));
  RC_ASSERT(scan(*table) == records);
  for (const auto& [key, value] : records) RC_ASSERT(*table->get(key) == value);
}

RC_GTEST_PROP(Table, SeekFindsTheLowerBound, (const Records& records, const std::string& key)) {
  const auto table = open(write(records));
  TableCursor cursor = table->cursor();
  RC_ASSERT(cursor.seek_ge(key).has_value());
  const auto want = records.lower_bound(key);
  RC_ASSERT(cursor.valid() == (want != records.end()));
  if (cursor.valid()) RC_ASSERT(cursor.key() == want->first);
  RC_ASSERT((*table->get(key)).has_value() == (records.count(key) > 0));
}

TEST(Table, EmptyTableHasNothing) {
  const auto table = open(write({}));
  TableCursor cursor = table->cursor();
  EXPECT_FALSE(cursor.valid());
  EXPECT_TRUE(cursor.seek_first().has_value());
  EXPECT_FALSE(cursor.valid());
  EXPECT_TRUE(cursor.seek_ge("a").has_value());
  EXPECT_FALSE(cursor.valid());
  EXPECT_EQ(*table->get(""), std::nullopt);
}

class Sized : public ::testing::TestWithParam<int> {};

TEST_P(Sized, EverySeekLandsRight) {
  const Records records = sample(GetParam());
  const auto table = open(write(records));
  EXPECT_EQ(scan(*table), records);
  TableCursor cursor = table->cursor();
  for (const auto& [key, value] : records) {
    ASSERT_TRUE(cursor.seek_ge(key).has_value());
    ASSERT_TRUE(cursor.valid());
    ASSERT_EQ(cursor.key(), key);
    ASSERT_EQ(cursor.value(), value);
    ASSERT_TRUE(cursor.seek_ge(key + '\0').has_value());
    const auto after = records.upper_bound(key);
    ASSERT_EQ(cursor.valid(), after != records.end());
    if (cursor.valid()) {
      ASSERT_EQ(cursor.key(), after->first);
    }
  }
  EXPECT_EQ(*table->get("day=1/part-"), std::nullopt);
  EXPECT_EQ(*table->get("zzz"), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Table, Sized, ::testing::Values(1, 2, 17, 100, 1000, 12000));

TEST(Table, TheIndexGrowsASecondLevel) {
  const auto small = open(write(sample(1000)));
  const auto large = open(write(sample(12000)));
  constexpr const char* Partitions = "rocksdb.index.partitions";
  EXPECT_EQ((*small->properties()).count(Partitions), 0U);
  EXPECT_EQ((*large->properties()).count(Partitions), 1U);
}

TEST(Table, HostileKeysAndValuesSurvive) {
  Records records;
  base::SeededRng rng(22);
  for (int length = 0; length < 40; ++length) {
    records[std::string(static_cast<std::size_t>(length), '\xff')] = rng.bytes(3000);
    records[std::string(static_cast<std::size_t>(length), '\0')] = "";
    records[std::string(static_cast<std::size_t>(length), '\x01') + '\0'] = std::string(9000, 'v');
  }
  records[std::string(5000, 'k')] = rng.bytes(200000);
  records[std::string(5000, 'k') + "k"] = std::string(200000, 'x');
  const auto table = open(write(records));
  EXPECT_EQ(scan(*table), records);
  for (const auto& [key, value] : records) ASSERT_EQ(*table->get(key), value);
}

TEST(Table, ACursorOutlivesItsTablesOwner) {
  auto table = open(write(sample(100)));
  TableCursor cursor = table->cursor();
  table.reset();
  ASSERT_TRUE(cursor.seek_first().has_value());
  ASSERT_TRUE(cursor.valid());
  EXPECT_EQ(cursor.key(), sample(100).begin()->first);
}

TEST(Table, EstimateOfAFreshWriterIsEightAndNeverShrinks) {
  TableWriter writer;
  EXPECT_EQ(writer.estimated_size(), 8U);
  std::uint64_t least = 0;
  for (const auto& [key, value] : sample(3000)) {
    writer.add(key, value);
    EXPECT_GT(writer.estimated_size() + 4096, least);
    least = writer.estimated_size();
  }
  EXPECT_EQ(writer.count(), 3000U);
}

// Remembers everything and counts.
class CountingCache final : public BlockCache {
 public:
  std::shared_ptr<const base::Bytes> find(std::uint64_t table, std::uint64_t offset) override {
    const auto found = blocks_.find({table, offset});
    if (found == blocks_.end()) return nullptr;
    ++hits;
    return found->second;
  }
  void insert(std::uint64_t table, std::uint64_t offset,
              std::shared_ptr<const base::Bytes> block) override {
    blocks_[{table, offset}] = std::move(block);
    ++inserts;
  }
  int hits = 0;
  int inserts = 0;

 private:
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::shared_ptr<const base::Bytes>> blocks_;
};

Records compressible() {
  Records records;
  for (int i = 0; i < 500; ++i) records["key-" + std::to_string(i)] = std::string(50, 'v');
  return records;
}

TEST(Table, BlocksComeFromTheCacheOnceTheyAreThere) {
  CountingCache cache;
  TableOptions options;
  options.cache = &cache;
  options.cache_number = 7;
  const auto table = open(write(compressible()), options);
  EXPECT_EQ(*table->get("key-77"), std::string(50, 'v'));
  EXPECT_EQ(cache.inserts, 1);
  EXPECT_EQ(cache.hits, 0);
  EXPECT_EQ(*table->get("key-77"), std::string(50, 'v'));
  EXPECT_EQ(cache.inserts, 1);
  EXPECT_EQ(cache.hits, 1);
}

TEST(Table, ABypassingScanLeavesTheCacheAsItWas) {
  CountingCache cache;
  TableOptions options;
  options.cache = &cache;
  const auto table = open(write(compressible()), options);
  TableCursor cursor = table->cursor(Table::Caching::Bypass);
  ASSERT_TRUE(cursor.seek_first().has_value());
  std::size_t count = 0;
  for (; cursor.valid(); ++count) ASSERT_TRUE(cursor.next().has_value());
  EXPECT_EQ(count, compressible().size());
  EXPECT_EQ(cache.inserts, 0);
}

}  // namespace
}  // namespace varve::format
