#include "kernel/merge_parts.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernel/map_trees_test.h"
#include "kernel/merge_table.h"
#include "kernel/random_trees_test.h"
#include "kernel/run_merge_test.h"
#include "kernel/tree_merge.h"
#include "model/records.h"

namespace varve::kernel {
namespace {

std::vector<std::string> ids_of(const std::vector<model::RangeInfo>& ranges) {
  std::vector<std::string> ids;
  for (const auto& range : ranges) ids.push_back(range.id.str());
  return ids;
}

class Parts : public ::testing::TestWithParam<MergeStrategy> {};

// Range for range, so that the tree has the id it would have had.
TEST_P(Parts, TogetherMakeTheTreeThatOneWalkMakes) {  // [I-7]
  int cut = 0;
  int conflicts = 0;
  for (int round = 0; round < rounds(); ++round) {
    World world(static_cast<std::uint64_t>(round));
    const Tree base = world.tree_of(world.random_map());
    const Tree source = world.tree_of(world.edited(base.map));
    const Tree destination = world.tree_of(world.edited(base.map));
    MergeOptions options;
    options.strategy = GetParam();
    const Merged want = run_merge(world, base.ranges, source.ranges, destination.ranges, options);
    const auto parts = merge_parts(source.ranges, destination.ranges, {Raggedness, 0});
    Merged got;
    for (const MergePart& part : parts) {
      const Merged merged = run_merge(world, base.ranges, part.source, part.destination, options);
      got.is_conflict = got.is_conflict || merged.is_conflict;
      got.ranges.insert(got.ranges.end(), merged.ranges.begin(), merged.ranges.end());
    }
    ASSERT_EQ(got.is_conflict, want.is_conflict) << "seed " << round;
    if (!want.is_conflict) ASSERT_EQ(ids_of(got.ranges), ids_of(want.ranges)) << "seed " << round;
    cut += parts.size() > 1 ? 1 : 0;
    conflicts += want.is_conflict ? 1 : 0;
  }
  EXPECT_GT(cut, rounds() / 4);
  if (GetParam() == MergeStrategy::None) EXPECT_GT(conflicts, 0);
}

INSTANTIATE_TEST_SUITE_P(MergeParts, Parts,
                         ::testing::Values(MergeStrategy::None, MergeStrategy::SourceWins,
                                           MergeStrategy::DestinationWins));

model::RangeInfo range(const std::string& id, const std::string& max_key, std::uint64_t size) {
  model::RangeInfo info;
  info.id = model::RangeId(id);
  info.min_key = max_key;
  info.max_key = max_key;
  info.estimated_size = size;
  return info;
}

std::vector<std::size_t> sizes(const std::vector<MergePart>& parts) {
  std::vector<std::size_t> sizes;
  for (const MergePart& part : parts) {
    sizes.push_back(part.source.size());
    sizes.push_back(part.destination.size());
  }
  return sizes;
}

using Sizes = std::vector<std::size_t>;

TEST(MergeParts, AreCutWhereBothSidesEndARangeBecauseOfItsKey) {
  const std::vector ours = {range("a", "a", 10), range("c", "c", 10), range("d", "d", 10)};
  const std::vector theirs = {range("A", "a", 10), range("b", "b", 10), range("C", "c", 10)};
  EXPECT_EQ(sizes(merge_parts(ours, theirs, {1, 0})), (Sizes{1, 1, 1, 2, 1, 0}));
  EXPECT_EQ(sizes(merge_parts(ours, theirs, {0, 0})), (Sizes{3, 3})) << "no key ends a range";
  EXPECT_EQ(sizes(merge_parts({}, {}, {1, 0})), (Sizes{0, 0}));
}

TEST(MergeParts, AreWorthTheirWhile) {
  const std::vector ours = {range("a", "a", 99), range("b", "b", 10), range("c", "c", 10)};
  const std::vector theirs = {range("a", "a", 99), range("B", "b", 5), range("C", "c", 6)};
  EXPECT_EQ(sizes(merge_parts(ours, theirs, {1, 15})), (Sizes{2, 2, 1, 1}));
  EXPECT_EQ(sizes(merge_parts(ours, theirs, {1, 16})), (Sizes{3, 3})) << "what is shared is free";
}

}  // namespace
}  // namespace varve::kernel
