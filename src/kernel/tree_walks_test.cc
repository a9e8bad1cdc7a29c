// Diff, merge and apply against the obvious: one map a side. Trees are small and identities few, so
// that ranges shared, split, reused, disjoint and interleaved all occur many times over.
// VARVE_WALK_ROUNDS raises the number of rounds (a night's run: 1000000).
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/rng.h"
#include "kernel/tree_apply.h"
#include "kernel/tree_diff.h"
#include "kernel/tree_merge.h"

namespace varve::kernel {
namespace {

using Map = std::map<std::string, std::string>;  // path -> identity
constexpr std::uint64_t Raggedness = 3;

int rounds() {
  const char* wanted = std::getenv("VARVE_WALK_ROUNDS");
  return wanted == nullptr ? 5000 : std::atoi(wanted);
}

bool is_lucky(const std::string& key) { return base::fnv1a64(key) % Raggedness == 0; }

// Records of a range, by its id.
using Files = std::map<std::string, Map>;

class MapCursor final : public RecordCursor {
 public:
  explicit MapCursor(const Map& map) : map_(map) {}
  base::Result<void> seek_first() override { return stand(map_.begin()); }
  base::Result<void> seek_ge(std::string_view key) override {
    return stand(map_.lower_bound(std::string(key)));
  }
  base::Result<void> next() override { return stand(std::next(at_)); }

 private:
  base::Result<void> stand(Map::const_iterator at) {
    at_ = at;
    is_valid_ = at != map_.end();
    if (is_valid_) record_ = {at->first, at->second, at->second, at->second};
    return {};
  }
  const Map& map_;
  Map::const_iterator at_;
};

// Collects ranges as a writer of trees does: a copy ends the range being written.
class Ranges {
 public:
  explicit Ranges(Files& files) : files_(files) {}

  void write(const std::string& key, const std::string& identity) {
    ASSERT_TRUE(open_.empty() || open_.rbegin()->first < key);
    open_[key] = identity;
    if (is_lucky(key)) end();
  }
  void end() {
    if (open_.empty()) return;
    model::RangeInfo info;
    std::string content;
    for (const auto& [key, identity] : open_) content += key + "=" + identity + ";";
    info.id = model::RangeId(content);
    info.min_key = open_.begin()->first;
    info.max_key = open_.rbegin()->first;
    // Not over what is there: a cursor may stand in it.
    files_.try_emplace(content, std::exchange(open_, {}));
    infos_.push_back(info);
  }
  void copy(const model::RangeInfo& range) {
    end();
    infos_.push_back(range);
  }
  const std::vector<model::RangeInfo>& infos() const { return infos_; }
  Map content() const {
    Map all;
    for (const auto& range : infos_) {
      const Map& records = files_.at(range.id.str());
      EXPECT_TRUE(all.empty() || all.rbegin()->first < range.min_key) << "ranges out of order";
      all.insert(records.begin(), records.end());
    }
    return all;
  }

 private:
  Files& files_;
  Map open_;
  std::vector<model::RangeInfo> infos_;
};

struct Tree {
  Map map;
  std::vector<model::RangeInfo> ranges;
};

class World {
 public:
  explicit World(std::uint64_t seed) : rng_(seed) {}

  // Ranges as a commit breaks them, and now and then in unexpected places too.
  Tree tree_of(const Map& map) {
    Ranges ranges(files_);
    const bool is_odd = rng_.below(4) == 0;
    for (const auto& [key, identity] : map) {
      ranges.write(key, identity);
      if (is_odd && rng_.below(4) == 0) ranges.end();
    }
    ranges.end();
    return {map, ranges.infos()};
  }

  std::string key() {
    std::string key;
    const std::uint64_t size = 1 + rng_.below(2);
    for (std::uint64_t i = 0; i < size; ++i) key += static_cast<char>('a' + rng_.below(6));
    return key;
  }
  std::string identity() { return std::string(1, static_cast<char>('A' + rng_.below(3))); }

  Map random_map() {
    Map map;
    for (std::uint64_t left = rng_.below(14); left > 0; --left) {
      const std::string k = key();
      map[k] = identity();
    }
    return map;
  }
  Map edited(Map map) {
    for (std::uint64_t left = rng_.below(5); left > 0; --left) {
      const std::string k = key();
      if (rng_.below(3) == 0) {
        map.erase(k);
      } else {
        map[k] = identity();
      }
    }
    return map;
  }

  std::unique_ptr<RecordCursor> open(const model::RangeInfo& range) {
    ++opened_[range.id.str()];
    return std::make_unique<MapCursor>(files_.at(range.id.str()));
  }
  bool was_opened(const model::RangeInfo& range) const { return opened_.contains(range.id.str()); }

  Files& files() { return files_; }
  base::SeededRng& rng() { return rng_; }

 private:
  base::SeededRng rng_;
  Files files_;
  std::map<std::string, int> opened_;
};

Side at(const Map& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? Side() : Side(found->second);
}

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

struct Merged {
  bool is_conflict = false;
  std::vector<model::RangeInfo> ranges;
  Map content;
};

Merged run_merge(World& world, const Tree& base, const Tree& source, const Tree& destination,
                 MergeOptions options) {
  MergeWalk walk(base.ranges, source.ranges, destination.ranges, std::move(options));
  Ranges out(world.files());
  for (;;) {
    const auto step = walk.next();
    EXPECT_TRUE(step.has_value());
    switch (step->kind) {
      case MergeStep::Kind::Need:
        EXPECT_TRUE(walk.enter(step->tree, world.open(*step->range)).has_value());
        break;
      case MergeStep::Kind::Copy:
        out.copy(*step->range);
        break;
      case MergeStep::Kind::Write:
        out.write(std::string(step->record->key), std::string(step->record->identity));
        break;
      case MergeStep::Kind::Conflict:
        return {true, {}, {}};
      case MergeStep::Kind::End:
        out.end();
        return {false, out.infos(), out.content()};
    }
  }
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
    const Merged got = run_merge(world, base, source, destination, options);
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
    ASSERT_EQ(run_merge(world, empty, source, destination, options).content, want)
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
  EXPECT_EQ(run_merge(world, base, source, destination, {}).content, (Map{{"a", "X"}}));
  EXPECT_EQ(run_merge(world, base, destination, source, {}).content, (Map{{"a", "X"}}));
}

// Q1: `a` is new on both sides and differs; the base's next path has one side's content.
TEST(MergeWalk, TwoDifferentAdditionsConflictWhateverTheNextBasePathHolds) {
  World world(1);
  const Tree base = tree(world, {{"b", "X"}});
  const Tree source = tree(world, {{"a", "X"}, {"b", "X"}});
  const Tree destination = tree(world, {{"a", "Y"}, {"b", "X"}});
  EXPECT_TRUE(run_merge(world, base, source, destination, {}).is_conflict);
  EXPECT_TRUE(run_merge(world, base, destination, source, {}).is_conflict);
}

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
        if (!step.is_cut) EXPECT_TRUE(run->finish().has_value());
        if (!step.is_cut) after.clear();
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
