#include "engine/objects/objects.h"

#include <gtest/gtest.h>

#include <cstddef>
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
#include "engine/refs/protection.h"
#include "engine/stores_test.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"

namespace varve::engine {
namespace {

StageOptions if_absent() {
  StageOptions options;
  options.condition = WriteCondition(WriteCondition::Kind::IfAbsent);
  return options;
}

StageOptions if_match(const std::string& etag) {
  StageOptions options;
  options.condition = WriteCondition(WriteCondition::Kind::IfMatch, etag);
  return options;
}

// Everything twice: with a server that trusts its memory of empty tokens, and with one that may
// not.
class ObjectsTest : public ::testing::TestWithParam<bool> {
 protected:
  static EngineOptions options() {
    EngineOptions options;
    options.is_single_writer = GetParam();
    return options;
  }
  void SetUp() override { ASSERT_TRUE(server_.create().has_value()); }
  // Leaves the branch with a sealed token that holds what was staged.
  void seal(const std::string& branch) {
    Staging& staging = server_.engine().staging();
    const RepositoryRef lake = server_.lake();
    auto version = base::run(staging.read_branch(as("a"), lake, model::BranchId(branch)));
    ASSERT_TRUE(version.has_value());
    model::Branch after = staging.sealed(*lake, version->branch);
    ASSERT_TRUE(base::run(staging.replace_branch(as("a"), lake, *version, after)).has_value());
  }

  Stores stores_;
  Server server_{stores_, options()};
};

INSTANTIATE_TEST_SUITE_P(Writers, ObjectsTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "single" : "several"; });

// I-6
TEST_P(ObjectsTest, StagedHidesSealedHidesCommitted) {
  ASSERT_TRUE(server_.put("main", "a", "committed").has_value());
  ASSERT_TRUE(server_.put("main", "b", "committed").has_value());
  ASSERT_TRUE(server_.put("main", "c", "committed").has_value());
  ASSERT_TRUE(server_.commit("main", "x").has_value());
  ASSERT_TRUE(server_.put("main", "a", "sealed").has_value());
  ASSERT_TRUE(server_.put("main", "b", "sealed").has_value());
  ASSERT_TRUE(server_.erase("main", "c").has_value());
  seal("main");
  EXPECT_EQ(server_.list("main"), "a=sealed b=sealed");
  ASSERT_TRUE(server_.put("main", "b", "staged").has_value());
  ASSERT_TRUE(server_.erase("main", "a").has_value());
  ASSERT_TRUE(server_.put("main", "c", "staged").has_value());
  EXPECT_EQ(server_.list("main"), "b=staged c=staged");
  EXPECT_EQ(server_.get("main", "a"), "not found");
  EXPECT_EQ(server_.get("main", "b"), "staged");
  EXPECT_EQ(server_.list("main@"), "a=committed b=committed c=committed");
}

TEST_P(ObjectsTest, ConditionsAreAboutTheVisibleObject) {
  EXPECT_EQ(text_of(server_.put("main", "a", "1", if_match("1"))), "not found");
  EXPECT_EQ(text_of(server_.put("main", "a", "1", if_absent())), "ok");
  EXPECT_EQ(text_of(server_.put("main", "a", "2", if_absent())), "Precondition failed");
  ASSERT_TRUE(server_.commit("main", "x").has_value());
  EXPECT_EQ(text_of(server_.put("main", "a", "2", if_absent())), "Precondition failed");
  EXPECT_EQ(text_of(server_.put("main", "a", "2", if_match("9"))), "Precondition failed");
  EXPECT_EQ(text_of(server_.put("main", "a", "2", if_match("1"))), "ok");
  seal("main");
  EXPECT_EQ(text_of(server_.put("main", "a", "3", if_match("1"))), "Precondition failed");
  EXPECT_EQ(text_of(server_.put("main", "a", "3", if_match("*"))), "ok");
  ASSERT_TRUE(server_.erase("main", "a").has_value());
  EXPECT_EQ(text_of(server_.put("main", "a", "4", if_match("*"))), "not found");
  EXPECT_EQ(text_of(server_.put("main", "a", "4", if_absent())), "ok");
}

// Of writers that all want to be first, one is.
TEST_P(ObjectsTest, RacingIfAbsentHasOneWinner) {
  for (int round = 0; round < 10; ++round) {
    auto racer = [](Objects* objects, RepositoryRef lake, std::string path, std::string content,
                    TestClock* clock) -> base::Task<base::Result<void>> {
      model::Entry entry = entry_of(content, *clock);
      StageOptions options = if_absent();
      co_return co_await objects->stage(as("a"), lake, model::BranchId("main"),
                                        model::ObjectPath(path), std::move(entry),
                                        std::move(options));
    };
    const std::string path = "p" + std::to_string(round);
    std::vector<base::Task<base::Result<void>>> racers;
    for (int i = 0; i < 5; ++i) {
      racers.push_back(racer(&server_.engine().objects(), server_.lake(), path, std::to_string(i),
                             &stores_.clock));
    }
    const auto results = base::run(base::join_all(std::move(racers), 5));
    int won = 0;
    std::string winner;
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i].has_value()) {
        ++won;
        winner = std::to_string(i);
      } else {
        EXPECT_TRUE(model::is(results[i].error(), model::Detail::PathExists));
      }
    }
    EXPECT_EQ(won, 1);
    EXPECT_EQ(server_.get("main", path), winner);
  }
}

// A conditional write whose branch moves under it is decided again, not refused.
TEST_P(ObjectsTest, AConditionalWriteSurvivesACommit) {
  ASSERT_TRUE(server_.put("main", "a", "1").has_value());
  auto write = [](Objects* objects, RepositoryRef lake, TestClock* clock) -> base::Task<int> {
    model::Entry entry = entry_of("2", *clock);
    StageOptions options = if_match("1");
    auto done =
        co_await objects->stage(as("a"), lake, model::BranchId("main"), model::ObjectPath("a"),
                                std::move(entry), std::move(options));
    co_return done.has_value() ? 1 : 0;
  };
  auto commit = [](Commits* commits, RepositoryRef lake) -> base::Task<int> {
    CommitRequest request;
    request.message = "racing";
    auto done = co_await commits->commit(as("a"), lake, model::BranchId("main"), request);
    co_return done.has_value() ? 1 : 0;
  };
  std::vector<base::Task<int>> racers;
  racers.push_back(write(&server_.engine().objects(), server_.lake(), &stores_.clock));
  racers.push_back(commit(&server_.engine().commits(), server_.lake()));
  EXPECT_EQ(base::run(base::join_all(std::move(racers), 2)), (std::vector<int>{1, 1}));
  EXPECT_EQ(server_.get("main", "a"), "2");
}

TEST_P(ObjectsTest, WritesAreRefusedInTheRightOrder) {
  const RepositoryRef lake = server_.lake();
  ASSERT_TRUE(base::run(server_.engine().protection().set(as("a"), lake, {ProtectionRule{"gone"}},
                                                          std::nullopt))
                  .has_value());
  EXPECT_EQ(text_of(server_.put("gone", "a", "1")), "cannot write to protected branch");
  EXPECT_EQ(text_of(server_.put("nosuch", "a", "1")), "branch not found");
  EXPECT_EQ(text_of(server_.erase("nosuch", "a")), "branch not found");
  auto check = [&](const char* branch, StageOptions options) {
    return text_of(base::run(server_.engine().objects().check_writable(
        as("a"), lake, model::BranchId(branch), model::ObjectPath("a"), std::move(options))));
  };
  EXPECT_EQ(check("gone", StageOptions()), "branch not found");
  EXPECT_EQ(check("main", StageOptions()), "ok");
  EXPECT_EQ(check("main", if_absent()), "ok");
  ASSERT_TRUE(server_.put("main", "a", "1").has_value());
  EXPECT_EQ(check("main", if_absent()), "Precondition failed");
  EXPECT_EQ(check("main", if_match("2")), "Precondition failed");
}

TEST_P(ObjectsTest, DeletesManyAtOnce) {
  std::vector<model::ObjectPath> paths;
  for (int i = 0; i < 1000; ++i) {
    const std::string path = "p/" + std::to_string(i);
    if (i % 3 != 0) ASSERT_TRUE(server_.put("main", path, "1").has_value());
    paths.emplace_back(path);
    if (i == 500) ASSERT_TRUE(server_.commit("main", "half").has_value());
  }
  ASSERT_TRUE(server_.put("main", "q", "1").has_value());
  const auto errors = base::run(server_.engine().objects().erase_many(
      as("a"), server_.lake(), model::BranchId("main"), paths, false));
  ASSERT_TRUE(errors.has_value());
  EXPECT_TRUE(errors->empty());
  EXPECT_EQ(server_.list("main"), "q=1");
  EXPECT_EQ(text_of(base::run(server_.engine().objects().erase_many(
                as("a"), server_.lake(), model::BranchId("nosuch"), paths, false))),
            "branch not found");
}

TEST_P(ObjectsTest, AProtectedBranchRefusesEveryPathOfABatch) {
  ASSERT_TRUE(base::run(server_.engine().protection().set(as("a"), server_.lake(),
                                                          {ProtectionRule{"main"}}, std::nullopt))
                  .has_value());
  const auto errors = base::run(server_.engine().objects().erase_many(
      as("a"), server_.lake(), model::BranchId("main"),
      {model::ObjectPath("a"), model::ObjectPath("b")}, false));
  ASSERT_TRUE(errors.has_value());
  ASSERT_EQ(errors->size(), 2U);
  EXPECT_EQ(errors->at(1).path, "b");
  EXPECT_EQ(errors->at(1).error.message(), "cannot write to protected branch");
}

TEST_P(ObjectsTest, MetadataIsReplacedAndNothingElse) {
  ASSERT_TRUE(server_.put("main", "a", "1").has_value());
  ASSERT_TRUE(server_.commit("main", "x").has_value());
  auto update = [&](const char* branch, const char* path) {
    return text_of(base::run(server_.engine().objects().update_metadata(
        as("a"), server_.lake(), model::BranchId(branch), model::ObjectPath(path), {{"k", "v"}})));
  };
  EXPECT_EQ(update("main", "nosuch"), "update user metadata on lake/main/nosuch: not found");
  EXPECT_EQ(update("nosuch", "a"), "branch not found");
  EXPECT_EQ(update("main", "a"), "ok");
  const auto entry = base::run(
      server_.engine().objects().get(as("a"), server_.lake(), ref("main"), model::ObjectPath("a")));
  EXPECT_EQ(entry->metadata, (model::Metadata{{"k", "v"}}));
  EXPECT_EQ(entry->etag, "1");
  EXPECT_EQ(entry->address, "data/p/1");
}

// A page of a listing holds a thousand of them.
TEST_P(ObjectsTest, AnEntryIsBounded) {
  Objects& objects = server_.engine().objects();
  const auto staged = [&](std::size_t bytes) {
    model::Entry entry = entry_of("1", stores_.clock);
    entry.metadata["k"] = std::string(bytes, 'x');
    return text_of(base::run(objects.stage(as("a"), server_.lake(), model::BranchId("main"),
                                           model::ObjectPath("a"), entry, StageOptions())));
  };
  EXPECT_EQ(staged(model::EntryBytesMax - 1000), "ok");
  EXPECT_EQ(staged(model::EntryBytesMax), "metadata of the object: more than 65536 bytes");
  const model::Metadata large{{"k", std::string(model::EntryBytesMax, 'x')}};
  EXPECT_EQ(text_of(base::run(objects.update_metadata(
                as("a"), server_.lake(), model::BranchId("main"), model::ObjectPath("a"), large))),
            "metadata of the object: more than 65536 bytes");
}

TEST_P(ObjectsTest, ResetsSeeThroughSealedTokens) {
  for (const char* path : {"a", "p/1", "p/2"}) {
    ASSERT_TRUE(server_.put("main", path, "old").has_value());
  }
  ASSERT_TRUE(server_.commit("main", "base").has_value());
  ASSERT_TRUE(server_.put("main", "a", "sealed").has_value());
  ASSERT_TRUE(server_.put("main", "p/1", "sealed").has_value());
  ASSERT_TRUE(server_.put("main", "p/3", "sealed").has_value());
  seal("main");
  ASSERT_TRUE(server_.put("main", "a", "staged").has_value());
  ASSERT_TRUE(server_.erase("main", "p/2").has_value());
  ASSERT_TRUE(server_.put("main", "p/4", "staged").has_value());
  Objects& objects = server_.engine().objects();
  ASSERT_TRUE(
      base::run(objects.reset_prefix(as("a"), server_.lake(), model::BranchId("main"), "p/", false))
          .has_value());
  EXPECT_EQ(server_.list("main"), "a=staged p/1=old p/2=old");
  ASSERT_TRUE(base::run(objects.reset_object(as("a"), server_.lake(), model::BranchId("main"),
                                             model::ObjectPath("a"), false))
                  .has_value());
  EXPECT_EQ(server_.list("main"), "a=old p/1=old p/2=old");
  EXPECT_EQ(text_of(server_.commit("main", "nothing")), "commit: no changes");
}

// Several servers over one store: what one acknowledged, the other sees.
TEST(ObjectsOnTwoServers, EachSeesWhatTheOtherAcknowledged) {
  Stores stores;
  Server one(stores);
  Server two(stores);
  ASSERT_TRUE(one.create().has_value());
  EXPECT_EQ(two.get("main", "a"), "not found");
  ASSERT_TRUE(one.put("main", "a", "1").has_value());
  EXPECT_EQ(two.get("main", "a"), "1");
  ASSERT_TRUE(two.put("main", "a", "2").has_value());
  EXPECT_EQ(one.get("main", "a"), "2");
  ASSERT_TRUE(one.commit("main", "x").has_value());
  ASSERT_TRUE(two.put("main", "b", "1").has_value());  // its guess of the branch is old
  EXPECT_EQ(one.list("main"), "a=2 b=1");
  EXPECT_EQ(two.list("main@"), "a=2");
}

TEST_P(ObjectsTest, RefusesTextThatIsNoUtf8) {
  model::Entry entry = entry_of("1", stores_.clock);
  entry.content_type = "\xff";
  const auto staged =
      base::run(server_.engine().objects().stage(as("a"), server_.lake(), model::BranchId("main"),
                                                 model::ObjectPath("a"), entry, StageOptions()));
  ASSERT_FALSE(staged.has_value());
  EXPECT_EQ(staged.error().code(), base::Code::InvalidArgument);
}

}  // namespace
}  // namespace varve::engine
