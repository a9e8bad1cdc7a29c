#include "engine/tree/verified_ranges.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/run.h"
#include "engine/core/core.h"
#include "engine/tree/harness_test.h"
#include "engine/tree/tree.h"
#include "format/range_trace.h"
#include "format/table_reader.h"
#include "ports/object_types.h"

namespace varve::engine {
namespace {

constexpr VerifiedRanges::Budget Ample{1U << 20U, 1U << 20U};
constexpr std::uint64_t Piece = VerifiedRange::PieceBytes;

format::TableWindow window(std::string_view file, std::uint64_t begin, std::uint64_t size) {
  return {base::SharedBytes(base::Bytes(file.substr(begin, size))), begin};
}

TEST(VerifiedRanges, KnowsTheFileItWasTold) {
  base::SeededRng rng(1);
  VerifiedRanges verified(rng, Ample);
  const auto trace = std::make_shared<const format::RangeTrace>();
  EXPECT_EQ(verified.find("ns/a"), nullptr);
  verified.remember("ns/a", "file", 2, trace);
  const VerifiedRangeRef known = verified.find("ns/a");
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->metadata_offset, 2U);
  EXPECT_EQ(verified.find_trace("ns/a"), trace);
  EXPECT_TRUE(verified.is_same(*known, window("file", 0, 4)));
  EXPECT_FALSE(verified.is_same(*known, window("fils", 0, 4))) << "another file of this name";
  EXPECT_FALSE(verified.is_same(*known, window("file ", 0, 5)));
  EXPECT_FALSE(verified.is_same(*known, window("fil", 0, 3)));
  EXPECT_EQ(verified.find("ms/a"), nullptr) << "another namespace";
  EXPECT_EQ(verified.find_trace("ms/a"), nullptr);
  verified.forget("ns/a");
  EXPECT_EQ(verified.find("ns/a"), nullptr);
  EXPECT_EQ(verified.find_trace("ns/a"), nullptr);
  verified.forget("ns/a");
}

TEST(VerifiedRanges, KnowsEachPieceByItsPlace) {
  base::SeededRng rng(1);
  VerifiedRanges verified(rng, Ample);
  const base::Bytes file = rng.bytes(3 * Piece + 100);
  const VerifiedRangeRef known =
      verified.remember("a", file, 0, std::make_shared<const format::RangeTrace>());
  for (const auto& [offset, size, begin, end] : std::vector<std::array<std::uint64_t, 4>>{
           {0, 1, 0, Piece},
           {Piece - 1, 1, 0, Piece},
           {Piece - 1, 2, 0, 2 * Piece},
           {Piece, Piece, Piece, 2 * Piece},
           {3 * Piece + 1, 1, 3 * Piece, 3 * Piece + 100},
           {3 * Piece - 1, 900, 2 * Piece, 3 * Piece + 100},
           {9 * Piece, 1, 3 * Piece, 3 * Piece + 100},
       }) {
    const format::TableStretch around = known->pieces_around({offset, size});
    EXPECT_EQ(around.offset, begin) << offset;
    EXPECT_EQ(around.end(), end) << offset;
    EXPECT_TRUE(verified.is_same(*known, window(file, begin, end - begin)));
    EXPECT_FALSE(verified.is_same(*known, window(file, begin, end - begin - 1))) << "cut";
    base::Bytes other = file;
    other[end - 1] ^= '\x01';
    EXPECT_FALSE(verified.is_same(*known, window(other, begin, end - begin)));
  }
  EXPECT_FALSE(verified.is_same(*known, {base::SharedBytes(file.substr(0, Piece)), Piece}))
      << "a piece of it, elsewhere";
  EXPECT_FALSE(verified.is_same(*known, window(file, 1, Piece))) << "no whole piece";
}

TEST(VerifiedRanges, KeepsWithinItsBudget) {
  base::SeededRng rng(1);
  VerifiedRanges verified(rng, {10000, 5000});
  for (int i = 0; i < 1000; ++i) {
    verified.remember(std::to_string(i), "file", 0, std::make_shared<const format::RangeTrace>());
  }
  int known = 0;
  int traces = 0;
  for (int i = 0; i < 1000; ++i) {
    known += verified.find(std::to_string(i)) != nullptr;
    traces += verified.find_trace(std::to_string(i)) != nullptr;
  }
  EXPECT_GT(known, 5);
  EXPECT_LT(known, 100);
  EXPECT_GT(traces, 2);
  EXPECT_LT(traces, 50);
}

Records sample(const std::string& prefix) {
  Records records;
  for (int i = 10000; i < 13000; ++i) {
    const std::string path = prefix + std::to_string(i);
    records[path] = record_of(path);
  }
  return records;
}

// A cache that has room for one of two trees: each is read anew when the other was.
TEST(VerifiedRanges, WhatIsDamagedAfterItWasVerifiedIsFound) {
  EngineOptions options;
  options.table_cache_bytes = 64U << 10U;
  TreeFixture trees(options);
  const SnapshotRef first = trees.tree_of(sample("a"));
  const SnapshotRef second = trees.tree_of(sample("b"));
  ASSERT_EQ(first->ranges.size(), 1U);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(operator_equal(trees.content(first), sample("a")));
    EXPECT_TRUE(operator_equal(trees.content(second), sample("b")));
  }
  const auto address = metadata_address(trees.core.options, trees.repository->storage_namespace,
                                        first->ranges.front().id.str());
  auto reader = base::run(trees.memory.get({}, address, {}));
  ASSERT_TRUE(reader.has_value());
  base::Bytes file = base::run((*reader)->read(1U << 20U)).value();
  file[100] ^= '\x40';
  ASSERT_TRUE(
      base::run(trees.memory.put_bytes({}, address, file, ports::PutMode::Overwrite)).has_value());
  const auto found = base::run(trees.snapshots.get({}, trees.repository, first, "a10000"));
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code(), base::Code::Corruption);
}

}  // namespace
}  // namespace varve::engine
