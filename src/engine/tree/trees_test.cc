// Trees of some hundred blocks, so that whatever is skipped or carried as a whole is, against the
// obvious: a map.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "base/run.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/tree/diff.h"
#include "engine/tree/harness_test.h"
#include "engine/tree/tree.h"
#include "kernel/merge_table.h"

namespace varve::engine {
namespace {

constexpr int N = 6000;

std::string path_of(std::uint64_t i) {
  char path[32];
  std::snprintf(path, sizeof path, "day=%03d/part-%06d", static_cast<int>(i / 100),
                static_cast<int>(i));
  return path;
}

Records sample(int count) {
  Records records;
  for (int i = 0; i < count; ++i) {
    records[path_of(2 * static_cast<std::uint64_t>(i))] = record_of(std::to_string(i));
  }
  return records;
}

Records edits_of(base::Rng& rng, const std::string& side) {
  Records edits;
  for (std::uint64_t left = rng.below(30); left > 0; --left) {
    const std::string path = path_of(rng.below(2 * N));
    const bool is_removal = rng.below(3) == 0;
    edits[path] = is_removal ? tombstone() : record_of(side + std::to_string(left));
  }
  return edits;
}

Records edited(Records records, const Records& edits) {
  for (const auto& [path, record] : edits) {
    if (record.identity.empty()) {
      records.erase(path);
    } else {
      records[path] = record;
    }
  }
  return records;
}

EngineOptions small_ranges() {
  EngineOptions options;
  options.range_raggedness = 1500;
  options.range_bytes_max = 150000;
  return options;
}

base::Task<std::vector<std::string>> diff_rows(Snapshots* snapshots, RepositoryRef repository,
                                               SnapshotRef left, SnapshotRef right) {
  TreeDiff diff(*snapshots, {}, std::move(repository), {left, right, left});
  std::vector<std::string> all;
  for (;;) {
    auto rows = co_await diff.next_batch(100);
    EXPECT_TRUE(rows.has_value()) << rows.error().message();
    if (!rows.has_value() || rows->empty()) break;
    for (const TreeDiffRow& row : *rows) all.push_back(row.path);
  }
  co_return all;
}

std::vector<std::string> changed_paths(const Records& left, const Records& right) {
  std::vector<std::string> paths;
  auto a = left.begin();
  auto b = right.begin();
  while (a != left.end() || b != right.end()) {
    if (b == right.end() || (a != left.end() && a->first < b->first)) {
      paths.push_back((a++)->first);
    } else if (a == left.end() || b->first < a->first) {
      paths.push_back((b++)->first);
    } else {
      if (a->second.identity != b->second.identity) paths.push_back(a->first);
      ++a;
      ++b;
    }
  }
  return paths;
}

TEST(Trees, ApplyDiffAndMergeAsMapsDo) {
  const Records records = sample(N);
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    TreeFixture trees(seed % 2 == 0 ? small_ranges() : EngineOptions());
    base::SeededRng rng(seed);
    const SnapshotRef base = trees.tree_of(records);
    const Records ours = edits_of(rng, "ours");
    const Records theirs = edits_of(rng, "theirs");
    const SnapshotRef source = trees.apply(base, ours);
    const SnapshotRef destination = trees.apply(base, theirs);
    ASSERT_TRUE(operator_equal(trees.content(source), edited(records, ours))) << "seed " << seed;
    ASSERT_EQ(base::run(diff_rows(&trees.snapshots, trees.repository, destination, source)),
              changed_paths(edited(records, theirs), edited(records, ours)))
        << "seed " << seed;
    const auto merged = base::run(trees.snapshots.merge(
        {}, trees.repository, base, source, destination, kernel::MergeStrategy::SourceWins));
    ASSERT_TRUE(merged.has_value()) << merged.error().message();
    Records want = edited(edited(records, theirs), ours);
    // What the source left alone, the destination decides; what the source undid, stays undone.
    for (const auto& [path, record] : ours) {
      const bool is_source_change = !operator_equal(edited(records, {{path, record}}), records);
      if (!is_source_change && theirs.contains(path))
        want = edited(want, {{path, theirs.at(path)}});
    }
    ASSERT_TRUE(operator_equal(trees.content(trees.open(*merged)), want)) << "seed " << seed;
  }
}

// A change that is taken back gives the tree there was: the same ranges, hence the same ids.
TEST(Trees, TakingAChangeBackGivesTheTreeThereWas) {
  TreeFixture trees;
  const Records records = sample(N);
  const SnapshotRef base = trees.tree_of(records);
  const std::string path = path_of(2 * (N / 2));
  const SnapshotRef there = trees.apply(base, {{path, record_of("changed")}});
  EXPECT_NE(there->id, base->id);
  EXPECT_EQ(trees.apply(there, {{path, records.at(path)}})->id, base->id);
}

}  // namespace
}  // namespace varve::engine
