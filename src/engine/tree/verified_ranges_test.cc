#include "engine/tree/verified_ranges.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/run.h"
#include "engine/core/core.h"
#include "engine/tree/harness_test.h"
#include "engine/tree/tree.h"
#include "format/range_trace.h"
#include "ports/object_types.h"

namespace varve::engine {
namespace {

TEST(VerifiedRanges, KnowsTheFileItWasTold) {
  base::SeededRng rng(1);
  VerifiedRanges verified(rng, 1U << 20U);
  const auto trace = std::make_shared<const format::RangeTrace>();
  EXPECT_EQ(verified.find("ns/a", "file"), nullptr);
  verified.remember("ns/a", "file", trace);
  EXPECT_EQ(verified.find("ns/a", "file"), trace);
  EXPECT_EQ(verified.find("ns/a", "fils"), nullptr) << "another file of this name";
  EXPECT_EQ(verified.find("ns/a", "file "), nullptr);
  EXPECT_EQ(verified.find("ms/a", "file"), nullptr) << "another namespace";
}

TEST(VerifiedRanges, KeepsWithinItsBudget) {
  base::SeededRng rng(1);
  VerifiedRanges verified(rng, 10000);
  for (int i = 0; i < 1000; ++i) {
    verified.remember(std::to_string(i), "file", std::make_shared<const format::RangeTrace>());
  }
  int known = 0;
  for (int i = 0; i < 1000; ++i) known += verified.find(std::to_string(i), "file") != nullptr;
  EXPECT_GT(known, 5);
  EXPECT_LT(known, 100);
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
  file[file.size() / 4] ^= '\x40';
  ASSERT_TRUE(
      base::run(trees.memory.put_bytes({}, address, file, ports::PutMode::Overwrite)).has_value());
  const auto found = base::run(trees.snapshots.get({}, trees.repository, first, "a10000"));
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code(), base::Code::Corruption);
}

}  // namespace
}  // namespace varve::engine
