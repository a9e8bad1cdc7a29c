// The history that lakeFS 1.84 wrote by formula (golden/large.json): 200,000 objects; commit,
// branch, two commits, merge. The same four metarange ids prove range splitting, the reuse of
// ranges on commit, and the merge's handling of ranges.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "base/run.h"
#include "engine/tree/harness_test.h"
#include "engine/tree/tree.h"
#include "format/catalog.h"
#include "format/identity.h"
#include "kernel/merge_table.h"
#include "model/records.h"

namespace varve::engine {
namespace {

constexpr int N = 200000;

std::string path_of(int i) {
  char path[96];
  std::snprintf(path, sizeof(path), "sensor=acc/subject=%05d/day=%03d/part-%06d.parquet", i % 997,
                i / 997 % 365, i);
  return path;
}

// Content number `content` at the path of `i`.
model::EntryRecord object(int i, int content) {
  char checksum[40];
  std::snprintf(checksum, sizeof(checksum), "%032x", static_cast<unsigned>(content));
  model::Entry entry;
  entry.address = "local:///ext/" + std::to_string(content);
  entry.address_type = model::AddressType::Full;
  entry.etag = checksum;
  entry.size = 1000 + i % 1000;
  entry.last_modified = {1700000000, 0};
  entry.content_type = "application/octet-stream";
  model::EntryRecord record;
  record.identity = format::entry_identity(entry);
  record.data = *format::encode_entry(entry);
  return record;
}

TEST(LargeHistory, HasTheIdsThatLakeFsGaveIt) {
  TreeFixture trees;
  Records one;
  for (int i = 0; i < N; ++i) one[path_of(i)] = object(i, i);
  const SnapshotRef first = trees.tree_of(one);
  EXPECT_EQ(first->id.view(), "8bc62f2c68080260b8e8088cd312ad94e0f45f683896fd3c4aa2487e3e50a882");

  Records two;
  for (int i = 0; i < N; i += N / 100) two[path_of(i)] = object(i, i + 10000000);
  const SnapshotRef dev = trees.apply(first, two);
  EXPECT_EQ(dev->id.view(), "b92700eda77b8971c73d2c55146c0317776bb9547c3ca2824d83976a0b204d41");

  Records three;
  for (int i = 7; i < N; i += N / 50) three[path_of(i)] = object(i, i + 20000000);
  for (int i = 11; i < N; i += N / 20) three[path_of(i)] = tombstone();
  const SnapshotRef main = trees.apply(first, three);
  EXPECT_EQ(main->id.view(), "515e697d91ffdc53cbff1eda0a3cbcd90215c5fc9aed8a5eacfa27c1c5119fd5");

  const auto merged = base::run(
      trees.snapshots.merge({}, trees.repository, first, dev, main, kernel::MergeStrategy::None));
  ASSERT_TRUE(merged.has_value()) << merged.error().message();
  EXPECT_EQ(merged->view(), "8e106fd64c001a16a86cfce2a1f32a5e5e0af1fb0240b0ec2d2d68823e4bdb10");
}

}  // namespace
}  // namespace varve::engine
