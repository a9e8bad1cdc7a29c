// A range copied with edits is the range that adding record by record gives, to the byte, whatever
// was taken over on the way.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/rng.h"
#include "format/block_builder.h"
#include "format/identity.h"
#include "format/range_trace.h"
#include "format/range_writer.h"
#include "format/table_forger_test.h"
#include "format/table_format.h"
#include "format/table_reader.h"
#include "format/table_writer.h"
#include "model/ids.h"

namespace varve::format {
namespace {

using Records = std::map<std::string, std::string>;  // values framed
using Edits = std::map<std::string, std::optional<std::string>>;

std::string key_of(std::uint64_t i) {
  char key[32];
  std::snprintf(key, sizeof(key), "day=%03d/part-%06d", static_cast<int>(i / 100),
                static_cast<int>(i));
  return key;
}

std::string value_of(base::Rng& rng) {
  const std::string identity = rng.bytes(32);
  const std::string data = "address-" + base::hex_encode(rng.bytes(10 + rng.below(20)));
  return frame_value(identity, data);
}

Records sample(std::uint64_t seed, int count) {
  Records records;
  base::SeededRng rng(seed);
  for (int i = 0; i < count; ++i)
    records[key_of(2 * static_cast<std::uint64_t>(i))] = value_of(rng);
  return records;
}

Edits sample_edits(std::uint64_t seed, int count, std::uint64_t span) {
  Edits edits;
  base::SeededRng rng(seed);
  for (int i = 0; i < count; ++i) {
    const std::string key = key_of(rng.below(span));
    if (rng.below(3) == 0) {
      edits[key] = std::nullopt;
    } else {
      edits[key] = value_of(rng);
    }
  }
  return edits;
}

Records records_of(const Table& table) {
  Records records;
  TableCursor cursor = table.cursor();
  EXPECT_TRUE(cursor.seek_first().has_value());
  while (cursor.valid()) {
    records[std::string(cursor.key())] = cursor.value();
    EXPECT_TRUE(cursor.next().has_value());
  }
  return records;
}

base::Bytes one_table(const Records& records) {
  TableWriter writer;
  for (const auto& [key, value] : records) writer.add(key, value);
  return writer.finish({{"type", "ranges"}});
}

// Writes ranges, breaking where they should break.
class Ranges {
 public:
  explicit Ranges(RangeParams params) : params_(params), writer_(params) {}

  void add(std::string_view key, std::string_view value) {
    EXPECT_TRUE(writer_.add_framed(key, value).has_value());
    if (writer_.should_break()) close();
  }

  void copy(TableCursor& source, std::optional<std::string_view> limit) {
    for (;;) {
      const auto end = writer_.copy_from(source, limit);
      ASSERT_TRUE(end.has_value()) << end.error().message();
      if (*end != RangeWriter::CopyEnd::RangeFull) return;
      close();
    }
  }

  void copy_same(TableCursor& source, TableCursor& twin) {
    const auto end = writer_.copy_same(source, twin);
    ASSERT_TRUE(end.has_value()) << end.error().message();
    if (*end == RangeWriter::CopyEnd::RangeFull) close();
  }

  std::vector<EncodedRange> finish() {
    if (!writer_.empty()) close();
    return std::move(ranges_);
  }

 private:
  void close() { ranges_.push_back(std::exchange(writer_, RangeWriter(params_)).finish()); }

  RangeParams params_;
  RangeWriter writer_;
  std::vector<EncodedRange> ranges_;
};

std::vector<EncodedRange> plainly(Records records, const Edits& edits, RangeParams params) {
  for (const auto& [key, value] : edits) {
    if (value.has_value()) {
      records[key] = *value;
    } else {
      records.erase(key);
    }
  }
  Ranges ranges(params);
  for (const auto& [key, value] : records) ranges.add(key, value);
  return ranges.finish();
}

// What an engine has open: a range whose trace was left by writing it, or by verifying it.
std::shared_ptr<const Table> with_trace(const EncodedRange& range, RangeTraceRef trace) {
  TableOptions options;
  options.trace = std::move(trace);
  return *Table::open(base::SharedBytes(range.bytes, nullptr), std::move(options));
}

std::vector<EncodedRange> by_copying(const std::shared_ptr<const Table>& table, const Edits& edits,
                                     RangeParams params) {
  TableCursor source = table->cursor();
  EXPECT_TRUE(source.seek_first().has_value());
  Ranges ranges(params);
  for (const auto& [key, value] : edits) {
    ranges.copy(source, key);
    if (source.valid() && source.key() == key) {
      EXPECT_TRUE(source.next().has_value());
    }
    if (value.has_value()) ranges.add(key, *value);
  }
  ranges.copy(source, std::nullopt);
  return ranges.finish();
}

std::vector<EncodedRange> by_copying(const base::Bytes& file, const Edits& edits,
                                     RangeParams params) {
  return by_copying(*Table::open(base::SharedBytes(file, nullptr), {}), edits, params);
}

void expect_same(const std::vector<EncodedRange>& got, const std::vector<EncodedRange>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].info.id, want[i].info.id);
    EXPECT_EQ(got[i].info.min_key, want[i].info.min_key);
    EXPECT_EQ(got[i].info.max_key, want[i].info.max_key);
    EXPECT_EQ(got[i].info.count, want[i].info.count);
    EXPECT_EQ(got[i].info.estimated_size, want[i].info.estimated_size);
    EXPECT_TRUE(got[i].bytes == want[i].bytes) << i;
  }
}

struct Row {
  const char* name;
  int records;
  int edits;
  RangeParams params;
};

class Copy : public ::testing::TestWithParam<Row> {};

TEST_P(Copy, GivesTheSameFile) {
  const Row& row = GetParam();
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const Records records = sample(seed, row.records);
    const Edits edits = sample_edits(seed + 100, row.edits, 2 * records.size() + 10);
    expect_same(by_copying(one_table(records), edits, row.params),
                plainly(records, edits, row.params));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Format, Copy,
    ::testing::Values(Row{"nothing", 0, 0, {}}, Row{"into_nothing", 0, 5, {}},
                      Row{"one_record", 1, 0, {}}, Row{"few_records", 20, 2, {}},
                      Row{"untouched", 5000, 0, {}}, Row{"one_edit", 5000, 1, {}},
                      Row{"few_edits", 5000, 5, {}}, Row{"many_edits", 3000, 500, {}},
                      Row{"two_levels", 12000, 3, {}},
                      Row{"breaking_by_luck", 5000, 5, {0, 1U << 30U, 400}},
                      Row{"breaking_by_size", 5000, 5, {0, 50000, 1U << 30U}},
                      Row{"lucky_below_the_minimum", 5000, 5, {40000, 1U << 30U, 20}},
                      Row{"breaking_all_the_time", 2000, 5, {0, 6000, 3}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Copy, TakesBlocksOverVerbatim) {
  const Records records = sample(1, 5000);
  const base::Bytes file = one_table(records);
  const auto ranges = by_copying(file, {}, {});
  ASSERT_EQ(ranges.size(), 1U);
  EXPECT_TRUE(ranges[0].bytes.substr(0, 4096) == file.substr(0, 4096));
}

// One range that begins like another is not built from the start.
TEST_P(Copy, OfARangeWithATraceGivesTheSameFile) {
  const Row& row = GetParam();
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const Records records = sample(seed, row.records);
    std::uint64_t span = 2 * records.size() + 10;
    for (const EncodedRange& range : plainly(records, {}, row.params)) {
      const auto unverified = with_trace(range, nullptr);
      const auto traced = trace_range(range.info.id, *unverified, row.params);
      ASSERT_TRUE(traced.has_value()) << traced.error().message();
      const Records content = records_of(*unverified);
      Edits edits = sample_edits(seed + 100, row.edits, span);
      std::erase_if(edits, [&](const auto& edit) { return edit.first <= range.info.min_key; });
      const auto want = plainly(content, edits, row.params);
      expect_same(by_copying(with_trace(range, range.trace), edits, row.params), want);
      expect_same(by_copying(with_trace(range, *traced), edits, row.params), want);
      // And a range made from a trace leaves one as good.
      const auto again = by_copying(with_trace(range, range.trace), edits, row.params);
      for (const EncodedRange& copy : again) {
        const auto table = with_trace(copy, copy.trace);
        const Records now = records_of(*table);
        const std::string late = std::prev(now.end())->first;
        const Edits one = {{late, frame_value("identity", "data")}};
        expect_same(by_copying(table, one, row.params), plainly(now, one, row.params));
      }
    }
  }
}

TEST(Trace, IsTheSameFromWritingAndFromVerifying) {
  const auto ranges = plainly(sample(7, 20000), {}, {});
  ASSERT_EQ(ranges.size(), 1U);
  const auto table = with_trace(ranges[0], nullptr);
  const auto traced = trace_range(ranges[0].info.id, *table, {});
  ASSERT_TRUE(traced.has_value());
  const auto& written = ranges[0].trace->points;
  ASSERT_GT(written.size(), 10U);
  ASSERT_EQ((*traced)->points.size(), written.size());
  for (std::size_t i = 0; i < written.size(); ++i) {
    const auto& point = (*traced)->points[i];
    EXPECT_EQ(point.before.offset, written[i].before.offset);
    EXPECT_EQ(point.before.records, written[i].before.records);
    EXPECT_EQ(point.before.key_bytes, written[i].before.key_bytes);
    EXPECT_EQ(point.before.value_bytes, written[i].before.value_bytes);
    EXPECT_EQ(point.content_bytes, written[i].content_bytes);
    EXPECT_EQ(point.hash->copy().finish(), written[i].hash->copy().finish());
  }
}

TEST(Trace, OfAnotherContentIsCorruption) {
  const auto ranges = plainly(sample(7, 200), {}, {});
  const auto table = with_trace(ranges[0], nullptr);
  const auto traced = trace_range(model::RangeId(std::string(64, 'a')), *table, {});
  EXPECT_EQ(traced.error().code(), base::Code::Corruption);
}

// Under other parameters a key may end a range where it did not.
TEST(Trace, IsOfNoUseUnderOtherParameters) {
  const Records records = sample(8, 20000);
  const auto ranges = plainly(records, {}, {});
  const RangeParams others{0, 1U << 30U, 3000};
  const auto got = by_copying(with_trace(ranges[0], ranges[0].trace), {}, others);
  EXPECT_GT(got.size(), 1U);
  expect_same(got, plainly(records, {}, others));
}

// Both sources are edited copies of one table, so they have blocks alike and blocks that are not.
// What both have is copied from one of them, everything else record by record, or not at all.
enum class Wanted { OfEither, OfBoth };

std::vector<EncodedRange> by_copying_same(const std::shared_ptr<const Table>& left,
                                          const std::shared_ptr<const Table>& right,
                                          RangeParams params, Wanted wanted = Wanted::OfEither) {
  TableCursor source = left->cursor();
  TableCursor twin = right->cursor();
  EXPECT_TRUE(source.seek_first().has_value() && twin.seek_first().has_value());
  Ranges ranges(params);
  while (source.valid() || twin.valid()) {
    if (source.valid() && source.is_at_same_block(twin)) {
      ranges.copy_same(source, twin);
      if (!source.valid() || !twin.valid()) continue;
    }
    const bool is_first = source.valid() && (!twin.valid() || source.key() <= twin.key());
    const bool is_both = source.valid() && twin.valid() && source.key() == twin.key();
    TableCursor& from = is_first ? source : twin;
    if (is_both || wanted == Wanted::OfEither) ranges.add(from.key(), from.value());
    EXPECT_TRUE(from.next().has_value());
    if (is_both) EXPECT_TRUE(twin.next().has_value());
  }
  return ranges.finish();
}

Records edited(Records records, const Edits& edits) {
  for (const auto& [key, value] : edits) {
    if (value.has_value()) records[key] = *value;
  }
  return records;
}

TEST_P(Copy, OfWhatTwoSourcesHaveAlikeGivesTheSameFile) {
  const Row& row = GetParam();
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const Records records = sample(seed, row.records);
    const std::uint64_t span = 2 * records.size() + 10;
    const Records one = edited(records, sample_edits(seed + 100, row.edits, span));
    const Records two = edited(records, sample_edits(seed + 200, row.edits, span));
    Records both = two;
    for (const auto& [key, value] : one) both[key] = value;
    const auto want = plainly(both, {}, row.params);
    const auto left = *Table::open(base::SharedBytes(one_table(one)), {});
    const auto right = *Table::open(base::SharedBytes(one_table(two)), {});
    expect_same(by_copying_same(left, right, row.params), want);
    const auto traced = plainly(one, {}, row.params);
    if (traced.size() != 1) continue;
    expect_same(by_copying_same(with_trace(traced[0], traced[0].trace), right, row.params), want);
  }
}

// What both have, where one lacks a record of the other's: after the last block that is alike comes
// what neither cursor shows.
TEST(Copy, WhatFollowsBlocksThatAreAlikeIsNotKnown) {
  const Records records = sample(7, 300);
  const base::Bytes whole = one_table(records);
  for (const auto& [dropped, value] : records) {
    Records less = records;
    less.erase(dropped);
    const base::Bytes file = one_table(less);
    const auto expected = plainly(less, {}, {});
    const auto all = *Table::open(base::SharedBytes(whole, nullptr), {});
    const auto some = *Table::open(base::SharedBytes(file, nullptr), {});
    expect_same(by_copying_same(all, some, {}, Wanted::OfBoth), expected);
    expect_same(by_copying_same(some, all, {}, Wanted::OfBoth), expected);
  }
}

TEST(Copy, SkipsWhatTwoTablesHaveAlike) {
  const Records records = sample(6, 5000);
  Records other = records;
  other[key_of(6000)] = frame_value("identity", "data");
  const auto left = *Table::open(base::SharedBytes(one_table(records)), {});
  const auto right = *Table::open(base::SharedBytes(one_table(other)), {});
  TableCursor a = left->cursor();
  TableCursor b = right->cursor();
  ASSERT_TRUE(a.seek_first().has_value() && b.seek_first().has_value());
  ASSERT_TRUE(a.is_at_same_block(b));
  ASSERT_TRUE(a.skip_same_blocks(b).has_value());
  ASSERT_TRUE(a.valid() && b.valid());
  EXPECT_FALSE(a.is_at_same_block(b));
  EXPECT_EQ(a.key(), b.key());
  EXPECT_LE(a.key(), key_of(6000));
  EXPECT_GT(a.key(), key_of(5800));
  // Of equal tables nothing is left.
  TableCursor c = left->cursor();
  TableCursor d = left->cursor();
  ASSERT_TRUE(c.seek_first().has_value() && d.seek_first().has_value());
  ASSERT_TRUE(c.skip_same_blocks(d).has_value());
  EXPECT_FALSE(c.valid() || d.valid());
}

// A table that claims our block rules and does not keep them.
base::Bytes forged_table(const Records& records, std::size_t per_block, std::size_t interval) {
  TableForger forger;
  BlockBuilder index(1);
  BlockBuilder block(interval);
  std::size_t count = 0;
  const auto close = [&](const std::string& last_key) {
    index.add(last_key, RecordSuffix, TableForger::index_value(forger.block(block.finish())));
    block.reset();
    count = 0;
  };
  for (const auto& [key, value] : records) {
    block.add(key, RecordSuffix, value);
    if (++count == per_block || key == records.rbegin()->first) close(key);
  }
  const BlockHandle handle = forger.block(index.finish());
  return forger.finish(handle,
                       {{std::string(MergeOperatorProperty), std::string(MergeOperatorName)}});
}

TEST(Copy, OfBlocksThatAreNotOursIsTheSameToo) {
  const Records records = sample(2, 1000);
  for (const std::size_t per_block : {1U, 2U, 20U, 30U, 100U}) {
    for (const std::size_t interval : {1U, 16U, 17U}) {
      expect_same(by_copying(forged_table(records, per_block, interval), {}, {}),
                  plainly(records, {}, {}));
    }
  }
}

TEST(Copy, StopsAtTheLimitAndGoesOn) {
  const Records records = sample(3, 3000);
  const auto table = *Table::open(base::SharedBytes(one_table(records)), {});
  TableCursor source = table->cursor();
  ASSERT_TRUE(source.seek_ge(key_of(1000)).has_value());
  RangeWriter writer;
  EXPECT_EQ(*writer.copy_from(source, key_of(1000)), RangeWriter::CopyEnd::Limit);
  EXPECT_TRUE(writer.empty());
  EXPECT_EQ(*writer.copy_from(source, key_of(3001)), RangeWriter::CopyEnd::Limit);
  EXPECT_EQ(source.key(), key_of(3002));
  EXPECT_EQ(*writer.copy_from(source, std::nullopt), RangeWriter::CopyEnd::SourceEnd);
  EXPECT_FALSE(source.valid());
  const EncodedRange range = writer.finish();
  EXPECT_EQ(range.info.min_key, key_of(1000));
  EXPECT_EQ(range.info.count, 2500);
  EXPECT_TRUE(verify_range_id(range.info.id, range.bytes).has_value());
}

TEST(Copy, KeysStillAscend) {  // [I-5]
  const auto table = *Table::open(base::SharedBytes(one_table(sample(4, 3000))), {});
  TableCursor source = table->cursor();
  ASSERT_TRUE(source.seek_first().has_value());
  RangeWriter writer;
  ASSERT_TRUE(writer.add("zzz", "i", "d").has_value());
  EXPECT_EQ(writer.copy_from(source, std::nullopt).error().code(), base::Code::InvalidArgument);
}

TEST(Copy, ADamagedSourceIsCorruption) {
  base::Bytes file = one_table(sample(5, 3000));
  file[10000] = static_cast<char>(file[10000] ^ 1);
  const auto table = *Table::open(base::SharedBytes(file, nullptr), {});
  TableCursor source = table->cursor();
  ASSERT_TRUE(source.seek_first().has_value());
  RangeWriter writer;
  EXPECT_EQ(writer.copy_from(source, std::nullopt).error().code(), base::Code::Corruption);
}

}  // namespace
}  // namespace varve::format
