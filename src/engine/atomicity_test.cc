// The loop of the stories: fail at operation n, for every n. See atomicity_harness_test.h.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/result.h"
#include "base/run.h"
#include "engine/atomicity_harness_test.h"
#include "engine/commits/commits.h"
#include "engine/core/core.h"
#include "engine/harness_test.h"
#include "engine/objects/objects.h"
#include "engine/refs/refs.h"
#include "engine/stores_test.h"
#include "format/kv_keys.h"
#include "model/records.h"
#include "ports/kv_store.h"
#include "ports/object_store.h"
#include "sim/faults/failing_objects.h"
#include "sim/faults/faults.h"

namespace varve::engine::atomicity {

using sim::Fault;
using sim::FaultPlan;

std::string name_of(Fault fault) {
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

namespace {

void expect_history_of(Server& server, const std::string& name) {
  LogQuery query;
  query.ref = ref(name);
  query.amount = 1000;
  const auto commits = base::run(server.engine().commits().log(as("a"), server.lake(), query));
  EXPECT_TRUE(commits.has_value()) << name;
}

}  // namespace

void expect_every_commit_resolves(Stores& stores, Server& server) {
  RefQuery query;
  query.show_hidden = true;
  query.amount = 1000;
  Refs& refs = server.engine().refs();
  const auto branches = base::run(refs.list_branches(as("a"), server.lake(), query));
  ASSERT_TRUE(branches.has_value());
  for (const model::Branch& branch : branches->rows) expect_history_of(server, branch.id.str());
  const auto tags = base::run(refs.list_tags(as("a"), server.lake(), query));
  ASSERT_TRUE(tags.has_value());
  for (const model::Tag& tag : tags->rows) expect_history_of(server, tag.id.str());
  ports::KvScan scan;
  scan.partition = server.lake()->partition();
  scan.from = std::string(format::keys::CommitPrefix);
  scan.until = prefix_end(scan.from);
  const auto records = base::run(stores.kv.scan(as("a"), std::move(scan)));
  ASSERT_TRUE(records.has_value());
  for (const ports::KvRow& row : records->rows) {
    const std::string id(format::keys::name_after(format::keys::CommitPrefix, row.key));
    ObjectQuery all;
    all.amount = -1;
    EXPECT_TRUE(server.page(id, all).has_value()) << id;
  }
}

void base_commit(Stores&, Server& server) {
  for (const char* path : {"a", "b", "c"}) {
    ASSERT_TRUE(server.put("main", path, "1").has_value());
  }
  ASSERT_TRUE(server.commit("main", "base").has_value());
}

void base_and_staged(Stores& stores, Server& server) {
  base_commit(stores, server);
  ASSERT_TRUE(server.put("main", "a", "2").has_value());
  ASSERT_TRUE(server.put("main", "d", "2").has_value());
  ASSERT_TRUE(server.erase("main", "b").has_value());
}

void Atomicity::prepare(Stores& stores) {
  Server healthy(stores, small_ranges());
  ASSERT_TRUE(healthy.create().has_value());
  GetParam().before(stores, healthy);
  ASSERT_EQ(GetParam().look(healthy), GetParam().unchanged);
}

void Atomicity::play(Stores& stores, ports::KvStore& kv, ports::ObjectStore& objects, Fault fault) {
  const Story& story = GetParam();
  Server healthy(stores, small_ranges());
  Server flaky(kv, objects, stores.clock, stores.rng, small_ranges());
  flaky.use(healthy.lake());
  const base::Result<void> result = story.act(flaky);
  expect_every_commit_resolves(stores, healthy);
  const std::string now = story.look(healthy);
  if (result.has_value()) {
    EXPECT_EQ(now, story.done) << "it was acknowledged";
  } else {
    EXPECT_TRUE(now == story.done || now == story.unchanged) << "half visible: " << now;
    EXPECT_NE(result.error().code(), base::Code::Internal) << result.error().message();
    EXPECT_NE(result.error().code(), base::Code::Corruption) << result.error().message();
  }
  if (!story.also.empty()) {
    EXPECT_EQ(healthy.list("main"), story.also);
  }
  // Asked again, of the same server unless it is gone, it is done. (Of one that did it all
  // operation n may still be ahead.)
  Server& next = is_crash(fault) || result.has_value() ? healthy : flaky;
  if (!result.has_value()) {
    EXPECT_EQ(story.look(next), now) << "what a server remembers is not what is";
    EXPECT_EQ(text_of(story.act(next)), now == story.done ? story.again : "ok");
  }
  EXPECT_EQ(story.look(next), story.done);
  EXPECT_EQ(story.look(healthy), story.done);
  expect_every_commit_resolves(stores, healthy);
  // The branch is not stuck.
  EXPECT_TRUE(next.put("main", "zz", "after").has_value());
  EXPECT_EQ(text_of(next.commit("main", "after")), "ok");
  EXPECT_EQ(healthy.get("main@", "zz"), "after");
}

TEST_P(Atomicity, WhateverKeyValueStepFails) {
  int cases = 0;
  for (const Fault fault : Faults) {
    for (int n = 0;; ++n) {
      ASSERT_LT(n, StepsMax);
      SCOPED_TRACE(name_of(fault) + " at " + std::to_string(n));
      Stores stores;
      prepare(stores);
      sim::FailingKv flaky(stores.kv, FaultPlan(n, fault));
      play(stores, flaky, stores.objects, fault);
      ++cases;
      if (flaky.failures() == 0) break;  // nothing was left to break
    }
  }
  RecordProperty("cases", cases);
}

TEST_P(Atomicity, WhateverObjectStoreStepFails) {
  int cases = 0;
  for (const Fault fault : Faults) {
    for (int n = 0;; ++n) {
      ASSERT_LT(n, StepsMax);
      SCOPED_TRACE(name_of(fault) + " at " + std::to_string(n));
      Stores stores;
      prepare(stores);
      sim::FailingObjects flaky(stores.objects, FaultPlan(n, fault));
      play(stores, stores.kv, flaky, fault);
      ++cases;
      if (flaky.failures() == 0) break;
    }
  }
  RecordProperty("cases", cases);
}

}  // namespace varve::engine::atomicity
