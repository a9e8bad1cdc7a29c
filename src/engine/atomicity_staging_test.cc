// Whatever operation of a store fails, at whatever point: every head resolves, what was
// acknowledged is there, nothing is half visible, and the next request works.  [I-3] [I-4] [I-11]
//
// Each story runs once for every n and every kind of fault, with operation n of the store failing,
// on fresh stores; then a healthy server looks at what is left.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/harness_test.h"
#include "sim/faults/failing_objects.h"
#include "sim/faults/faults.h"

namespace varve::engine {
namespace {

using sim::Fault;
using sim::FaultPlan;

struct Story {
  std::string name;
  std::function<void(Server&)> before;             // on a healthy server
  std::function<base::Result<void>(Server&)> act;  // on the one whose store fails
  std::string unchanged;                           // what `look` gives before
  std::string done;                                // and after
  std::function<std::string(Server&)> look;
  std::string also;  // acknowledged before: "path=content" pairs that main shows throughout
};

base::Result<void> only_whether(auto result) {
  if (!result.has_value()) return std::move(result).error();
  return {};
}

// Every branch has a commit, every commit its parents and a tree that can be read to its end.
void expect_every_head_resolves(Server& server) {
  RefQuery query;
  query.show_hidden = true;
  query.amount = 1000;
  const auto page = base::run(server.engine().refs().list_branches(as("a"), server.lake(), query));
  ASSERT_TRUE(page.has_value());
  for (const model::Branch& branch : page->rows) {
    LogQuery log;
    log.ref = ref(branch.id.str());
    log.amount = 1000;
    const auto commits = base::run(server.engine().commits().log(as("a"), server.lake(), log));
    ASSERT_TRUE(commits.has_value()) << branch.id.str();
    for (const CommitRef& commit : commits->rows) {
      ObjectQuery all;
      all.amount = -1;
      EXPECT_TRUE(server.page(commit->id.str(), all).has_value()) << commit->id.str();
    }
  }
}

class Atomicity : public ::testing::TestWithParam<Story> {
 protected:
  static std::string name_of(Fault fault) {
    switch (fault) {
      case Fault::Refused:
        return "refused";
      case Fault::ReplyLost:
        return "reply lost";
      case Fault::Crash:
        return "crash";
      case Fault::CrashAfter:
        return "crash after";
    }
    return "";
  }

  // Runs the story with the given stores; answers whether it reported success.
  void play(Stores& stores, ports::KvStore& kv, ports::ObjectStore& objects) {
    const Story& story = GetParam();
    Server healthy(stores);
    Server flaky(kv, objects, stores.clock, stores.rng);
    flaky.use(healthy.lake());
    const base::Result<void> result = story.act(flaky);
    expect_every_head_resolves(healthy);
    const std::string now = story.look(healthy);
    if (result.has_value()) {
      EXPECT_EQ(now, story.done) << "it was acknowledged";
    } else {
      EXPECT_TRUE(now == story.done || now == story.unchanged) << "half visible: " << now;
      EXPECT_NE(result.error().code(), base::Code::Internal) << result.error().message();
    }
    if (!story.also.empty()) EXPECT_EQ(healthy.list("main"), story.also);
    // The branch is not stuck.
    EXPECT_TRUE(healthy.put("main", "zz", "after").has_value());
    EXPECT_TRUE(healthy.commit("main", "after").has_value());
    EXPECT_EQ(healthy.get("main@", "zz"), "after");
  }

  void prepare(Stores& stores) {
    Server healthy(stores);
    ASSERT_TRUE(healthy.create().has_value());
    GetParam().before(healthy);
    ASSERT_EQ(GetParam().look(healthy), GetParam().unchanged);
  }
};

constexpr int StepsMax = 200;

TEST_P(Atomicity, WhateverKeyValueStepFails) {
  for (const Fault fault : {Fault::Refused, Fault::ReplyLost, Fault::Crash, Fault::CrashAfter}) {
    for (int n = 0;; ++n) {
      ASSERT_LT(n, StepsMax);
      SCOPED_TRACE(name_of(fault) + " at " + std::to_string(n));
      Stores stores;
      prepare(stores);
      sim::FailingKv flaky(stores.kv, FaultPlan(n, fault));
      play(stores, flaky, stores.objects);
      if (flaky.failures() == 0) break;  // nothing was left to break
    }
  }
}

TEST_P(Atomicity, WhateverObjectStoreStepFails) {
  for (const Fault fault : {Fault::Refused, Fault::ReplyLost, Fault::Crash, Fault::CrashAfter}) {
    for (int n = 0;; ++n) {
      ASSERT_LT(n, StepsMax);
      SCOPED_TRACE(name_of(fault) + " at " + std::to_string(n));
      Stores stores;
      prepare(stores);
      sim::FailingObjects flaky(stores.objects, FaultPlan(n, fault));
      play(stores, stores.kv, flaky);
      if (flaky.failures() == 0) break;
    }
  }
}

std::string list_main(Server& server) { return server.list("main"); }
std::string list_head(Server& server) { return server.list("main@"); }

void base_commit(Server& server) {
  for (const char* path : {"a", "b", "c"}) {
    ASSERT_TRUE(server.put("main", path, "1").has_value());
  }
  ASSERT_TRUE(server.commit("main", "base").has_value());
}

void base_and_staged(Server& server) {
  base_commit(server);
  ASSERT_TRUE(server.put("main", "a", "2").has_value());
  ASSERT_TRUE(server.put("main", "d", "2").has_value());
  ASSERT_TRUE(server.erase("main", "b").has_value());
}

std::vector<Story> staged_stories() {
  std::vector<Story> stories;
  stories.push_back({"stage", base_commit, [](Server& s) { return s.put("main", "a", "2"); },
                     "a=1 b=1 c=1", "a=2 b=1 c=1", list_main, ""});
  stories.push_back({"stage_if_absent", base_commit,
                     [](Server& s) {
                       StageOptions options;
                       options.condition = WriteCondition(WriteCondition::Kind::IfAbsent);
                       return s.put("main", "d", "2", options);
                     },
                     "a=1 b=1 c=1", "a=1 b=1 c=1 d=2", list_main, ""});
  stories.push_back({"erase", base_commit, [](Server& s) { return s.erase("main", "b"); },
                     "a=1 b=1 c=1", "a=1 c=1", list_main, ""});
  stories.push_back(
      {"erase_many", base_and_staged,
       [](Server& s) {
         return only_whether(base::run(s.engine().objects().erase_many(
             as("a"), s.lake(), model::BranchId("main"),
             {model::ObjectPath("a"), model::ObjectPath("c"), model::ObjectPath("d")}, false)));
       },
       "a=2 c=1 d=2", "", list_main, ""});
  stories.push_back({"reset_branch", base_and_staged,
                     [](Server& s) {
                       return base::run(s.engine().objects().reset_branch(
                           as("a"), s.lake(), model::BranchId("main"), false));
                     },
                     "a=2 c=1 d=2", "a=1 b=1 c=1", list_main, ""});
  stories.push_back({"reset_prefix",
                     [](Server& s) {
                       base_and_staged(s);
                       ASSERT_TRUE(s.put("main", "p/1", "2").has_value());
                       ASSERT_TRUE(s.put("main", "p/2", "2").has_value());
                     },
                     [](Server& s) {
                       return base::run(s.engine().objects().reset_prefix(
                           as("a"), s.lake(), model::BranchId("main"), "p/", false));
                     },
                     "a=2 c=1 d=2 p/1=2 p/2=2", "a=2 c=1 d=2", list_main, ""});
  return stories;
}

std::vector<Story> head_stories() {
  std::vector<Story> stories;
  stories.push_back({"commit", base_and_staged,
                     [](Server& s) { return only_whether(s.commit("main", "it")); }, "a=1 b=1 c=1",
                     "a=2 c=1 d=2", list_head, "a=2 c=1 d=2"});
  stories.push_back({"hard_reset",
                     [](Server& s) {
                       base_and_staged(s);
                       ASSERT_TRUE(s.commit("main", "it").has_value());
                     },
                     [](Server& s) {
                       return base::run(s.engine().commits().hard_reset(
                           as("a"), s.lake(), model::BranchId("main"), ref("main~1"), false));
                     },
                     "a=2 c=1 d=2", "a=1 b=1 c=1", list_head, ""});
  stories.push_back({"create_branch", base_and_staged,
                     [](Server& s) { return only_whether(s.branch("dev", "main")); }, "not found",
                     "a=1 b=1 c=1", [](Server& s) { return s.list("dev"); }, "a=2 c=1 d=2"});
  stories.push_back({"erase_branch",
                     [](Server& s) {
                       base_and_staged(s);
                       ASSERT_TRUE(s.branch("dev", "main").has_value());
                       ASSERT_TRUE(s.put("dev", "x", "1").has_value());
                     },
                     [](Server& s) {
                       return base::run(s.engine().refs().erase_branch(
                           as("a"), s.lake(), model::BranchId("dev"), false));
                     },
                     "a=1 b=1 c=1 x=1", "not found", [](Server& s) { return s.list("dev"); },
                     "a=2 c=1 d=2"});
  stories.push_back({"create_tag", base_and_staged,
                     [](Server& s) {
                       return only_whether(base::run(s.engine().refs().create_tag(
                           as("a"), s.lake(), model::TagId("v1"), ref("main"), false)));
                     },
                     "not found", "a=1 b=1 c=1", [](Server& s) { return s.list("v1"); },
                     "a=2 c=1 d=2"});
  return stories;
}

std::string story_name(const ::testing::TestParamInfo<Story>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Staged, Atomicity, ::testing::ValuesIn(staged_stories()), story_name);
INSTANTIATE_TEST_SUITE_P(Heads, Atomicity, ::testing::ValuesIn(head_stories()), story_name);

// Creating a repository: it is there as a whole, or not at all; and if it is not, the name and,
// unless the process died, the namespace are free.
TEST(AtomicRepositories, CreationIsWholeOrNothing) {
  for (const bool is_kv : {true, false}) {
    for (const Fault fault : {Fault::Refused, Fault::ReplyLost, Fault::Crash, Fault::CrashAfter}) {
      for (int n = 0;; ++n) {
        ASSERT_LT(n, StepsMax);
        SCOPED_TRACE(std::to_string(is_kv) + " " + std::to_string(static_cast<int>(fault)) +
                     " at " + std::to_string(n));
        Stores stores;
        const int never = StepsMax;
        sim::FailingKv kv(stores.kv, FaultPlan(is_kv ? n : never, fault));
        sim::FailingObjects objects(stores.objects, FaultPlan(is_kv ? never : n, fault));
        Server flaky(kv, objects, stores.clock, stores.rng);
        const bool is_made = flaky.create().has_value();
        Server healthy(stores);
        const auto found =
            base::run(healthy.engine().repositories().get(as("a"), model::RepositoryId("lake")));
        if (is_made) EXPECT_TRUE(found.has_value());
        if (!found.has_value()) {
          EXPECT_TRUE(model::is(found.error(), model::Detail::RepositoryMissing));
          if (is_kv && fault == Fault::Refused) EXPECT_EQ(text_of(healthy.create()), "ok");
        } else {
          expect_every_head_resolves(healthy);
          EXPECT_TRUE(healthy.put("main", "a", "1").has_value());
          EXPECT_TRUE(healthy.commit("main", "x").has_value());
        }
        if (kv.failures() + objects.failures() == 0) break;
      }
    }
  }
}

// Deleting a repository: whatever failed, asking again finishes it.
TEST(AtomicRepositories, DeletionIsFinishedByAskingAgain) {
  for (const Fault fault : {Fault::Refused, Fault::ReplyLost, Fault::Crash, Fault::CrashAfter}) {
    for (int n = 0;; ++n) {
      ASSERT_LT(n, StepsMax);
      SCOPED_TRACE(std::to_string(static_cast<int>(fault)) + " at " + std::to_string(n));
      Stores stores;
      Server healthy(stores);
      ASSERT_TRUE(healthy.create().has_value());
      base_and_staged(healthy);
      ASSERT_TRUE(healthy.branch("dev", "main").has_value());
      sim::FailingKv kv(stores.kv, FaultPlan(n, fault));
      Server flaky(kv, stores.objects, stores.clock, stores.rng);
      const model::RepositoryId id("lake");
      const auto erased = base::run(flaky.engine().repositories().erase(as("a"), id, false));
      Server fresh(stores);
      const auto again = base::run(fresh.engine().repositories().erase(as("a"), id, false));
      if (erased.has_value()) {
        EXPECT_EQ(text_of(again), "repository not found");
      } else {
        EXPECT_TRUE(again.has_value() ||
                    model::is(again.error(), model::Detail::RepositoryMissing));
      }
      Staging& staging = fresh.engine().staging();
      ASSERT_TRUE(base::run(staging.sweep_dropped(as("a"))).has_value());
      stores.clock.advance(std::chrono::seconds(model::DroppedTokenGraceSeconds));
      ASSERT_TRUE(base::run(staging.sweep_dropped(as("a"))).has_value());
      EXPECT_EQ(stores.kv.row_count(), 0U);
      if (kv.failures() == 0) break;
    }
  }
}

}  // namespace
}  // namespace varve::engine
