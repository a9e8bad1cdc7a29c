// Making, filling and deleting repositories, with a store that fails. See atomicity_harness_test.h.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "base/run.h"
#include "engine/atomicity_harness_test.h"
#include "engine/dump/dump.h"
#include "engine/harness_test.h"
#include "engine/refs/refs.h"
#include "engine/repo/repo.h"
#include "engine/staging/staging.h"
#include "engine/stores_test.h"
#include "format/tasks.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "sim/faults/failing_objects.h"
#include "sim/faults/faults.h"

namespace varve::engine::atomicity {
namespace {

using sim::Fault;
using sim::FaultPlan;

const model::RepositoryId Lake("lake");

// Every ref with what it holds: "dev: a=1, main: , v1: ".
std::string list_refs(Server& server) {
  Refs& refs = server.engine().refs();
  const auto branches = base::run(refs.list_branches(as("a"), server.lake(), RefQuery()));
  const auto tags = base::run(refs.list_tags(as("a"), server.lake(), RefQuery()));
  if (!branches.has_value() || !tags.has_value()) return "unreadable";
  std::string text;
  for (const model::Branch& row : branches->rows) {
    text += row.id.str() + ": " + server.list(row.id.str()) + "; ";
  }
  for (const model::Tag& row : tags->rows) {
    text += row.id.str() + ": " + server.list(row.id.str()) + "; ";
  }
  return text;
}

// A history of two branches and a tag, dumped, and the repository made anew without it.
Story restore_story() {
  auto dump = std::make_shared<format::RefsDump>();  // made before, used by the act
  return {.name = "restore",
          .before =
              [dump](Stores& stores, Server& s) {
                base_commit(stores, s);
                ASSERT_TRUE(s.branch("dev", "main").has_value());
                ASSERT_TRUE(s.put("dev", "d", "1").has_value());
                ASSERT_TRUE(s.commit("dev", "on dev").has_value());
                ASSERT_TRUE(base::run(s.engine().refs().create_tag(
                                          as("a"), s.lake(), model::TagId("v1"), ref("dev"), false))
                                .has_value());
                *dump = *base::run(s.engine().dumps().dump(as("a"), s.lake()));
                Repositories& repositories = s.engine().repositories();
                ASSERT_TRUE(base::run(repositories.erase(as("a"), Lake, false)).has_value());
                NewRepository bare;
                bare.id = Lake;
                bare.storage_namespace = model::StorageNamespace("mem://lake");
                bare.is_bare = true;
                ASSERT_TRUE(base::run(repositories.create(as("a"), std::move(bare))).has_value());
              },
          .act =
              [dump](Server& s) {
                return base::run(s.engine().dumps().restore(as("a"), s.lake(), *dump, false));
              },
          .unchanged = "",
          .done = "dev: a=1 b=1 c=1 d=1; main: a=1 b=1 c=1; v1: a=1 b=1 c=1 d=1; ",
          .look = list_refs,
          .again = "can only restore into a bare repository"};
}

INSTANTIATE_TEST_SUITE_P(Restores, Atomicity, ::testing::Values(restore_story()), story_name);

// Creating a repository: it is there as a whole, or not at all; and if it is not, the name and,
// unless the process died, the namespace are free.
TEST(AtomicRepositories, CreationIsWholeOrNothing) {
  for (const bool is_kv : {true, false}) {
    for (const Fault fault : Faults) {
      for (int n = 0;; ++n) {
        ASSERT_LT(n, StepsMax);
        SCOPED_TRACE(std::to_string(is_kv) + " " + name_of(fault) + " at " + std::to_string(n));
        Stores stores;
        const int never = StepsMax;
        sim::FailingKv kv(stores.kv, FaultPlan(is_kv ? n : never, fault));
        sim::FailingObjects objects(stores.objects, FaultPlan(is_kv ? never : n, fault));
        Server flaky(kv, objects, stores.clock, stores.rng);
        const bool is_made = flaky.create().has_value();
        Server healthy(stores);
        const auto found = base::run(healthy.engine().repositories().get(as("a"), Lake));
        EXPECT_TRUE(found.has_value() || !is_made);
        if (!found.has_value()) {
          EXPECT_TRUE(model::is(found.error(), model::Detail::RepositoryMissing));
          if (fault == Fault::Refused) {
            EXPECT_EQ(text_of(healthy.create()), "ok");
          }
        } else {
          expect_every_commit_resolves(stores, healthy);
          EXPECT_TRUE(healthy.put("main", "a", "1").has_value());
          EXPECT_TRUE(healthy.commit("main", "x").has_value());
        }
        if (kv.failures() + objects.failures() == 0) break;
      }
    }
  }
}

// What is left when a deletion was cut short: everything, or a name that is being deleted.
void expect_whole_or_in_deletion(Stores& stores) {
  Server server(stores);
  const auto found = base::run(server.engine().repositories().get(as("a"), Lake));
  if (!found.has_value()) {
    EXPECT_TRUE(model::is(found.error(), model::Detail::RepositoryInDeletion) ||
                model::is(found.error(), model::Detail::RepositoryMissing));
    return;
  }
  EXPECT_EQ(server.list("main"), "a=2 c=1 d=2");
  EXPECT_EQ(server.list("dev"), "a=1 b=1 c=1");
  expect_every_commit_resolves(stores, server);
}

// Deleting a repository: whatever failed, asking again finishes it, and nothing is left.
TEST(AtomicRepositories, DeletionIsFinishedByAskingAgain) {
  for (const Fault fault : Faults) {
    for (int n = 0;; ++n) {
      ASSERT_LT(n, StepsMax);
      SCOPED_TRACE(name_of(fault) + " at " + std::to_string(n));
      Stores stores;
      Server healthy(stores);
      ASSERT_TRUE(healthy.create().has_value());
      base_and_staged(stores, healthy);
      ASSERT_TRUE(healthy.branch("dev", "main").has_value());
      sim::FailingKv kv(stores.kv, FaultPlan(n, fault));
      Server flaky(kv, stores.objects, stores.clock, stores.rng);
      const auto erased = base::run(flaky.engine().repositories().erase(as("a"), Lake, false));
      expect_whole_or_in_deletion(stores);
      Server fresh(stores);
      const auto again = base::run(fresh.engine().repositories().erase(as("a"), Lake, false));
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
}  // namespace varve::engine::atomicity
