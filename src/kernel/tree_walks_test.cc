// Diff and merge against the obvious: one map a side. Trees are small and identities few, so that
// ranges shared, split, reused, disjoint and interleaved all occur many times over.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernel/map_trees_test.h"
#include "kernel/merge_table.h"
#include "kernel/random_trees_test.h"
#include "kernel/run_merge_test.h"
#include "kernel/tree_diff.h"
#include "kernel/tree_merge.h"

namespace varve::kernel {
namespace {

std::set<std::string> keys_of(const Map& a, const Map& b, const Map& c) {
  std::set<std::string> keys;
  for (const Map* map : {&a, &b, &c}) {
    for (const auto& [key, identity] : *map) keys.insert(key);
  }
  return keys;
}

std::string row(const std::string& key, Shown shown, std::string_view identity) {
  static const char* const Names[] = {"nothing", "added", "removed", "changed", "conflict"};
  return key + " " + Names[static_cast<int>(shown)] + " " + std::string(identity);
}

std::vector<std::string> shown_rows(const Map& base, const Map& source, const Map& destination) {
  std::vector<std::string> rows;
  for (const std::string& key : keys_of(base, source, destination)) {
    const Side s = at(source, key);
    const Side d = at(destination, key);
    const Shown shown = decide_shown(at(base, key), s, d);
    if (shown != Shown::Nothing) rows.push_back(row(key, shown, s.has_value() ? *s : *d));
  }
  return rows;
}

// The rows of a walk; `seek_at` is a row before which the walk jumps to `seek_key`.
std::vector<std::string> walk_rows(World& world, DiffWalk& walk, std::size_t seek_at,
                                   const std::string& seek_key) {
  std::vector<std::string> rows;
  for (;;) {
    if (rows.size() == seek_at) {
      EXPECT_TRUE(walk.seek_ge(seek_key).has_value());
      seek_at = ~std::size_t{0};
    }
    const auto step = walk.next();
    EXPECT_TRUE(step.has_value());
    if (step->kind == DiffStep::Kind::End) return rows;
    if (step->kind == DiffStep::Kind::Need) {
      EXPECT_TRUE(walk.enter(step->tree, world.open(*step->range)).has_value());
    } else {
      rows.push_back(row(std::string(step->record->key), step->shown, step->record->identity));
    }
  }
}

TEST(DiffWalk, ShowsWhatTheMapsShow) {
  for (int round = 0; round < rounds(); ++round) {
    World world(static_cast<std::uint64_t>(round));
    const Tree base = world.tree_of(world.random_map());
    const Tree source = world.tree_of(world.edited(base.map));
    const Tree destination = world.tree_of(world.edited(base.map));
    DiffWalk walk(base.ranges, source.ranges, destination.ranges);
    const auto want = shown_rows(base.map, source.map, destination.map);
    ASSERT_EQ(walk_rows(world, walk, ~std::size_t{0}, ""), want) << "seed " << round;
    DiffWalk two_way(destination.ranges, source.ranges, destination.ranges);
    ASSERT_EQ(walk_rows(world, two_way, ~std::size_t{0}, ""),
              shown_rows(destination.map, source.map, destination.map))
        << "seed " << round;
  }
}

TEST(DiffWalk, GoesOnWhereItIsTold) {
  for (int round = 0; round < rounds(); ++round) {
    World world(static_cast<std::uint64_t>(round));
    const Tree base = world.tree_of(world.random_map());
    const Tree source = world.tree_of(world.edited(base.map));
    const Tree destination = world.tree_of(world.edited(base.map));
    const auto all = shown_rows(base.map, source.map, destination.map);
    const std::size_t seek_at = all.empty() ? 0 : world.rng().below(all.size() + 1);
    std::string key = world.key();
    std::vector<std::string> want(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(seek_at));
    const std::string passed = want.empty() ? "" : want.back().substr(0, want.back().find(' '));
    for (const std::string& one : all) {
      const std::string path = one.substr(0, one.find(' '));
      if (path > passed && path >= key) want.push_back(one);
    }
    DiffWalk walk(base.ranges, source.ranges, destination.ranges);
    ASSERT_EQ(walk_rows(world, walk, seek_at, key), want) << "seed " << round;
  }
}

TEST(DiffWalk, ALoneRangeMayBeLeftOut) {
  for (int round = 0; round < rounds(); ++round) {
    World world(static_cast<std::uint64_t>(round));
    const Tree left = world.tree_of(world.random_map());
    const Tree right = world.tree_of(world.random_map());
    DiffWalk walk(left.ranges, right.ranges, left.ranges);
    std::set<std::string> met;  // rows met, or known to be in what was left out
    for (;;) {
      const auto step = walk.next();
      ASSERT_TRUE(step.has_value());
      if (step->kind == DiffStep::Kind::End) break;
      if (step->kind == DiffStep::Kind::Row) {
        met.insert(std::string(step->record->key));
      } else if (step->is_lone) {
        for (const auto& [key, identity] : world.files().at(step->range->id.str())) met.insert(key);
        walk.skip(step->tree);
      } else {
        ASSERT_TRUE(walk.enter(step->tree, world.open(*step->range)).has_value());
      }
    }
    std::set<std::string> want;
    for (const auto& one : shown_rows(left.map, right.map, left.map)) {
      want.insert(one.substr(0, one.find(' ')));
    }
    ASSERT_EQ(met, want) << "seed " << round;
  }
}

TEST(DiffWalk, OpensNoRangeThatBothSidesShare) {
  for (int round = 0; round < rounds() / 10; ++round) {
    World world(static_cast<std::uint64_t>(round));
    const Tree left = world.tree_of(world.random_map());
    const Tree right = world.tree_of(world.edited(left.map));
    DiffWalk walk(left.ranges, right.ranges, left.ranges);
    walk_rows(world, walk, ~std::size_t{0}, "");
    for (const auto& range : left.ranges) {
      for (const auto& other : right.ranges) {
        if (range.id == other.id) ASSERT_FALSE(world.was_opened(range)) << "seed " << round;
      }
    }
  }
}

TEST(DiffWalk, ReadsNoRunThatBothSidesShare) {
  Map left;
  for (int i = 100; i < 300; ++i) left[std::to_string(i)] = "A";
  Map right = left;
  right["200"] = "B";
  World world(1);
  const auto range_of = [&world](const Map& map, const std::string& id) {
    world.files()[id] = map;
    model::RangeInfo info;
    info.id = model::RangeId(id);
    info.min_key = map.begin()->first;
    info.max_key = map.rbegin()->first;
    return std::vector{info};
  };
  const auto lefts = range_of(left, "left");
  const auto rights = range_of(right, "right");
  DiffWalk walk(lefts, rights, lefts);
  std::vector<const MapCursor*> cursors;
  int moves = 0;
  int rows = 0;
  for (;;) {
    const auto step = walk.next();
    ASSERT_TRUE(step.has_value());
    if (step->kind == DiffStep::Kind::End) break;
    if (step->kind == DiffStep::Kind::Need) {
      auto cursor = std::make_unique<MapCursor>(world.files().at(step->range->id.str()));
      cursors.push_back(cursor.get());
      ASSERT_TRUE(walk.enter(step->tree, std::move(cursor)).has_value());
      continue;
    }
    ++rows;
    for (const MapCursor* cursor : cursors) moves += cursor->moves();
  }
  EXPECT_EQ(rows, 1);
  EXPECT_LT(moves, 20);
}

Merged merge_maps(const Map& base, const Map& source, const Map& destination,
                  MergeStrategy strategy) {
  Merged merged;
  for (const std::string& key : keys_of(base, source, destination)) {
    const Side s = at(source, key);
    const Side d = at(destination, key);
    const Take take = decide_merge(at(base, key), s, d, strategy);
    if (take == Take::Conflict) return {true, {}, {}};
    const Side result = take == Take::Destination ? d : s;
    if (result.has_value()) merged.content[key] = std::string(*result);
  }
  return merged;
}

class Strategies : public ::testing::TestWithParam<MergeStrategy> {};

TEST_P(Strategies, MergeAsTheMapsMerge) {  // [I-7]
  int conflicts = 0;
  for (int round = 0; round < rounds(); ++round) {
    World world(static_cast<std::uint64_t>(round));
    const Tree base = world.tree_of(world.random_map());
    const Tree source = world.tree_of(world.edited(base.map));
    const Tree destination = world.tree_of(world.edited(base.map));
    MergeOptions options;
    options.strategy = GetParam();
    const Merged want = merge_maps(base.map, source.map, destination.map, GetParam());
    const Merged got = run_merge(world, base.ranges, source.ranges, destination.ranges, options);
    ASSERT_EQ(got.is_conflict, want.is_conflict) << "seed " << round;
    ASSERT_EQ(got.content, want.content) << "seed " << round;
    conflicts += want.is_conflict ? 1 : 0;
  }
  if (GetParam() != MergeStrategy::None) EXPECT_EQ(conflicts, 0);
  if (GetParam() == MergeStrategy::None) EXPECT_GT(conflicts, rounds() / 20);
}

INSTANTIATE_TEST_SUITE_P(MergeWalk, Strategies,
                         ::testing::Values(MergeStrategy::None, MergeStrategy::SourceWins,
                                           MergeStrategy::DestinationWins));

TEST(MergeWalk, AnImportReplacesWhatIsBelowItsDestinations) {
  for (int round = 0; round < rounds(); ++round) {
    World world(static_cast<std::uint64_t>(round));
    const Tree source = world.tree_of(world.random_map());
    const Tree destination = world.tree_of(world.random_map());
    const Tree empty;
    MergeOptions options;
    options.strategy = MergeStrategy::SourceWins;
    options.destination_without = {world.key()};
    if (world.rng().below(2) == 0) options.destination_without.push_back(world.key());
    Map want;
    for (const auto& [key, identity] : destination.map) {
      bool is_below = false;
      for (const auto& prefix : options.destination_without) {
        is_below = is_below || key.starts_with(prefix);
      }
      if (!is_below) want[key] = identity;
    }
    for (const auto& [key, identity] : source.map) want[key] = identity;
    ASSERT_EQ(run_merge(world, empty.ranges, source.ranges, destination.ranges, options).content,
              want)
        << "seed " << round;
  }
}

Tree tree(World& world, const Map& map) { return world.tree_of(map); }

// Found in lakeFS 1.84 (engine.md 17, Q2): the new `a` was taken for the base's `b`, which has the
// same content, and dropped.
TEST(MergeWalk, AnAddedPathIsKeptThoughTheNextBasePathHasItsContent) {
  World world(1);
  const Tree base = tree(world, {{"b", "X"}});
  const Tree destination = tree(world, {});
  const Tree source = tree(world, {{"a", "X"}, {"b", "X"}});
  EXPECT_EQ(run_merge(world, base.ranges, source.ranges, destination.ranges, {}).content,
            (Map{{"a", "X"}}));
  EXPECT_EQ(run_merge(world, base.ranges, destination.ranges, source.ranges, {}).content,
            (Map{{"a", "X"}}));
}

// Q1: `a` is new on both sides and differs; the base's next path has one side's content.
TEST(MergeWalk, TwoDifferentAdditionsConflictWhateverTheNextBasePathHolds) {
  World world(1);
  const Tree base = tree(world, {{"b", "X"}});
  const Tree source = tree(world, {{"a", "X"}, {"b", "X"}});
  const Tree destination = tree(world, {{"a", "Y"}, {"b", "X"}});
  EXPECT_TRUE(run_merge(world, base.ranges, source.ranges, destination.ranges, {}).is_conflict);
  EXPECT_TRUE(run_merge(world, base.ranges, destination.ranges, source.ranges, {}).is_conflict);
}

}  // namespace
}  // namespace varve::kernel
