#include "engine/merge/merge.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "base/task_group.h"
#include "engine/commits/commits.h"
#include "engine/core/core.h"
#include "engine/harness_test.h"
#include "engine/refs/refs.h"
#include "engine/stores_test.h"
#include "format/identity.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::engine {
namespace {

class MergeTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.create().has_value()); }

  Merges& merges() { return server_.engine().merges(); }
  void put(const std::string& branch, const std::string& path, const std::string& content) {
    ASSERT_TRUE(server_.put(branch, path, content).has_value());
  }
  void commit(const std::string& branch) {
    ASSERT_TRUE(server_.commit(branch, "on " + branch).has_value());
  }
  void branch(const std::string& name, const std::string& source) {
    ASSERT_TRUE(server_.branch(name, source).has_value());
  }
  base::Result<model::CommitId> try_merge(const std::string& source, const std::string& destination,
                                          MergeRequest request = {}) {
    return base::run(merges().merge(as("admin"), server_.lake(), model::BranchId(destination),
                                    ref(source), std::move(request)));
  }
  std::string merge(const std::string& source, const std::string& destination,
                    MergeRequest request = {}) {
    return text_of(try_merge(source, destination, std::move(request)));
  }
  std::string revert(const std::string& branch, const std::string& what, int parent = 0) {
    RevertRequest request;
    request.ref = ref(what);
    request.parent_number = parent;
    return text_of(base::run(
        merges().revert(as("admin"), server_.lake(), model::BranchId(branch), std::move(request))));
  }
  std::string pick(const std::string& branch, const std::string& what,
                   std::optional<int> parent = std::nullopt) {
    CherryPickRequest request;
    request.ref = ref(what);
    request.parent_number = parent;
    return text_of(base::run(merges().cherry_pick(as("picker"), server_.lake(),
                                                  model::BranchId(branch), std::move(request))));
  }
  CommitRef head(const std::string& at) {
    return *base::run(server_.engine().refs().resolve_commit(as("a"), server_.lake(), ref(at)));
  }
  std::string base_of(const std::string& source, const std::string& destination) {
    auto found =
        base::run(merges().merge_base(as("a"), server_.lake(), ref(source), ref(destination)));
    return found.has_value() ? found->base_commit_id.str() : found.error().message();
  }
  // The rows of a page: "path type".
  static std::string shown(const base::Result<DiffPage>& page) {
    if (!page.has_value()) return page.error().message();
    static const char* const Names[] = {"added", "removed", "changed", "conflict", "prefix"};
    std::string text;
    for (const DiffRow& row : page->rows) {
      text += row.path + " " + Names[static_cast<int>(row.type)] + "; ";
    }
    return text + (page->has_more ? "more" : "");
  }

  Stores stores_;
  Server server_{stores_};
};

// Rows that change nothing (a path that came and went) are sealed before a merge. One that fails
// leaves them sealed; the next one must not seal again.
TEST_F(MergeTest, FailedMergesDoNotPileUpSealedTokens) {
  put("main", "a", "1");
  commit("main");
  branch("dev", "main");
  put("main", "a", "2");
  commit("main");
  put("dev", "a", "3");
  commit("dev");
  put("dev", "gone", "1");
  ASSERT_TRUE(server_.erase("dev", "gone").has_value());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(merge("main", "dev"), "update branch dev: conflict found");
  EXPECT_EQ(server_.get_branch("dev")->sealed_tokens.size(), 1U);
  put("dev", "gone", "2");
  ASSERT_TRUE(server_.erase("dev", "gone").has_value());
  EXPECT_EQ(merge("main", "dev"), "update branch dev: conflict found");
  EXPECT_EQ(server_.get_branch("dev")->sealed_tokens.size(), 2U);
}

TEST_F(MergeTest, BringsTheSourcesChangesAsOneCommit) {
  put("main", "a", "1");
  put("main", "b", "1");
  commit("main");
  branch("dev", "main");
  put("dev", "a", "2");
  put("dev", "d", "1");
  ASSERT_TRUE(server_.erase("dev", "b").has_value());
  commit("dev");
  put("main", "m", "1");
  commit("main");
  const std::string ours = server_.resolve("main");
  const std::string theirs = server_.resolve("dev");
  MergeRequest request;
  request.metadata = {{"why", "done"}};
  const auto merged = try_merge("dev", "main", std::move(request));
  ASSERT_TRUE(merged.has_value()) << merged.error().message();
  EXPECT_EQ(server_.list("main"), "a=2 d=1 m=1");
  const CommitRef made = head("main");
  EXPECT_EQ(made->id, *merged);
  ASSERT_EQ(made->parents.size(), 2U);
  EXPECT_EQ(made->parents[0].str(), ours);
  EXPECT_EQ(made->parents[1].str(), theirs);
  EXPECT_EQ(made->message, "Merge 'dev' into 'main'");
  EXPECT_EQ(made->metadata,
            (model::Metadata{{".lakefs.merge.strategy", "default"}, {"why", "done"}}));
  EXPECT_EQ(made->committer, "admin");
}

TEST_F(MergeTest, NeverMovesTheBranchForwardOnly) {
  branch("dev", "main");
  put("dev", "a", "1");
  commit("dev");
  ASSERT_EQ(merge("dev", "main"), "ok");
  EXPECT_NE(server_.resolve("main"), server_.resolve("dev"));
  EXPECT_EQ(head("main")->meta_range_id, head("dev")->meta_range_id);
  EXPECT_EQ(merge("dev", "main"), "update branch main: no changes");
}

// engine.md 17, Q2: lakeFS answers 200 and leaves the destination empty.
TEST_F(MergeTest, AnAdditionWithTheContentOfADeletedNeighbourIsKept) {
  put("main", "b", "X");
  commit("main");
  branch("dev", "main");
  put("dev", "a", "X");
  commit("dev");
  ASSERT_TRUE(server_.erase("main", "b").has_value());
  commit("main");
  ASSERT_EQ(merge("dev", "main"), "ok");
  EXPECT_EQ(server_.list("main"), "a=X");
}

// engine.md 17, Q1: lakeFS answers 200 and keeps one of the two without a word.
TEST_F(MergeTest, TwoAdditionsOfOnePathConflictWhateverTheNeighbourHolds) {
  put("main", "b", "X");
  commit("main");
  branch("dev", "main");
  put("dev", "a", "X");
  commit("dev");
  put("main", "a", "Y");
  commit("main");
  EXPECT_EQ(merge("dev", "main"), "update branch main: conflict found");
  EXPECT_TRUE(model::is(try_merge("dev", "main").error(), model::Detail::MergeConflict));
  EXPECT_EQ(server_.list("main"), "a=Y b=X");
}

TEST_F(MergeTest, AStrategySettlesEveryConflict) {
  put("main", "both", "0");
  put("main", "gone", "0");
  commit("main");
  for (const char* name : {"dev", "ours", "theirs"}) branch(name, "main");
  put("dev", "both", "dev");
  ASSERT_TRUE(server_.erase("dev", "gone").has_value());
  commit("dev");
  for (const char* name : {"ours", "theirs"}) {
    put(name, "both", name);
    put(name, "gone", name);
    commit(name);
    EXPECT_EQ(merge("dev", name), std::string("update branch ") + name + ": conflict found");
  }
  MergeRequest request;
  request.strategy = MergeStrategy::DestinationWins;
  EXPECT_EQ(merge("dev", "ours", request), "ok");
  EXPECT_EQ(server_.list("ours"), "both=ours gone=ours");
  EXPECT_EQ(head("ours")->metadata.at(".lakefs.merge.strategy"), "dest-wins");
  request.strategy = MergeStrategy::SourceWins;
  EXPECT_EQ(merge("dev", "theirs", request), "ok");
  EXPECT_EQ(server_.list("theirs"), "both=dev");
  EXPECT_EQ(head("theirs")->metadata.at(".lakefs.merge.strategy"), "source-wins");
}

TEST_F(MergeTest, RefusesInThisOrder) {
  put("main", "a", "1");
  EXPECT_EQ(merge("nosuch", "nobranch"), "branch not found");
  EXPECT_EQ(merge("nosuch", "main"), "uncommitted changes (dirty branch)");
  commit("main");
  EXPECT_EQ(merge("nosuch", "main"), "update branch main: get commit by ref nosuch: not found");
  EXPECT_EQ(merge("main$", "main"),
            "update branch main: get commit by ref main$: reference 'main$': reference to staging "
            "area with $ is not a commit");
  branch("dev", "main");
  EXPECT_EQ(merge("dev", "main"), "update branch main: no changes");
  MergeRequest request;
  request.allow_empty = true;
  EXPECT_EQ(merge("dev", "main", request), "ok");
  request.allow_empty = false;
  request.force = true;
  EXPECT_EQ(merge("dev", "main", request), "ok");
}

TEST_F(MergeTest, ASquashHasOneParent) {
  branch("dev", "main");
  put("dev", "a", "1");
  commit("dev");
  put("dev", "b", "1");
  commit("dev");
  MergeRequest request;
  request.is_squash = true;
  ASSERT_EQ(merge("dev", "main", request), "ok");
  EXPECT_EQ(head("main")->parents.size(), 1U);
  EXPECT_EQ(head("main")->generation, head("dev")->generation + 1);
  EXPECT_EQ(server_.list("main"), "a=1 b=1");
}

TEST_F(MergeTest, TheBaseOfACrissCrossIsOneOfTheTwo) {
  put("main", "a", "1");
  commit("main");
  branch("dev", "main");
  put("main", "m", "1");
  commit("main");
  put("dev", "d", "1");
  commit("dev");
  const std::string m = server_.resolve("main");
  const std::string d = server_.resolve("dev");
  EXPECT_EQ(base_of("dev", "main"), server_.resolve("main~1"));
  EXPECT_EQ(base_of("main~1", "main"), server_.resolve("main~1"));
  EXPECT_EQ(base_of("main", "main"), m);
  ASSERT_EQ(merge(d, "main"), "ok");
  ASSERT_EQ(merge(m, "dev"), "ok");
  EXPECT_TRUE(base_of("dev", "main") == m || base_of("dev", "main") == d);
  put("dev", "e", "1");
  commit("dev");
  ASSERT_EQ(merge("dev", "main"), "ok");
  EXPECT_EQ(server_.list("main"), "a=1 d=1 e=1 m=1");
}

TEST_F(MergeTest, StrangersHaveNoBase) {
  model::Commit stranger = *head("main");
  stranger.parents.clear();
  stranger.message = "from elsewhere";
  stranger.id = format::commit_id(stranger);
  ASSERT_TRUE(
      base::run(server_.engine().commits().create_record(as("a"), server_.lake(), stranger, false))
          .has_value());
  const auto merged = try_merge(stranger.id.str(), "main");
  EXPECT_EQ(text_of(merged), "update branch main: no merge base");
  EXPECT_TRUE(model::is(merged.error(), model::Detail::NoMergeBase));
  EXPECT_EQ(base_of(stranger.id.str(), "main"), "no merge base");
}

TEST_F(MergeTest, RevertUndoesOneCommit) {
  put("main", "a", "1");
  commit("main");
  put("main", "a", "2");
  put("main", "b", "1");
  commit("main");
  put("main", "c", "1");
  commit("main");
  ASSERT_EQ(revert("main", "main~1"), "ok");
  EXPECT_EQ(server_.list("main"), "a=1 c=1");
  EXPECT_EQ(head("main")->message, "Revert main~1");
  EXPECT_TRUE(head("main")->metadata.empty());
  EXPECT_EQ(revert("main", "main~2"), "update branch: no changes");
  EXPECT_EQ(revert("main", "main", 2),
            "given commit does not have the given parent number: parent 2");
  EXPECT_EQ(revert("main", "nosuch"), "get commit from ref nosuch: not found");
  put("main", "a", "3");
  EXPECT_EQ(revert("main", "main"), "uncommitted changes (dirty branch)");
  commit("main");
  EXPECT_EQ(revert("main", "main~4"), "update branch: conflict found");
  EXPECT_EQ(server_.list("main"), "a=3 c=1");
}

TEST_F(MergeTest, RevertOfAMergeNeedsItsMainline) {
  put("main", "a", "1");
  commit("main");
  branch("dev", "main");
  put("dev", "d", "1");
  commit("dev");
  put("main", "m", "1");
  commit("main");
  ASSERT_EQ(merge("dev", "main"), "ok");
  EXPECT_EQ(revert("main", "main"),
            "must specify 1-based parent number for reverting merge commit");
  ASSERT_EQ(revert("main", "main", 1), "ok");
  EXPECT_EQ(server_.list("main"), "a=1 m=1");
  ASSERT_EQ(revert("main", "main~1", 2), "ok");
  EXPECT_EQ(server_.list("main"), "a=1");
}

// The defect of rest-semantics.md 15.4: what is picked from must not change.
TEST_F(MergeTest, CherryPickCopiesTheStepAndLeavesItsOriginAlone) {
  put("main", "a", "1");
  commit("main");
  branch("dev", "main");
  put("dev", "d", "1");
  CommitRequest request;
  request.message = "one thing";
  request.metadata = {{"k", "v"}};
  ASSERT_TRUE(base::run(server_.engine().commits().commit(as("author"), server_.lake(),
                                                          model::BranchId("dev"), request))
                  .has_value());
  put("dev", "e", "1");
  commit("dev");
  ASSERT_EQ(pick("main", "dev~1"), "ok");
  EXPECT_EQ(server_.list("main"), "a=1 d=1");
  const CommitRef made = head("main");
  EXPECT_EQ(made->message, "one thing");
  EXPECT_EQ(made->committer, "picker");
  EXPECT_EQ(made->parents.size(), 1U);
  const std::string origin = server_.resolve("dev~1");
  EXPECT_EQ(made->metadata,
            (model::Metadata{
                {"cherry-pick-committer", "author"}, {"cherry-pick-origin", origin}, {"k", "v"}}));
  EXPECT_EQ(head(origin)->metadata, request.metadata);
  EXPECT_EQ(pick("main", "dev~1"), "ok");  // has it already: a commit with the same content
  EXPECT_EQ(pick("main", "dev~1", 2),
            "parent 2: given commit does not have the given parent number");
  EXPECT_EQ(pick("main", "main~3"), "parent 1: given commit does not have the given parent number");
  EXPECT_EQ(pick("nosuch", "dev"), "branch not found");
}

TEST_F(MergeTest, DiffsShowAddedRemovedChanged) {
  put("main", "a", "1");
  put("main", "b/1", "1");
  put("main", "b/2", "1");
  commit("main");
  put("main", "a", "2");
  put("main", "c", "1");
  put("main", "b/1", "1");
  ASSERT_TRUE(server_.erase("main", "b/2").has_value());
  ASSERT_TRUE(server_.erase("main", "nosuch").has_value());
  const std::string expected = "a changed; b/2 removed; c added; ";
  DiffQuery query;
  auto of_branch = [&] {
    return shown(
        base::run(merges().diff_branch(as("a"), server_.lake(), model::BranchId("main"), query)));
  };
  auto of_refs = [&](const std::string& left, const std::string& right) {
    return shown(
        base::run(merges().diff_two_dot(as("a"), server_.lake(), ref(left), ref(right), query)));
  };
  EXPECT_EQ(of_branch(), expected);
  EXPECT_EQ(of_refs("main", "main$"), expected);
  EXPECT_EQ(of_refs("main", "main"), "");
  EXPECT_EQ(of_refs("main~1", "main$"), "a added; b/1 added; c added; ");
  commit("main");
  EXPECT_EQ(of_branch(), "");
  EXPECT_EQ(of_refs("main~1", "main"), expected);
  EXPECT_EQ(of_refs("main", "main~1"), "a changed; b/2 added; c removed; ");
  query.delimiter = "/";
  EXPECT_EQ(of_refs("main~1", "main"), "a changed; b/ prefix; c added; ");
  query.amount = 1;
  query.after = "a";
  EXPECT_EQ(of_refs("main~1", "main"), "b/ prefix; more");
  query.after = "b/";
  EXPECT_EQ(of_refs("main~1", "main"), "c added; ");
}

TEST_F(MergeTest, AThreeDotDiffShowsWhatAMergeWouldBring) {
  put("main", "a", "1");
  put("main", "b", "1");
  commit("main");
  branch("dev", "main");
  put("dev", "a", "2");
  put("dev", "d", "1");
  ASSERT_TRUE(server_.erase("dev", "b").has_value());
  commit("dev");
  put("main", "m", "1");
  commit("main");
  auto of_refs = [&](const std::string& left, const std::string& right) {
    return shown(base::run(
        merges().diff_three_dot(as("a"), server_.lake(), ref(left), ref(right), DiffQuery())));
  };
  EXPECT_EQ(of_refs("main", "dev"), "a changed; b removed; d added; ");
  EXPECT_EQ(of_refs("dev", "main"), "m added; ");
  put("main", "a", "3");
  commit("main");
  EXPECT_EQ(of_refs("main", "dev"), "a conflict; b removed; d added; ");
  EXPECT_EQ(of_refs("main$", "dev"),
            "get commit by branch main$: reference 'main$': reference to staging area with $ is "
            "not a commit");
}

base::Task<base::Result<model::CommitId>> merge_task(Server* server, RepositoryRef lake,
                                                     std::string source) {
  co_return co_await server->engine().merges().merge(as("a"), lake, model::BranchId("main"),
                                                     engine::ref(source), MergeRequest());
}

// A race is nobody's problem: merges of one branch queue, also between servers.
TEST_F(MergeTest, ManyMergesAtOnceAllLand) {
  Server other(stores_);
  constexpr int Merges = 24;
  put("main", "base", "1");
  commit("main");
  for (int i = 0; i < Merges; ++i) {
    const std::string name = "b" + std::to_string(i);
    branch(name, "main");
    put(name, "p" + std::to_string(i), "1");
    commit(name);
  }
  std::vector<base::Task<base::Result<model::CommitId>>> tasks;
  const RepositoryRef lake = server_.lake();
  for (int i = 0; i < Merges; ++i) {
    tasks.push_back(merge_task(i % 2 == 0 ? &server_ : &other, lake, "b" + std::to_string(i)));
  }
  for (const auto& result : base::run(base::join_all(std::move(tasks), Merges))) {
    EXPECT_TRUE(result.has_value()) << result.error().message();
  }
  for (int i = 0; i < Merges; ++i) {
    EXPECT_EQ(server_.get("main@", "p" + std::to_string(i)), "1");
  }
}

}  // namespace
}  // namespace varve::engine
