// Bytes are never trusted: a damaged or forged table is an error that says so, or it is the table.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
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

using Records = std::map<std::string, std::string>;

// Everything a reader can be asked.
base::Result<Records> read_all(std::string_view bytes) {
  VARVE_TRY(const auto table, Table::open(base::SharedBytes(bytes, nullptr), {"t", nullptr, 0}));
  VARVE_CHECK(table->properties());
  Records records;
  TableCursor cursor = table->cursor();
  VARVE_CHECK(cursor.seek_first());
  while (cursor.valid()) {
    records.emplace(cursor.key(), cursor.value());
    (void)cursor.framed();
    VARVE_CHECK(cursor.next());
  }
  for (const auto& [key, value] : records) VARVE_CHECK(table->get(key));
  return records;
}

Records sample() {
  Records records;
  for (int i = 0; i < 60; ++i) records["key-" + std::to_string(1000 + i)] = std::string(90, 'v');
  return records;
}

base::Bytes sample_file() {
  TableWriter writer;
  for (const auto& [key, value] : sample()) writer.add(key, value);
  return writer.finish({{"type", "ranges"}});
}

void expect_corruption(const base::Result<Records>& result, std::string_view what) {
  ASSERT_FALSE(result.has_value()) << what;
  EXPECT_EQ(result.error().code(), base::Code::Corruption);
  EXPECT_NE(result.error().message().find(what), std::string::npos) << result.error().message();
}

TEST(Corruption, EveryTruncationIsOne) {
  const base::Bytes file = sample_file();
  ASSERT_EQ(*read_all(file), sample());
  for (std::size_t size = 0; size < file.size(); ++size) {
    const auto result = read_all(std::string_view(file).substr(0, size));
    ASSERT_FALSE(result.has_value()) << size;
    ASSERT_EQ(result.error().code(), base::Code::Corruption);
  }
}

TEST(Corruption, EveryFlippedBitIsFoundOrHarmless) {
  base::Bytes file = sample_file();
  int harmless = 0;
  for (std::size_t at = 0; at < file.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      file[at] = static_cast<char>(file[at] ^ 1 << bit);
      const auto result = read_all(file);
      if (result.has_value()) {
        ASSERT_EQ(*result, sample()) << at;
        ++harmless;
      } else {
        ASSERT_EQ(result.error().code(), base::Code::Corruption);
      }
      file[at] = static_cast<char>(file[at] ^ 1 << bit);
    }
  }
  EXPECT_LT(harmless, 40 * 8);  // only the footer's padding
}

base::Bytes record_block(std::string_view key, std::string_view suffix, std::string_view value) {
  BlockBuilder block(16);
  block.add(key, suffix, value);
  return base::Bytes(block.finish());
}

TEST(Corruption, TheForgerForgesSoundTablesToo) {
  TableForger forger;
  EXPECT_EQ(*read_all(forger.around(forger.block(record_block("k", RecordSuffix, "v")))),
            (Records{{"k", "v"}}));
}

struct PayloadRow {
  const char* name;
  base::Bytes payload;
  char type;
  std::string_view what;
};

class BadBlock : public ::testing::TestWithParam<PayloadRow> {};

TEST_P(BadBlock, IsNamed) {
  TableForger forger;
  expect_corruption(read_all(forger.around(forger.block(GetParam().payload, GetParam().type))),
                    GetParam().what);
}

base::Bytes octets(std::string_view hex) {
  base::Bytes bytes;
  EXPECT_TRUE(base::hex_decode(hex, bytes));
  return bytes;
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadBlock,
    ::testing::Values(
        PayloadRow{"no_restarts", "", 0, "malformed"},
        PayloadRow{"zero_restarts", octets("00000000"), 0, "malformed"},
        PayloadRow{"restarts_beyond_block", octets("00000000ffffffff"), 0, "malformed"},
        PayloadRow{"shares_with_nothing",
                   octets("0108000100000000000000"
                          "0000000001000000"),
                   0, "malformed"},
        PayloadRow{"key_beyond_block", octets("00ff7f000000000001000000"), 0, "malformed"},
        PayloadRow{"value_beyond_block",
                   octets("0009056b0100000000000000"
                          "0000000001000000"),
                   0, "malformed"},
        PayloadRow{"size_overflows",
                   octets("00ffffffffffffffffff01ffffffffffffffffff01"
                          "0000000001000000"),
                   0, "malformed"},
        PayloadRow{"key_without_suffix", octets("0001006b0000000001000000"), 0, "no plain set"},
        PayloadRow{"a_delete", record_block("k", std::string_view("\0\0\0\0\0\0\0\0", 8), ""), 0,
                   "no plain set"},
        PayloadRow{"a_sequence_number",
                   record_block("k", std::string_view("\1\1\0\0\0\0\0\0", 8), ""), 0,
                   "no plain set"},
        PayloadRow{"bad_snappy", "\x7fnonsense", 1, "snappy"},
        PayloadRow{"snappy_bomb", octets("ffffffff0f00"), 1, "snappy"},
        PayloadRow{"zstd", "x", 7, "compression"},
        PayloadRow{"unknown_compression", "x", 42, "compression"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Corruption, KeysOutOfOrderWithinABlock) {  // [I-5]
  for (const std::string_view second : {"b", "a"}) {
    TableForger forger;
    BlockBuilder block(16);
    block.add("b", RecordSuffix, "");
    block.add(second, RecordSuffix, "");
    expect_corruption(read_all(forger.around(forger.block(block.finish()))), "out of order");
  }
}

TEST(Corruption, KeysOutOfOrderBetweenBlocks) {  // [I-5]
  TableForger forger;
  const BlockHandle b = forger.block(record_block("b", RecordSuffix, ""));
  const BlockHandle a = forger.block(record_block("a", RecordSuffix, ""));
  BlockBuilder index(1);
  index.add("b", RecordSuffix, TableForger::index_value(b));
  index.add("c", RecordSuffix, TableForger::index_value(a));
  expect_corruption(read_all(forger.finish(forger.block(index.finish()))), "out of order");
}

TEST(Corruption, HandlesBeyondTheFile) {
  for (const BlockHandle bad :
       {BlockHandle{0, 1U << 20U}, BlockHandle{1U << 20U, 1}, BlockHandle{UINT64_MAX, UINT64_MAX},
        BlockHandle{0, UINT64_MAX}, BlockHandle{UINT64_MAX - 4, 4}}) {
    TableForger data;
    expect_corruption(read_all(data.around(bad)), "beyond the end");
    TableForger index;
    expect_corruption(read_all(index.finish(bad)), "beyond the end");
  }
}

TEST(Corruption, IndexEntriesThatNameNoBlock) {
  TableForger forger;
  BlockBuilder index(1);
  index.add("k", RecordSuffix, "\x80");
  expect_corruption(read_all(forger.finish(forger.block(index.finish()))), "index");
}

TEST(Corruption, ATwoLevelIndexOfNothing) {
  TableForger forger;
  BlockBuilder top(1);
  base::Bytes two;
  put_u32le(two, 2);
  expect_corruption(
      read_all(forger.finish(forger.block(top.finish()), {{std::string(IndexKindProperty), two}})),
      "empty index");
}

TEST(Corruption, ADamagedPartitionIsFoundWhenItIsNeeded) {
  TableForger forger;
  const BlockHandle data = forger.block(record_block("a", RecordSuffix, "v"));
  BlockBuilder part(1);
  part.add("a", RecordSuffix, TableForger::index_value(data));
  const BlockHandle good = forger.block(part.finish());
  const BlockHandle bad = forger.block("garbage that is no block", 1);
  BlockBuilder top(1);
  top.add("a", RecordSuffix, TableForger::index_value(good));
  top.add("z", RecordSuffix, TableForger::index_value(bad));
  base::Bytes two;
  put_u32le(two, 2);
  const base::Bytes file =
      forger.finish(forger.block(top.finish()), {{std::string(IndexKindProperty), two}});
  const auto table = *Table::open(base::SharedBytes(file, nullptr), {});
  EXPECT_EQ(*table->get("a"), "v");
  EXPECT_EQ(table->get("b").error().code(), base::Code::Corruption);
  EXPECT_EQ(table->get("b").error().code(), base::Code::Corruption);
}

struct PropertyRow {
  const char* name;
  Properties properties;
  std::string_view what;  // empty: acceptable
};

class PropertyCheck : public ::testing::TestWithParam<PropertyRow> {};

TEST_P(PropertyCheck, DecidesWhetherATableIsReadable) {
  TableForger forger;
  const BlockHandle data = forger.block(record_block("k", RecordSuffix, "v"));
  BlockBuilder index(1);
  index.add("k", RecordSuffix, TableForger::index_value(data));
  const auto result = read_all(forger.finish(forger.block(index.finish()), GetParam().properties));
  if (GetParam().what.empty()) {
    EXPECT_TRUE(result.has_value()) << result.error().message();
  } else {
    expect_corruption(result, GetParam().what);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, PropertyCheck,
    ::testing::Values(
        PropertyRow{"none", {}, ""}, PropertyRow{"unknown_ones", {{"whatever", "x"}}, ""},
        PropertyRow{"comparator", {{"rocksdb.comparator", "leveldb.BytewiseComparator"}}, ""},
        PropertyRow{"comparator_empty", {{"rocksdb.comparator", ""}}, ""},
        PropertyRow{"comparator_reverse", {{"rocksdb.comparator", "rev"}}, "order"},
        PropertyRow{"merge_null", {{"rocksdb.merge.operator", "nullptr"}}, ""},
        PropertyRow{"merge_pebble", {{"rocksdb.merge.operator", "pebble.concatenate"}}, ""},
        PropertyRow{"merge_other", {{"rocksdb.merge.operator", "add"}}, "merge operator"},
        PropertyRow{"global_sequence_zero",
                    {{"rocksdb.external_sst_file.global_seqno", std::string(8, '\0')}},
                    ""},
        PropertyRow{"global_sequence",
                    {{"rocksdb.external_sst_file.global_seqno", std::string(8, '\1')}},
                    "global sequence"},
        PropertyRow{
            "index_type_short", {{"rocksdb.block.based.table.index.type", "x"}}, "index type"},
        PropertyRow{"index_type_hash",
                    {{"rocksdb.block.based.table.index.type", std::string("\1\0\0\0", 4)}},
                    "index type"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Corruption, TheFooterSaysWhatIsWrong) {
  const base::Bytes file = sample_file();
  const auto with = [&file](std::size_t from_end, char octet) {
    base::Bytes changed = file;
    changed[changed.size() - from_end] = octet;
    return read_all(changed);
  };
  expect_corruption(read_all(""), "shorter");
  expect_corruption(with(1, 'x'), "magic");
  expect_corruption(with(12, 5), "format version 5");
  expect_corruption(with(FooterBytes, 4), "checksum kind 4");
  expect_corruption(with(FooterBytes, 3), "checksum mismatch");
}

// A range of records a, b, c and d in blocks of the given keys, with an index of the given keys: of
// two levels if `parts` says which key each part of it ends with.
struct ForgedIndex {
  std::vector<std::string> blocks;
  std::vector<std::string> ends;
  std::vector<std::string> parts;
};

base::Bytes forge(const ForgedIndex& forged) {
  TableForger forger;
  std::vector<base::Bytes> entries;
  for (const std::string& keys : forged.blocks) {
    BlockBuilder data(DataRestartInterval);
    for (const char key : keys) data.add({&key, 1}, RecordSuffix, frame_value("i", "d"));
    entries.push_back(TableForger::index_value(forger.block(data.finish())));
  }
  Properties properties{{"type", "ranges"}};
  BlockBuilder index(1);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i > 0 && !forged.parts.empty()) {  // a part each
      entries[i - 1] = TableForger::index_value(forger.block(index.finish()));
      index.reset();
    }
    index.add(forged.ends[i], SeparatorSuffix, entries[i]);
  }
  BlockHandle top = forger.block(index.finish());
  if (!forged.parts.empty()) {
    entries.back() = TableForger::index_value(top);
    BlockBuilder levels(1);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      levels.add(forged.parts[i], SeparatorSuffix, entries[i]);
    }
    top = forger.block(levels.finish());
    base::Bytes kind;
    put_u32le(kind, static_cast<std::uint32_t>(IndexKind::TwoLevel));
    properties[std::string(IndexKindProperty)] = kind;
  }
  return forger.finish(top, properties);
}

TEST(Corruption, AnIndexThatLeadsPastRecordsIsOne) {
  RangeWriter writer;
  for (const char* key : {"a", "b", "c", "d"}) ASSERT_TRUE(writer.add(key, "i", "d").has_value());
  const model::RangeId id = writer.finish().info.id;
  const auto trace = [&id](const ForgedIndex& forged) {
    const base::Bytes file = forge(forged);
    const auto table = *Table::open(base::SharedBytes(file, nullptr), {});
    return trace_range(id, *table, {});
  };
  for (const ForgedIndex& sound : std::vector<ForgedIndex>{
           {{"abcd"}, {"d"}, {}},
           {{"ab", "cd"}, {"b", "d"}, {}},
           {{"ab", "cd"}, {"bz", "x"}, {}},
           {{"a", "b", "cd"}, {"a", "b", "d"}, {"a", "b", "d"}},
           {{"ab", "cd"}, {"b", "d"}, {"bz", "a"}},  // nobody looks at the last
       }) {
    const auto traced = trace(sound);
    EXPECT_TRUE(traced.has_value()) << traced.error().message();
  }
  for (const ForgedIndex& astray : std::vector<ForgedIndex>{
           {{"abcd"}, {"c"}, {}},                     // d would be above every key
           {{"ab", "cd"}, {"a", "d"}, {}},            // b is sought in the second
           {{"ab", "cd"}, {"c", "d"}, {}},            // c in the first
           {{"ab", "cd"}, {"b", "c"}, {}},            // d in neither
           {{"ab", "", "cd"}, {"b", "bz", "d"}, {}},  // between two blocks, one without records
           {{"ab", "", "cd"}, {"b", "c", "d"}, {}},   // which c is sought in
           {{"ab", "cd", ""}, {"b", "d", "e"}, {}},
           {{"ab", "cd"}, {"b", "d"}, {"a", "d"}},  // b in the second part
           {{"ab", "cd"}, {"b", "d"}, {"c", "d"}},  // c in the first
       }) {
    const auto traced = trace(astray);
    ASSERT_FALSE(traced.has_value()) << astray.blocks.size() << astray.ends.front();
    EXPECT_EQ(traced.error().code(), base::Code::Corruption);
    EXPECT_NE(traced.error().message().find("leads past"), std::string::npos)
        << traced.error().message();
  }
}

}  // namespace
}  // namespace varve::format
