#include "kernel/graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/rng.h"
#include "model/records.h"

namespace varve::kernel {
namespace {

// A history written down: name, parents, date. Ids are digests of the names, as real ones are.
class History {
 public:
  void commit(const std::string& name, std::vector<std::string> parents, std::int64_t date) {
    model::Commit commit;
    commit.id = model::CommitId(id(name));
    commit.creation_date.seconds = date;
    commit.generation = 1;
    for (const std::string& parent : parents) {
      commit.parents.push_back(model::CommitId(id(parent)));
      commit.generation = std::max(commit.generation, commits_.at(id(parent)).generation + 1);
    }
    names_[commit.id.str()] = name;
    commits_[commit.id.str()] = commit;
  }

  static std::string id(const std::string& name) { return base::hex_encode(base::sha256(name)); }

  // What the walk needs is added one commit at a time, as a cold engine does.
  template <class Walk>
  std::string next(Walk& walk) {
    for (;;) {
      const GraphStep step = walk.next(graph_);
      if (step.kind == GraphStep::Kind::End) return "-";
      if (step.kind == GraphStep::Kind::Commit) return names_.at(graph_.id(step.commit));
      ++loads_;
      graph_.add(commits_.at(graph_.id(step.commit)));
    }
  }

  std::string merge_base(const std::string& left, const std::string& right) {
    MergeBaseWalk walk(graph_.intern(id(left)), graph_.intern(id(right)));
    return next(walk);
  }

  std::string log(const std::string& start, LogWalk::Options options = {}) {
    LogWalk walk(graph_.intern(id(start)), options);
    std::string all;
    for (std::string name = next(walk); name != "-"; name = next(walk)) all += name;
    return all;
  }

  CommitGraph& graph() { return graph_; }
  int loads() const { return loads_; }

 private:
  std::map<std::string, model::Commit> commits_;
  std::map<std::string, std::string> names_;
  CommitGraph graph_;
  int loads_ = 0;
};

//  a - b - d - f      main
//   \   \     /
//    c - e - g        side; e merges b, f merges g
History diamond() {
  History history;
  history.commit("a", {}, 1);
  history.commit("b", {"a"}, 2);
  history.commit("c", {"a"}, 3);
  history.commit("d", {"b"}, 4);
  history.commit("e", {"c", "b"}, 5);
  history.commit("g", {"e"}, 6);
  history.commit("f", {"d", "g"}, 7);
  return history;
}

TEST(MergeBase, IsTheBestCommonAncestor) {
  History history = diamond();
  EXPECT_EQ(history.merge_base("b", "c"), "a");
  EXPECT_EQ(history.merge_base("d", "c"), "a");
  EXPECT_EQ(history.merge_base("d", "g"), "b");
  EXPECT_EQ(history.merge_base("g", "d"), "b");
}

TEST(MergeBase, OfACommitAndItsAncestorIsTheAncestor) {
  History history = diamond();
  EXPECT_EQ(history.merge_base("f", "f"), "f");
  EXPECT_EQ(history.merge_base("f", "g"), "g");
  EXPECT_EQ(history.merge_base("a", "f"), "a");
  EXPECT_EQ(history.merge_base("e", "b"), "b");
}

TEST(MergeBase, OfUnrelatedCommitsIsNone) {
  History history = diamond();
  history.commit("x", {}, 1);
  history.commit("y", {"x"}, 2);
  EXPECT_EQ(history.merge_base("y", "f"), "-");
}

//  a - m - p      p is (m, d), q is (d, m): either of m and d is a best common ancestor
//   \   X
//    d - q
History criss_cross(std::int64_t p_date, std::int64_t q_date) {
  History history;
  history.commit("a", {}, 1);
  history.commit("m", {"a"}, 2);
  history.commit("d", {"a"}, 3);
  history.commit("p", {"m", "d"}, p_date);
  history.commit("q", {"d", "m"}, q_date);
  return history;
}

// engine.md 10.4: the later head is taken first, so the other one's first parent is met first.
TEST(MergeBase, OfSeveralBestIsTheFirstParentOfTheEarlierHead) {
  History q_later = criss_cross(4, 5);
  EXPECT_EQ(q_later.merge_base("p", "q"), "m");
  EXPECT_EQ(q_later.merge_base("q", "p"), "m");
  History p_later = criss_cross(5, 4);
  EXPECT_EQ(p_later.merge_base("p", "q"), "d");
  EXPECT_EQ(p_later.merge_base("q", "p"), "d");
}

// lakeFS leaves open what a tie of dates gives; here the greater id is taken first.
TEST(MergeBase, OfSeveralBestIsTheSameWhoeverAsksAndWhateverIsKnown) {
  const std::string want = History::id("p") > History::id("q") ? "d" : "m";
  History cold = criss_cross(4, 4);
  EXPECT_EQ(cold.merge_base("q", "p"), want);
  EXPECT_EQ(cold.merge_base("p", "q"), want);
  History warm = criss_cross(4, 4);
  warm.log("q");
  warm.log("p");
  EXPECT_EQ(warm.merge_base("p", "q"), want);
  EXPECT_EQ(warm.merge_base("q", "p"), want);
}

TEST(MergeBase, EachCommitIsAskedForOnce) {
  History history = diamond();
  history.merge_base("d", "g");
  history.merge_base("d", "g");
  history.log("f");
  EXPECT_EQ(history.loads(), 7);
}

// Against sets: the answer is a common ancestor, and one exists exactly if the walk finds one.
TEST(MergeBase, FindsACommonAncestorWheneverThereIsOne) {
  base::SeededRng rng(7);
  for (int round = 0; round < 200; ++round) {
    History history;
    std::vector<std::set<std::string>> ancestors;
    const auto name = [](std::size_t i) { return "n" + std::to_string(i); };
    for (std::size_t i = 0; i < 30; ++i) {
      std::set<std::string> mine = {name(i)};
      std::vector<std::string> parents;
      const std::uint64_t count = i == 0 ? 0 : rng.below(3);
      for (std::uint64_t p = 0; p < count; ++p) {
        const std::size_t parent = rng.below(i);
        if (mine.contains(name(parent))) continue;
        parents.push_back(name(parent));
        mine.insert(ancestors[parent].begin(), ancestors[parent].end());
      }
      history.commit(name(i), parents, static_cast<std::int64_t>(rng.below(20)));
      ancestors.push_back(std::move(mine));
    }
    const std::size_t left = rng.below(30);
    const std::size_t right = rng.below(30);
    const std::string base = history.merge_base(name(left), name(right));
    if (base == "-") {
      for (const std::string& one : ancestors[left]) EXPECT_FALSE(ancestors[right].contains(one));
    } else {
      EXPECT_TRUE(ancestors[left].contains(base) && ancestors[right].contains(base));
    }
  }
}

TEST(Log, IsNewestFirst) { EXPECT_EQ(diamond().log("f"), "fgedcba"); }

TEST(Log, FollowsOnlyFirstParentsIfAsked) {
  LogWalk::Options options;
  options.first_parent = true;
  EXPECT_EQ(diamond().log("f", options), "fdba");
}

TEST(Log, WhatIsOlderThanSinceHidesWhatIsBehindIt) {
  History history;
  history.commit("a", {}, 9);
  history.commit("b", {"a"}, 1);  // a skewed clock
  history.commit("c", {"b"}, 10);
  LogWalk::Options options;
  options.since = base::Timestamp{5, 0};
  EXPECT_EQ(history.log("c", options), "c");
  options.since = base::Timestamp{1, 0};
  EXPECT_EQ(history.log("c", options), "cba");
  options.since = base::Timestamp{11, 0};
  EXPECT_EQ(history.log("c", options), "");
}

TEST(Log, EqualDatesComeByIdDescending) {
  History history;
  history.commit("a", {}, 1);
  history.commit("p", {"a"}, 2);
  history.commit("q", {"a"}, 2);
  history.commit("m", {"p", "q"}, 3);
  EXPECT_EQ(history.log("m"), History::id("p") > History::id("q") ? "mpqa" : "mqpa");
}

TEST(Log, NanosecondsCount) {
  History history;
  history.commit("a", {}, 1);
  model::Commit early;
  early.id = model::CommitId(History::id("early"));
  early.creation_date = {1, 5};
  model::Commit late = early;
  late.id = model::CommitId(History::id("late"));
  late.creation_date = {1, 6};
  model::Commit top;
  top.id = model::CommitId(History::id("top"));
  top.creation_date = {2, 0};
  top.parents = {early.id, late.id};
  CommitGraph graph;
  for (const auto& commit : {top, early, late}) graph.add(commit);
  LogWalk walk(graph.intern(top.id.view()), {});
  EXPECT_EQ(graph.id(walk.next(graph).commit), top.id.str());
  EXPECT_EQ(graph.id(walk.next(graph).commit), late.id.str());
}

TEST(CommitGraph, KeepsIdsThatAreNoDigests) {
  CommitGraph graph;
  const CommitIndex odd = graph.intern("deadbeef1");
  const CommitIndex even = graph.intern(History::id("x"));
  EXPECT_EQ(graph.id(odd), "deadbeef1");
  EXPECT_EQ(graph.id(even), History::id("x"));
  EXPECT_EQ(graph.intern("deadbeef1"), odd);
  EXPECT_FALSE(graph.is_known(odd));
}

TEST(CommitGraph, FindsEveryIdAgainWhenItHasGrown) {
  CommitGraph graph;
  for (int i = 0; i < 5000; ++i) {
    EXPECT_EQ(graph.intern(History::id(std::to_string(i))), static_cast<CommitIndex>(i));
  }
  for (int i = 0; i < 5000; ++i) {
    EXPECT_EQ(graph.intern(History::id(std::to_string(i))), static_cast<CommitIndex>(i));
  }
}

}  // namespace
}  // namespace varve::kernel
