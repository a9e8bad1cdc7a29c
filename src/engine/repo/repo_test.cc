#include "engine/repo/repo.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "base/task_group.h"
#include "engine/core/core.h"
#include "engine/forwarding_kv_test.h"
#include "engine/harness_test.h"
#include "engine/refs/protection.h"
#include "engine/stores_test.h"
#include "format/graveler.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/kv_store.h"
#include "ports/object_types.h"

namespace varve::engine {
namespace {

class RepoTest : public ::testing::Test {
 protected:
  Repositories& repos() { return server_.engine().repositories(); }

  base::Result<RepositoryRef> create(const std::string& name, const std::string& where,
                                     auto adjust) {
    NewRepository wanted;
    wanted.id = model::RepositoryId(name);
    wanted.storage_namespace = model::StorageNamespace(where);
    adjust(wanted);
    return base::run(repos().create(as("admin"), std::move(wanted)));
  }
  base::Result<RepositoryRef> create(const std::string& name, const std::string& where) {
    return create(name, where, [](NewRepository&) {});
  }
  std::string get(const std::string& name) {
    return text_of(base::run(repos().get(as("admin"), model::RepositoryId(name))));
  }
  std::string erase(const std::string& name, bool force = false) {
    return text_of(base::run(repos().erase(as("admin"), model::RepositoryId(name), force)));
  }
  std::string list(RepositoryQuery query) {
    const auto page = base::run(repos().list(as("admin"), std::move(query)));
    std::string text;
    for (const RepositoryRef& row : page->rows) text += row->id.str() + " ";
    return text + (page->has_more ? "more" : "end");
  }

  Stores stores_;
  Server server_{stores_};
};

// A store whose clients go away in the middle of a write.
class DesertedKv final : public ForwardingKv {
 public:
  using ForwardingKv::ForwardingKv;
  base::Task<base::Result<void>> write(base::Context context, ports::KvWrite write) override {
    context.cancel();
    return store_.write(std::move(context), std::move(write));
  }
};

TEST_F(RepoTest, ACreatorWhoGoesAwayLeavesTheNamespaceFree) {
  DesertedKv deserted(stores_.kv);
  Server forsaken(deserted, stores_.objects, stores_.clock, stores_.rng);
  const auto made = forsaken.create();
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code(), base::Code::Cancelled);
  EXPECT_EQ(text_of(server_.create()), "ok");
}

TEST_F(RepoTest, ANewRepositoryHasARootCommitOnItsDefaultBranch) {
  const auto made = create("lake", "mem://lake", [](NewRepository& wanted) {
    wanted.default_branch = model::BranchId("trunk");
  });
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ((*made)->default_branch.str(), "trunk");
  const auto root = base::run(server_.engine().refs().resolve_commit(as("a"), *made, ref("trunk")));
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ((*root)->message, "Repository created");
  EXPECT_EQ((*root)->committer, "");
  EXPECT_EQ((*root)->generation, 1);
  EXPECT_TRUE((*root)->meta_range_id.empty());
  EXPECT_TRUE((*root)->parents.empty());
}

TEST_F(RepoTest, ANameIsTakenOnce) {
  ASSERT_TRUE(create("lake", "mem://one").has_value());
  EXPECT_EQ(text_of(create("lake", "mem://two")), "error creating repository: not unique");
  EXPECT_EQ(text_of(create("other", "mem://two")), "ok");  // the loser claimed nothing
}

TEST_F(RepoTest, OfCreatorsAtTheSameMomentOneMakesItAndTheOthersHearThatItIsTaken) {
  std::vector<base::Task<base::Result<RepositoryRef>>> creations;
  for (int i = 0; i < 8; ++i) {
    NewRepository wanted;
    wanted.id = model::RepositoryId("lake");
    wanted.storage_namespace = model::StorageNamespace(i % 2 == 0 ? "mem://even" : "mem://odd");
    creations.push_back(repos().create(as("admin"), std::move(wanted)));
  }
  const auto answers = base::run(base::join_all(std::move(creations), 8));
  std::multiset<std::string> texts;
  for (const auto& answer : answers) texts.insert(text_of(answer));
  EXPECT_EQ(texts.count("ok"), 1U);
  EXPECT_EQ(texts.count("error creating repository: not unique"), 7U);
}

// Lets another server have its way between this one's look at a name and its claim.
class OvertakenKv final : public ForwardingKv {
 public:
  OvertakenKv(ports::KvStore& store, Server& other) : ForwardingKv(store), other_(other) {}
  base::Task<base::Result<std::optional<base::Bytes>>> get(base::Context context,
                                                           ports::KvKey key) override {
    auto row = co_await store_.get(std::move(context), std::move(key));
    if (!std::exchange(is_overtaken_, true)) EXPECT_TRUE(other_.create().has_value());
    co_return row;
  }

 private:
  Server& other_;
  bool is_overtaken_ = false;
};

TEST_F(RepoTest, ANameThatAnotherServerTakesMeanwhileIsTaken) {
  OvertakenKv overtaken(stores_.kv, server_);
  Server late(overtaken, stores_.objects, stores_.clock, stores_.rng);
  EXPECT_EQ(text_of(late.create()), "error creating repository: not unique");
}

// engine.md 17, Q18: what the server itself did it knows at once.
TEST_F(RepoTest, ANameThatIsTakenAgainIsAnotherRepositoryAtOnce) {
  ASSERT_TRUE(create("lake", "mem://one").has_value());
  ASSERT_TRUE(server_.put("main", "a", "1").has_value());
  ASSERT_TRUE(server_.commit("main", "x").has_value());
  ASSERT_EQ(erase("lake"), "ok");
  EXPECT_EQ(get("lake"), "repository not found");
  ASSERT_TRUE(create("lake", "mem://two").has_value());
  EXPECT_EQ(server_.lake()->storage_namespace.str(), "mem://two");
  EXPECT_EQ(server_.list("main"), "");
}

TEST_F(RepoTest, ANamespaceIsClaimedOnce) {
  ASSERT_TRUE(create("lake", "mem://one").has_value());
  EXPECT_EQ(text_of(create("other", "mem://one")),
            "failed to create repository: found lakeFS objects in the storage (:mem://one) "
            "key(_lakefs/dummy): storage namespace already in use");
  // A deleted repository keeps its namespace: its objects are still there.
  ASSERT_EQ(erase("lake"), "ok");
  EXPECT_FALSE(create("lake", "mem://one").has_value());
  EXPECT_EQ(text_of(create("inner", "mem://one/inner")), "ok");
  EXPECT_EQ(text_of(create("bare", "mem://one", [](NewRepository& w) { w.is_bare = true; })), "ok");
  EXPECT_EQ(text_of(create("frozen", "mem://one", [](NewRepository& w) { w.is_read_only = true; })),
            "ok");
}

TEST_F(RepoTest, AnObjectNamedDummyAtTheRootIsForeign) {
  ASSERT_TRUE(base::run(stores_.objects.put_bytes(as("a"), ports::ObjectAddress("mem://one/dummy"),
                                                  base::Bytes("x"), ports::PutMode::Overwrite))
                  .has_value());
  EXPECT_EQ(text_of(create("lake", "mem://one")),
            "failed to create repository: found lakeFS objects in the storage (:mem://one) "
            "key(dummy): storage namespace already in use");
}

TEST_F(RepoTest, WhatIsRefusedOnCreation) {
  EXPECT_EQ(text_of(create("lake", "s3://b/x")).find("failed to match required regex "), 0U);
  for (const char* above : {"mem://", "mem:///", "mem://a/../b", "mem://.."}) {
    EXPECT_EQ(text_of(create("lake", above, [](NewRepository& w) { w.is_bare = true; })),
              "names no folder of its own: invalid namespace")
        << above;
  }
  EXPECT_EQ(text_of(create("lake", "mem://x",
                           [](NewRepository& w) { w.storage_id = model::StorageId("nope"); })),
            "storage id: invalid value: validation error");
  EXPECT_EQ(text_of(create("lake", "mem://x",
                           [](NewRepository& w) { w.default_branch = model::BranchId("a/b"); })),
            "argument default_branch: branch id: invalid value: validation error");
}

TEST_F(RepoTest, ABareRepositoryIsARecordOnly) {
  const auto made = create("lake", "mem://lake", [](NewRepository& w) { w.is_bare = true; });
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(server_.get_branch("main").error().message(), "branch not found");
  EXPECT_EQ(server_.resolve("main"), "not found");
  EXPECT_EQ(stores_.objects.object_count(), 0U);
  EXPECT_EQ(stores_.kv.row_count(), 1U);
}

TEST_F(RepoTest, ADeletedRepositoryIsGoneAtOnce) {
  ASSERT_TRUE(create("lake", "mem://lake").has_value());
  EXPECT_EQ(get("lake"), "ok");
  EXPECT_EQ(erase("lake"), "ok");
  EXPECT_EQ(get("lake"), "repository not found");
  EXPECT_EQ(erase("lake"), "repository not found");
}

TEST_F(RepoTest, AReadOnlyRepositoryIsDeletedByForceOnly) {
  ASSERT_TRUE(
      create("lake", "mem://lake", [](NewRepository& w) { w.is_read_only = true; }).has_value());
  EXPECT_EQ(erase("lake"), "read-only repository");
  EXPECT_EQ(erase("lake", true), "ok");
}

// Q10, Q20: nothing of it stays in the key-value store once its tokens are swept.
TEST_F(RepoTest, DeletionLeavesNoRow) {
  ASSERT_TRUE(server_.create().has_value());
  ASSERT_TRUE(server_.branch("dev", "main").has_value());
  ASSERT_TRUE(server_.put("main", "a", "1").has_value());
  ASSERT_TRUE(server_.put("dev", "b", "1").has_value());
  ASSERT_TRUE(server_.commit("dev", "x").has_value());
  ASSERT_TRUE(server_.put("dev", "c", "1").has_value());
  const RepositoryRef lake = server_.lake();
  Engine& engine = server_.engine();
  ASSERT_TRUE(
      base::run(engine.uploads().create_multipart(as("a"), lake, model::ObjectPath("m"), {}, ""))
          .has_value());
  ASSERT_TRUE(base::run(repos().set_metadata(as("a"), lake, {{"k", "v"}})).has_value());
  ASSERT_TRUE(base::run(engine.protection().set(as("a"), lake, {ProtectionRule{"x"}}, std::nullopt))
                  .has_value());
  ports::KvWrite others;
  others.updates.push_back(
      ports::KvUpdate::set({"pulls", "repos/" + lake->partition() + "/dev/main"}, "x"));
  others.updates.push_back(ports::KvUpdate::set({"actions", "repos/lake/runs/1"}, "x"));
  others.updates.push_back(ports::KvUpdate::set({"actions", "repos/lake2/runs/1"}, "kept"));
  ASSERT_TRUE(base::run(stores_.kv.write(as("a"), others)).has_value());

  ASSERT_EQ(erase("lake"), "ok");
  ASSERT_TRUE(base::run(engine.staging().sweep_dropped(as("a"))).has_value());
  stores_.clock.advance(std::chrono::seconds(model::DroppedTokenGraceSeconds));
  ASSERT_TRUE(base::run(engine.staging().sweep_dropped(as("a"))).has_value());
  EXPECT_EQ(stores_.kv.row_count(), 1U);  // the other repository's
}

TEST_F(RepoTest, WhileBeingDeletedItIsNeitherThereNorFree) {
  ASSERT_TRUE(create("lake", "mem://lake").has_value());
  const ports::KvKey key("graveler", "repos/lake");
  auto bytes = base::run(stores_.kv.get(as("a"), key));
  auto record = format::decode_repository(**bytes);
  record->state = model::RepositoryState::InDeletion;
  ports::KvWrite mark;
  mark.updates.push_back(ports::KvUpdate::set(key, *format::encode_repository(*record)));
  ASSERT_TRUE(base::run(stores_.kv.write(as("a"), mark)).has_value());

  EXPECT_EQ(get("lake"), "repository in deletion");
  EXPECT_EQ(text_of(create("lake", "mem://two")), "error creating repository: not unique");
  EXPECT_EQ(erase("lake"), "ok");  // continues where the other one stopped
  EXPECT_EQ(get("lake"), "repository not found");
}

TEST_F(RepoTest, AnotherServersDeletionIsSeenWhenTheRecordExpires) {
  ASSERT_TRUE(create("lake", "mem://lake").has_value());
  Server other(stores_);
  ASSERT_TRUE(base::run(other.engine().repositories().get(as("a"), model::RepositoryId("lake")))
                  .has_value());
  ASSERT_EQ(erase("lake"), "ok");
  stores_.clock.advance(std::chrono::seconds(5));
  EXPECT_EQ(
      text_of(base::run(other.engine().repositories().get(as("a"), model::RepositoryId("lake")))),
      "repository not found");
}

TEST_F(RepoTest, ListsByPrefixAfterAndSearch) {
  for (const char* name : {"ant", "bee", "beetle", "cow"}) {
    ASSERT_TRUE(create(name, std::string("mem://") + name).has_value());
  }
  RepositoryQuery query;
  EXPECT_EQ(list(query), "ant bee beetle cow end");
  query.amount = 2;
  EXPECT_EQ(list(query), "ant bee more");
  query.after = "bee";
  EXPECT_EQ(list(query), "beetle cow end");
  query.after.clear();
  query.prefix = "bee";
  query.amount = 1;
  EXPECT_EQ(list(query), "bee more");
  query = RepositoryQuery();
  query.search = "e";
  EXPECT_EQ(list(query), "bee beetle end");
  query.search = "tl";
  query.amount = 1;
  EXPECT_EQ(list(query), "beetle end");
}

TEST_F(RepoTest, MetadataIsMergedKeyByKey) {
  const auto lake = create("lake", "mem://lake");
  auto set = [&](model::Metadata values) {
    return text_of(base::run(repos().set_metadata(as("a"), *lake, std::move(values))));
  };
  auto all = [&] { return *base::run(repos().metadata(as("a"), *lake)); };
  EXPECT_TRUE(all().empty());
  EXPECT_EQ(set({{"a", "1"}, {"b", "1"}}), "ok");
  EXPECT_EQ(set({{"b", "2"}}), "ok");
  EXPECT_EQ(all(), (model::Metadata{{"a", "1"}, {"b", "2"}}));
  EXPECT_TRUE(base::run(repos().erase_metadata(as("a"), *lake, {"a", "nosuch"})).has_value());
  EXPECT_EQ(all(), (model::Metadata{{"b", "2"}}));
}

}  // namespace
}  // namespace varve::engine
