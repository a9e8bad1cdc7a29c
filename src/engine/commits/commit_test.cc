#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "base/task_group.h"
#include "base/time.h"
#include "engine/commits/commits.h"
#include "engine/core/core.h"
#include "engine/harness_test.h"
#include "engine/refs/refs.h"
#include "engine/staging/staging.h"
#include "engine/stores_test.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"

namespace varve::engine {
namespace {

class CommitTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.create().has_value()); }
  std::size_t sealed_tokens() { return server_.get_branch("main")->sealed_tokens.size(); }

  Stores stores_;
  Server server_{stores_};
};

base::Task<base::Result<CommitRef>> put_and_commit(Server* server, RepositoryRef lake,
                                                   std::string name) {
  model::Entry entry = entry_of(name, server->clock());
  VARVE_CO_CHECK(co_await server->engine().objects().stage(as("a"), lake, model::BranchId("main"),
                                                           model::ObjectPath(name),
                                                           std::move(entry), StageOptions()));
  CommitRequest request;
  request.message = name;
  co_return co_await server->engine().commits().commit(as("a"), lake, model::BranchId("main"),
                                                       std::move(request));
}

TEST_F(CommitTest, RecordsWhoWhatWhenAndWhy) {
  ASSERT_TRUE(server_.put("main", "a", "1").has_value());
  CommitRequest request;
  request.message = "why";
  request.metadata = {{"k", "v"}};
  request.date = 1700000000;
  const auto commit = base::run(server_.engine().commits().commit(
      as("someone"), server_.lake(), model::BranchId("main"), request));
  ASSERT_TRUE(commit.has_value());
  EXPECT_EQ((*commit)->committer, "someone");
  EXPECT_EQ((*commit)->message, "why");
  EXPECT_EQ((*commit)->creation_date, (base::Timestamp{1700000000, 0}));
  EXPECT_EQ((*commit)->generation, 2);
  EXPECT_EQ((*commit)->version, 1);
  EXPECT_EQ((*commit)->parents.size(), 1U);
  EXPECT_EQ(server_.resolve("main"), (*commit)->id.str());
  // A server that remembers nothing reads the same.
  Server fresh(stores_);
  const auto read =
      base::run(fresh.engine().refs().get_commit(as("a"), server_.lake(), (*commit)->id));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ((*read)->metadata, (*commit)->metadata);
}

// K5, Q15
TEST_F(CommitTest, ARefusedCommitSealsNothing) {
  EXPECT_EQ(text_of(server_.commit("main", "x")), "commit: no changes");
  EXPECT_EQ(sealed_tokens(), 0U);
  ASSERT_TRUE(server_.put("main", "a", "1").has_value());
  ASSERT_TRUE(server_.commit("main", "x").has_value());
  ASSERT_TRUE(server_.put("main", "a", "1").has_value());
  ASSERT_TRUE(server_.erase("main", "nosuch").has_value());
  EXPECT_EQ(text_of(server_.commit("main", "x")), "commit: no changes");
  EXPECT_EQ(sealed_tokens(), 0U);
}

TEST_F(CommitTest, AnEmptyCommitOnTheRootHasARealTree) {
  const auto commit = server_.commit("main", "empty", true);
  ASSERT_TRUE(commit.has_value());
  EXPECT_EQ((*commit)->meta_range_id.str(),
            "00fb7eff1a97c500eb3ca8d2ef5464131d6b6a5f9512e41eba97843522213b66");
  EXPECT_EQ(server_.list("main"), "");
  const auto again = server_.commit("main", "empty again", true);
  EXPECT_EQ((*again)->meta_range_id, (*commit)->meta_range_id);
}

TEST_F(CommitTest, TheTreeOfADeletedEverythingIsTheEmptyTree) {
  ASSERT_TRUE(server_.put("main", "a", "1").has_value());
  ASSERT_TRUE(server_.commit("main", "x").has_value());
  ASSERT_TRUE(server_.erase("main", "a").has_value());
  const auto commit = server_.commit("main", "y");
  ASSERT_TRUE(commit.has_value());
  EXPECT_EQ((*commit)->meta_range_id.str(),
            "00fb7eff1a97c500eb3ca8d2ef5464131d6b6a5f9512e41eba97843522213b66");
}

TEST_F(CommitTest, AMetaRangeBecomesTheContent) {
  ASSERT_TRUE(server_.put("main", "a", "1").has_value());
  const auto first = server_.commit("main", "first");
  ASSERT_TRUE(server_.branch("dev", "main~1").has_value());
  CommitRequest request;
  request.message = "taken";
  request.source_meta_range = (*first)->meta_range_id;
  auto commit = [&] {
    return base::run(server_.engine().commits().commit(as("a"), server_.lake(),
                                                       model::BranchId("dev"), request));
  };
  ASSERT_TRUE(server_.put("dev", "b", "1").has_value());
  EXPECT_EQ(text_of(commit()), "cannot use source MetaRange on a branch with uncommitted changes");
  ASSERT_TRUE(server_.erase("dev", "b").has_value());
  ASSERT_TRUE(commit().has_value());
  EXPECT_EQ(server_.list("dev"), "a=1");
}

// A head never names a tree that is not there.  [I-4]
TEST_F(CommitTest, AMetaRangeThatIsNotThereIsRefusedAndChangesNothing) {
  const std::string head = server_.resolve("main");
  CommitRequest request;
  request.source_meta_range = model::MetaRangeId(std::string(64, 'a'));
  const auto commit = [&] {
    return base::run(server_.engine().commits().commit(as("a"), server_.lake(),
                                                       model::BranchId("main"), request));
  };
  const auto refused = commit();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), base::Code::Corruption);
  EXPECT_EQ(refused.error().message(), "repository lake: file mem://lake/_lakefs/" +
                                           std::string(64, 'a') +
                                           ": metarange not found: " + std::string(64, 'a'));
  EXPECT_EQ(server_.resolve("main"), head);
  ASSERT_TRUE(server_.put("main", "a", "1").has_value());
  EXPECT_EQ(text_of(commit()), "cannot use source MetaRange on a branch with uncommitted changes");
  EXPECT_EQ(server_.list("main"), "a=1");
}

TEST_F(CommitTest, WritersAreNotBlockedAndNothingIsLost) {
  // Writers and committers of one branch, all at once.
  std::vector<base::Task<base::Result<CommitRef>>> tasks;
  const RepositoryRef lake = server_.lake();
  for (int i = 0; i < 24; ++i)
    tasks.push_back(put_and_commit(&server_, lake, "p" + std::to_string(i)));
  const auto results = base::run(base::join_all(std::move(tasks), 24));
  std::set<std::string> ids;
  for (const auto& result : results) {
    ASSERT_TRUE(result.has_value()) << result.error().message();  // a race is nobody's problem
    ids.insert((*result)->id.str());
  }
  EXPECT_EQ(ids.size(), results.size());
  LogQuery query;
  query.ref = ref("main");
  const auto log = base::run(server_.engine().commits().log(as("a"), lake, query));
  std::set<std::string> reached;
  for (const CommitRef& row : log->rows) reached.insert(row->id.str());
  for (const std::string& id : ids) EXPECT_TRUE(reached.contains(id));
  for (int i = 0; i < 24; ++i) {
    const std::string name = "p" + std::to_string(i);
    EXPECT_EQ(server_.get("main@", name), name);
  }
  EXPECT_EQ(sealed_tokens(), 0U);
}

TEST_F(CommitTest, SeveralServersLoseNothingEither) {
  Server other(stores_);
  ASSERT_TRUE(base::run(other.engine().repositories().get(as("a"), model::RepositoryId("lake")))
                  .has_value());
  std::vector<base::Task<base::Result<CommitRef>>> tasks;
  const RepositoryRef lake = server_.lake();
  for (int i = 0; i < 16; ++i) {
    tasks.push_back(put_and_commit(i % 2 == 0 ? &server_ : &other, lake, "p" + std::to_string(i)));
  }
  const auto results = base::run(base::join_all(std::move(tasks), 16));
  for (const auto& result : results) EXPECT_TRUE(result.has_value()) << result.error().message();
  for (int i = 0; i < 16; ++i) {
    const std::string name = "p" + std::to_string(i);
    EXPECT_EQ(server_.get("main@", name), name);
    EXPECT_EQ(other.get("main@", name), name);
  }
}

// A reader that resolved the branch before a commit dropped its token still finds what was staged;
// a minute later nobody is reading any more and the rows go.
TEST_F(CommitTest, DroppedTokensAreSweptAfterTheirGrace) {
  ASSERT_TRUE(server_.put("main", "a", "1").has_value());
  const auto before = server_.get_branch("main");
  ASSERT_TRUE(server_.commit("main", "x").has_value());
  Staging& staging = server_.engine().staging();
  auto staged = [&] {
    return base::run(staging.get(as("a"), Staging::tokens(*before), "a"))->has_value();
  };
  const std::size_t rows = stores_.kv.row_count();
  ASSERT_TRUE(base::run(staging.sweep_dropped(as("a"))).has_value());
  stores_.clock.advance(std::chrono::seconds(model::DroppedTokenGraceSeconds - 1));
  ASSERT_TRUE(base::run(staging.sweep_dropped(as("a"))).has_value());
  EXPECT_TRUE(staged());
  stores_.clock.advance(std::chrono::seconds(1));
  ASSERT_TRUE(base::run(staging.sweep_dropped(as("a"))).has_value());
  EXPECT_FALSE(staged());
  EXPECT_EQ(stores_.kv.row_count(), rows - 2);  // the entry and the note
}

TEST_F(CommitTest, RecordsFromElsewhereMustBeWhatTheyClaim) {
  ASSERT_TRUE(server_.put("main", "a", "1").has_value());
  model::Commit record = **server_.commit("main", "x");
  auto add = [&] {
    return text_of(base::run(
        server_.engine().commits().create_record(as("a"), server_.lake(), record, false)));
  };
  EXPECT_EQ(add(), "commit already exists: not unique");
  record.message = "other";
  EXPECT_EQ(add(), "commit id: invalid value: validation error");
  record.id = model::CommitId("nonsense");
  EXPECT_EQ(add(), "commit id: invalid value: validation error");
}

// I-1: the same commit made again keeps its record, to the nanosecond.
TEST_F(CommitTest, AnExistingRecordStaysAsItIs) {
  stores_.clock.set(1'800'000'000);
  ASSERT_TRUE(server_.put("main", "a", "1").has_value());
  const auto first = server_.commit("main", "x");
  ASSERT_TRUE(base::run(server_.engine().commits().hard_reset(
                            as("a"), server_.lake(), model::BranchId("main"), ref("main~1"), false))
                  .has_value());
  stores_.clock.set(1'800'000'000);
  ASSERT_TRUE(server_.put("main", "a", "1").has_value());
  stores_.clock.advance(base::milliseconds(7));
  const auto second = server_.commit("main", "x");
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ((*second)->id, (*first)->id);
  EXPECT_EQ((*second)->creation_date, (*first)->creation_date);
  EXPECT_EQ(server_.resolve("main"), (*first)->id.str());
}

TEST_F(CommitTest, HardResetRefusesWhatIsSealedAndChanged) {
  ASSERT_TRUE(server_.put("main", "a", "1").has_value());
  ASSERT_TRUE(server_.commit("main", "x").has_value());
  ASSERT_TRUE(server_.put("main", "a", "2").has_value());
  Staging& staging = server_.engine().staging();
  const RepositoryRef lake = server_.lake();
  auto version = base::run(staging.read_branch(as("a"), lake, model::BranchId("main")));
  model::Branch after = staging.sealed(*lake, version->branch);
  ASSERT_TRUE(base::run(staging.replace_branch(as("a"), lake, *version, after)).has_value());
  EXPECT_EQ(text_of(base::run(server_.engine().commits().hard_reset(
                as("a"), lake, model::BranchId("main"), ref("main~1"), false))),
            "main: uncommitted changes (dirty branch)");
  // A commit that finds a sealed token and nothing staged since needs no second one.
  ASSERT_TRUE(server_.commit("main", "y").has_value());
  EXPECT_EQ(sealed_tokens(), 0U);
  EXPECT_EQ(server_.get("main@", "a"), "2");
}

}  // namespace
}  // namespace varve::engine
