// Cursors over windows see what a cursor over the whole table sees, as far as their window goes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "format/table_reader.h"
#include "format/table_sample_test.h"
#include "format/table_writer.h"

namespace varve::format {
namespace {

// A table whose data blocks are read where they are needed, as somebody would from a disk.
struct Split {
  explicit Split(const Records& records) {
    TableWriter writer;
    for (const auto& [key, value] : records) writer.add(key, value);
    file = writer.finish({{"type", "ranges"}});
    whole = *Table::open(base::SharedBytes(file, nullptr), {});
    tail = *Table::open_tail(window_of(whole->metadata_offset(), file.size()), {});
  }

  TableWindow window_of(std::uint64_t begin, std::uint64_t end) const {
    const std::uint64_t last = std::min<std::uint64_t>(end, file.size());
    const std::string_view all = file;
    return {base::SharedBytes(base::Bytes(all.substr(begin, last - begin))), begin};
  }
  // A cursor at the first key >= `key`, over the block that has it and `bytes` after that.
  TableCursor cursor_at(std::string_view key, std::uint64_t bytes) const {
    const auto block = *tail->block_reaching(key);
    TableCursor cursor =
        tail->cursor(block ? window_of(block->offset, block->end() + bytes) : TableWindow());
    EXPECT_TRUE(cursor.seek_ge(key).has_value());
    return cursor;
  }

  base::Bytes file;
  std::shared_ptr<const Table> whole;
  std::shared_ptr<const Table> tail;
};

TEST(TableWindow, OneBlockIsEnoughToFindAKey) {
  for (const int count : {1, 500, 10000}) {
    const Records records = sample(count);
    const Split split(records);
    ASSERT_LT(split.whole->metadata_offset(), split.file.size());
    EXPECT_EQ(split.tail->file_size(), split.file.size());
    EXPECT_LT(split.tail->memory_bytes(), split.file.size());
    for (const auto& [key, value] : records) {
      const TableCursor cursor = split.cursor_at(key, 0);
      ASSERT_TRUE(cursor.valid()) << key;
      EXPECT_EQ(cursor.key(), key);
      EXPECT_EQ(cursor.value(), value);
    }
    EXPECT_FALSE(split.cursor_at("zzz", 0).valid());
    EXPECT_FALSE(split.cursor_at("zzz", 0).is_cut()) << "the table ends there";
  }
}

TEST(TableWindow, AnAbsentKeyIsNotInTheBlockThatWouldHaveIt) {
  const Records records = sample(5000);
  const Split split(records);
  for (const auto& [key, value] : records) {
    const std::string absent = key + "+";
    TableCursor all = split.whole->cursor();
    ASSERT_TRUE(all.seek_ge(absent).has_value());
    TableCursor cursor = split.cursor_at(absent, 0);
    // The first key beyond may be in the block after.
    if (cursor.is_cut()) cursor = split.cursor_at(std::string(cursor.cut_at()), 0);
    ASSERT_EQ(cursor.valid(), all.valid()) << absent;
    if (all.valid()) EXPECT_EQ(cursor.key(), all.key());
  }
}

// Through the table in windows of `bytes`, from `key` on.
Records walk(const Split& split, std::string key, std::uint64_t bytes, int* windows) {
  Records records;
  for (;;) {
    ++*windows;
    TableCursor cursor = split.cursor_at(key, bytes);
    while (cursor.valid()) {
      EXPECT_TRUE(records.emplace(cursor.key(), cursor.value()).second) << "twice";
      EXPECT_TRUE(cursor.next().has_value());
    }
    if (!cursor.is_cut()) return records;
    EXPECT_GT(cursor.cut_at(), key);
    key = cursor.cut_at();
  }
}

TEST(TableWindow, AWalkGoesOnWhereItsWindowCutIt) {
  for (const int count : {1, 3, 500, 10000}) {
    const Records records = sample(count);
    const Split split(records);
    for (const std::uint64_t bytes : {0U, 3000U, 20000U, 1U << 20U}) {
      int windows = 0;
      EXPECT_EQ(walk(split, "", bytes, &windows), records);
      if (bytes >= split.file.size()) EXPECT_EQ(windows, 1);
      if (bytes == 0 && count == 10000) EXPECT_GT(windows, 100);
    }
    const auto middle = std::next(records.begin(), count / 2);
    int windows = 0;
    EXPECT_EQ(walk(split, middle->first, 3000, &windows), Records(middle, records.end()));
  }
}

TEST(TableWindow, ASeekOutOfItIsCutThere) {
  const Records records = sample(10000);
  const Split split(records);
  const auto middle = std::next(records.begin(), 5000);
  TableCursor cursor = split.cursor_at(middle->first, 10000);
  ASSERT_TRUE(cursor.valid());
  for (const auto& [key, value] : {*records.begin(), *records.rbegin()}) {
    ASSERT_TRUE(cursor.seek_ge(key).has_value());
    EXPECT_FALSE(cursor.valid());
    ASSERT_TRUE(cursor.is_cut());
    EXPECT_EQ(cursor.cut_at(), key);
  }
  ASSERT_TRUE(cursor.seek_first().has_value());
  EXPECT_TRUE(cursor.is_cut());
  EXPECT_EQ(cursor.cut_at(), "");
  ASSERT_TRUE(cursor.seek_ge(middle->first).has_value());
  ASSERT_TRUE(cursor.valid()) << "it still has this one";
  EXPECT_FALSE(cursor.is_cut());
  EXPECT_EQ(cursor.key(), middle->first);
}

TEST(TableWindow, DamageInItIsFound) {
  const Split split(sample(2000));
  const auto block = **split.tail->block_reaching("day=2");
  const TableWindow window = split.window_of(block.offset, block.end());
  for (std::size_t at = 0; at < block.size; at += 97) {
    base::Bytes damaged(window.bytes.view);
    damaged[at] ^= '\x10';
    TableCursor cursor = split.tail->cursor({base::SharedBytes(std::move(damaged)), block.offset});
    const auto sought = cursor.seek_ge("day=2");
    ASSERT_FALSE(sought.has_value()) << at;
    EXPECT_EQ(sought.error().code(), base::Code::Corruption);
    EXPECT_FALSE(cursor.valid());
  }
}

TEST(TableWindow, ATailThatLacksTheIndexIsRefused) {
  const Split split(sample(10000));
  const std::uint64_t offset = split.whole->metadata_offset();
  for (std::uint64_t begin = offset + 1; begin < split.file.size(); begin += 61) {
    const auto tail = Table::open_tail(split.window_of(begin, split.file.size()), {});
    // Of an index of two levels, the parts are read when they are needed.
    if (!tail.has_value()) continue;
    const auto block = (*tail)->block_reaching("");
    ASSERT_FALSE(block.has_value()) << begin;
    EXPECT_EQ(block.error().code(), base::Code::Corruption);
  }
}

TEST(TableWindow, WithoutOneTheDataOfATailIsOutOfReach) {
  const Split split(sample(100));
  TableCursor cursor = split.tail->cursor();
  const auto sought = cursor.seek_first();
  ASSERT_FALSE(sought.has_value());
  EXPECT_EQ(sought.error().code(), base::Code::Corruption);
}

}  // namespace
}  // namespace varve::format
