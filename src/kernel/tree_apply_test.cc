// Apply against the obvious: a map that takes the changes.
#include "kernel/tree_apply.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "kernel/map_trees_test.h"
#include "kernel/random_trees_test.h"
#include "kernel/tree_side.h"

namespace varve::kernel {
namespace {

// A writer that keeps what it is given, as ApplyRun gives it.
class MapSink final : public RecordSink {
 public:
  explicit MapSink(Files& files) : ranges(files) {}
  base::Result<void> carry(const Record& record) override {
    ranges.write(std::string(record.key), std::string(record.identity));
    return {};
  }
  base::Result<void> put(const StagedChange& change) override {
    ranges.write(std::string(change.path), std::string(change.identity));
    return {};
  }
  Ranges ranges;
};

struct Applied {
  std::vector<std::string> ids;
  ApplyCounts counts;
  std::set<std::string> copied;
};

// Every stretch has a writer of its own, as if it were built beside the others.
Applied run_apply(World& world, const Tree& base, const Map& changes, std::uint64_t raggedness) {
  ApplyPlan plan(base.ranges, raggedness);
  Applied applied;
  std::unique_ptr<MapSink> sink;
  std::unique_ptr<ApplyRun> run;
  std::string after;
  const auto open_stretch = [&] {
    if (run != nullptr) return;
    sink = std::make_unique<MapSink>(world.files());
    run = std::make_unique<ApplyRun>(*sink);
  };
  const auto obey = [&](const PlanStep& step) {
    switch (step.kind) {
      case PlanStep::Kind::EndStretch:
        if (!step.is_cut) {
          EXPECT_TRUE(run->finish().has_value());
          after.clear();
        }
        sink->ranges.end();
        for (const auto& info : sink->ranges.infos()) applied.ids.push_back(info.id.str());
        applied.counts.added += run->counts().added;
        applied.counts.changed += run->counts().changed;
        applied.counts.removed += run->counts().removed;
        run.reset();
        break;
      case PlanStep::Kind::Copy:
        EXPECT_EQ(run, nullptr);
        applied.ids.push_back(base.ranges[step.range].id.str());
        applied.copied.insert(base.ranges[step.range].id.str());
        break;
      case PlanStep::Kind::Open:
        open_stretch();
        EXPECT_TRUE(run->open(world.open(base.ranges[step.range]), after).has_value());
        break;
      case PlanStep::Kind::Take:
        open_stretch();
        break;
      case PlanStep::Kind::End:
        break;
    }
  };
  for (const auto& [path, identity] : changes) {
    const StagedChange change{path, identity, identity};
    for (;;) {
      const PlanStep step = plan.next(change);
      obey(step);
      if (step.kind == PlanStep::Kind::Take) break;
    }
    EXPECT_TRUE(run->take({&change, 1}).has_value());
    after = path;
  }
  for (;;) {
    const PlanStep step = plan.finish();
    obey(step);
    if (step.kind == PlanStep::Kind::End) return applied;
  }
}

TEST(Apply, GivesTheTreeOfTheMapAndCountsWhatChanged) {
  for (int round = 0; round < rounds(); ++round) {
    World world(static_cast<std::uint64_t>(round));
    const Tree base = world.tree_of(world.random_map());
    Map changes = world.random_map();
    for (auto& [path, identity] : changes) {
      if (world.rng().below(3) == 0) identity.clear();
    }
    Map want = base.map;
    ApplyCounts counts;
    for (const auto& [path, identity] : changes) {
      const auto found = want.find(path);
      if (identity.empty()) {
        counts.removed += static_cast<std::int64_t>(want.erase(path));
      } else {
        if (found == want.end()) ++counts.added;
        if (found != want.end() && found->second != identity) ++counts.changed;
        want[path] = identity;
      }
    }
    const Applied whole = run_apply(world, base, changes, 0);
    Map content;
    for (const std::string& id : whole.ids) {
      const Map& records = world.files().at(id);
      ASSERT_TRUE(content.empty() || content.rbegin()->first < records.begin()->first);
      content.insert(records.begin(), records.end());
    }
    ASSERT_EQ(content, want) << "seed " << round;
    ASSERT_EQ(whole.counts.added, counts.added) << "seed " << round;
    ASSERT_EQ(whole.counts.changed, counts.changed) << "seed " << round;
    ASSERT_EQ(whole.counts.removed, counts.removed) << "seed " << round;
    // Cutting stretches where ranges must end changes nothing.
    const Applied cut = run_apply(world, base, changes, Raggedness);
    ASSERT_EQ(cut.ids, whole.ids) << "seed " << round;
    ASSERT_EQ(cut.counts.changed, counts.changed) << "seed " << round;
  }
}

// engine.md 8.6: a change in the gap before a range forces it to be rewritten; others stay.
TEST(Apply, RewritesExactlyTheRangesThatAChangeReaches) {
  for (int round = 0; round < rounds() / 4; ++round) {
    World world(static_cast<std::uint64_t>(round));
    const Tree base = world.tree_of(world.random_map());
    const Map changes = world.random_map();
    const Applied applied = run_apply(world, base, changes, Raggedness);
    std::string before;
    for (const auto& range : base.ranges) {
      const auto first = before.empty() ? changes.begin() : changes.upper_bound(before);
      const bool is_reached = first != changes.end() && first->first <= range.max_key;
      ASSERT_EQ(applied.copied.contains(range.id.str()), !is_reached) << "seed " << round;
      before = range.max_key;
    }
  }
}

}  // namespace
}  // namespace varve::kernel
