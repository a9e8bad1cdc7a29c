// Requests that race with the deletion of their repository: whatever they have read before, nothing
// they write stays behind it.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "engine/commits/commits.h"
#include "engine/forwarding_kv_test.h"
#include "engine/harness_test.h"
#include "engine/refs/protection.h"
#include "engine/refs/refs.h"
#include "engine/repo/repo.h"
#include "engine/staging/staging.h"
#include "engine/stores_test.h"
#include "engine/uploads/uploads.h"
#include "format/graveler.h"
#include "format/identity.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/kv_store.h"

namespace varve::engine {
namespace {

// Lets something happen before write number `ordinal`, counted from 0.
class InterruptedKv final : public ForwardingKv {
 public:
  InterruptedKv(ports::KvStore& store, int ordinal, std::function<void()> happening)
      : ForwardingKv(store), left_(ordinal), happening_(std::move(happening)) {}

  base::Task<base::Result<void>> write(base::Context context, ports::KvWrite write) override {
    if (left_-- == 0) happening_();
    co_return co_await store_.write(std::move(context), std::move(write));
  }

 private:
  int left_;
  std::function<void()> happening_;
};

class EraseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.create().has_value());
    ASSERT_TRUE(server_.put("main", "a", "1").has_value());
    server_.use(server_.lake());  // as a request does that has come far
  }

  static base::Result<void> erase(Server& server) {
    return base::run(
        server.engine().repositories().erase(as("a"), model::RepositoryId("lake"), false));
  }

  // The record as a deletion marks it at its beginning.
  void mark() {
    model::Repository record = *server_.lake();
    record.state = model::RepositoryState::InDeletion;
    ports::KvWrite write;
    write.updates.push_back(
        ports::KvUpdate::set({"graveler", "repos/lake"}, *format::encode_repository(record)));
    ASSERT_TRUE(base::run(stores_.kv.write(as("a"), write)).has_value());
  }

  // Once the tokens that were queued are swept.
  std::size_t rows_left() {
    Staging& staging = server_.engine().staging();
    EXPECT_TRUE(base::run(staging.sweep_dropped(as("a"))).has_value());
    stores_.clock.advance(std::chrono::seconds(model::DroppedTokenGraceSeconds));
    EXPECT_TRUE(base::run(staging.sweep_dropped(as("a"))).has_value());
    return stores_.kv.row_count();
  }

  Stores stores_;
  Server server_{stores_};
};

struct Verb {
  std::string name;
  std::function<std::string(Server&)> act;  // gives what was answered
  int write = 0;                            // which of its writes comes too late
};

std::string create_record(Server& s) {
  model::Commit commit;
  commit.message = "by hand";
  commit.id = format::commit_id(commit);
  return text_of(
      base::run(s.engine().commits().create_record(as("a"), s.lake(), std::move(commit), false)));
}

std::string create_tag(Server& s) {
  return text_of(base::run(
      s.engine().refs().create_tag(as("a"), s.lake(), model::TagId("v1"), ref("main"), false)));
}

std::string set_rules(Server& s) {
  std::vector<ProtectionRule> rules = {ProtectionRule{"x"}};
  return text_of(
      base::run(s.engine().protection().set(as("a"), s.lake(), std::move(rules), std::nullopt)));
}

std::string set_metadata(Server& s) {
  return text_of(
      base::run(s.engine().repositories().set_metadata(as("a"), s.lake(), {{"k", "v"}})));
}

std::string create_multipart(Server& s) {
  return text_of(base::run(
      s.engine().uploads().create_multipart(as("a"), s.lake(), model::ObjectPath("m"), {}, "")));
}

// What makes a row of its own.
std::vector<Verb> creators() {
  return {{"branch", [](Server& s) { return text_of(s.branch("dev", "main")); }},
          {"tag", create_tag},
          {"record", create_record},
          {"rules", set_rules},
          {"metadata", set_metadata},
          {"multipart", create_multipart}};
}

// What needs a branch. A commit writes twice: it seals, then it moves the head.
std::vector<Verb> writers() {
  const auto commit = [](Server& s) { return text_of(s.commit("main", "it")); };
  return {{"put", [](Server& s) { return text_of(s.put("main", "b", "1")); }},
          {"erase", [](Server& s) { return text_of(s.erase("main", "a")); }},
          {"commit_that_seals", commit},
          {"commit_that_has_sealed", commit, 1}};
}

class CreatorsTest : public EraseTest, public ::testing::WithParamInterface<Verb> {};

TEST_P(CreatorsTest, FindTheRepositoryGone) {
  InterruptedKv kv(stores_.kv, 0, [&] { ASSERT_EQ(text_of(erase(server_)), "ok"); });
  Server late(kv, stores_.objects, stores_.clock, stores_.rng);
  late.use(server_.lake());
  EXPECT_EQ(GetParam().act(late), "repository not found");
  EXPECT_EQ(rows_left(), 0U);
}

TEST_P(CreatorsTest, FindTheRepositoryTakenAgainByAnother) {
  InterruptedKv kv(stores_.kv, 0, [&] {
    ASSERT_EQ(text_of(erase(server_)), "ok");
    NewRepository again;
    again.id = model::RepositoryId("lake");
    again.storage_namespace = model::StorageNamespace("mem://again");
    again.is_bare = true;
    ASSERT_TRUE(base::run(server_.engine().repositories().create(as("a"), again)).has_value());
  });
  Server late(kv, stores_.objects, stores_.clock, stores_.rng);
  late.use(server_.lake());
  EXPECT_EQ(GetParam().act(late), "repository not found");
  EXPECT_EQ(rows_left(), 1U);  // the new record
}

TEST_P(CreatorsTest, FindTheRepositoryInDeletion) {
  InterruptedKv kv(stores_.kv, 0, [&] { mark(); });
  Server late(kv, stores_.objects, stores_.clock, stores_.rng);
  late.use(server_.lake());
  EXPECT_EQ(GetParam().act(late), "repository in deletion");
  ASSERT_EQ(text_of(erase(server_)), "ok");
  EXPECT_EQ(rows_left(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Verbs, CreatorsTest, ::testing::ValuesIn(creators()),
                         [](const auto& info) { return info.param.name; });

class WritersTest : public EraseTest, public ::testing::WithParamInterface<Verb> {};

TEST_P(WritersTest, FindTheBranchGone) {
  InterruptedKv kv(stores_.kv, GetParam().write, [&] { ASSERT_EQ(text_of(erase(server_)), "ok"); });
  Server late(kv, stores_.objects, stores_.clock, stores_.rng);
  late.use(server_.lake());
  EXPECT_EQ(GetParam().act(late), "branch not found");
  EXPECT_EQ(rows_left(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Verbs, WritersTest, ::testing::ValuesIn(writers()),
                         [](const auto& info) { return info.param.name; });

// The first write of a deletion marks the record, the second one takes branches away.
TEST_F(EraseTest, ABranchThatMovesMeanwhileLeavesNoStagedRow) {
  Server busy(stores_);
  busy.use(server_.lake());
  InterruptedKv kv(stores_.kv, 1, [&] {
    ASSERT_EQ(text_of(busy.commit("main", "it")), "ok");
    ASSERT_EQ(text_of(busy.put("main", "b", "1")), "ok");
  });
  Server eraser(kv, stores_.objects, stores_.clock, stores_.rng);
  EXPECT_EQ(text_of(erase(eraser)), "ok");
  EXPECT_EQ(rows_left(), 0U);
}

TEST_F(EraseTest, ManyBranchesAndTokensGoInManySteps) {
  for (int i = 0; i < model::RefsPageKv + 50; ++i) {
    const std::string name = "b" + std::to_string(i);
    ASSERT_TRUE(server_.branch(name, "main").has_value());
  }
  ASSERT_TRUE(server_.put("b7", "x", "1").has_value());
  ASSERT_EQ(text_of(erase(server_)), "ok");
  EXPECT_EQ(rows_left(), 0U);
}

}  // namespace
}  // namespace varve::engine
