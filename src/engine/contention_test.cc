// A branch whose record another server changes between every read and every write of this one: each
// verb gives up after a bounded number of tries, says so (429), and has changed nothing; when the
// other one rests, it works.  [I-3] [I-13]
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/forwarding_kv_test.h"
#include "engine/harness_test.h"
#include "engine/imports/imports.h"
#include "engine/merge/merge.h"
#include "engine/objects/objects.h"
#include "engine/stores_test.h"
#include "format/kv_keys.h"
#include "model/errors.h"
#include "model/ids.h"
#include "ports/kv_store.h"
#include "ports/object_types.h"

namespace varve::engine {
namespace {

// Loses every compare-and-set of a branch record while it is restless.
class RestlessKv final : public ForwardingKv {
 public:
  using ForwardingKv::ForwardingKv;

  void rest() { is_restless_ = false; }
  int lost() const { return lost_; }

  base::Task<base::Result<void>> write(base::Context context, ports::KvWrite write) override {
    const bool needs_branch = std::any_of(
        write.requirements.begin(), write.requirements.end(), [](const auto& requirement) {
          return requirement.key.key.starts_with(format::keys::BranchPrefix);
        });
    if (is_restless_ && needs_branch) {
      ++lost_;
      co_return base::Error(base::Code::Conflict, "another server was first");
    }
    co_return co_await store_.write(std::move(context), std::move(write));
  }

 private:
  bool is_restless_ = true;
  int lost_ = 0;
};

template <class T>
base::Result<void> only_whether(base::Result<T> result) {
  if (!result.has_value()) return std::move(result).error();
  return {};
}

struct Verb {
  std::string name;
  std::function<base::Result<void>(Server&)> act;
};

base::Result<void> merge(Server& s) {
  return only_whether(base::run(
      s.engine().merges().merge(as("a"), s.lake(), model::BranchId("main"), ref("dev"), {})));
}

base::Result<void> revert(Server& s) {
  RevertRequest request;
  request.ref = ref("main");
  return only_whether(base::run(
      s.engine().merges().revert(as("a"), s.lake(), model::BranchId("main"), std::move(request))));
}

base::Result<void> cherry_pick(Server& s) {
  CherryPickRequest request;
  request.ref = ref("dev");
  return only_whether(base::run(s.engine().merges().cherry_pick(
      as("a"), s.lake(), model::BranchId("main"), std::move(request))));
}

base::Result<void> hard_reset(Server& s) {
  return base::run(s.engine().commits().hard_reset(as("a"), s.lake(), model::BranchId("main"),
                                                   ref("dev"), false));
}

base::Result<void> import(Server& s) {
  ImportSource source;
  source.path = "mem://outside/in/";
  source.destination = "in/";
  ImportRequest request;
  request.sources = {source};
  return only_whether(
      base::run(s.engine().imports().run(as("a"), s.lake(), model::BranchId("main"),
                                         std::move(request), std::make_shared<ImportProgress>())));
}

base::Result<void> stage_if_absent(Server& s) {
  StageOptions options;
  options.condition = WriteCondition(WriteCondition::Kind::IfAbsent);
  return s.put("main", "new", "1", options);
}

base::Result<void> update_metadata(Server& s) {
  return base::run(s.engine().objects().update_metadata(as("a"), s.lake(), model::BranchId("main"),
                                                        model::ObjectPath("a"), {{"k", "v"}}));
}

base::Result<void> erase_many(Server& s) {
  return only_whether(base::run(s.engine().objects().erase_many(
      as("a"), s.lake(), model::BranchId("main"), {model::ObjectPath("a")}, false)));
}

std::vector<Verb> verbs() {
  return {{"stage", [](Server& s) { return s.put("main", "new", "1"); }},
          {"stage_if_absent", stage_if_absent},
          {"erase", [](Server& s) { return s.erase("main", "a"); }},
          {"erase_many", erase_many},
          {"update_metadata", update_metadata},
          {"merge", merge},
          {"revert", revert},
          {"cherry_pick", cherry_pick},
          {"hard_reset", hard_reset},
          {"import", import}};
}

std::vector<Verb> verbs_of_staged() {
  return {{"commit", [](Server& s) { return only_whether(s.commit("main", "it")); }},
          {"reset_branch",
           [](Server& s) {
             return base::run(s.engine().objects().reset_branch(as("a"), s.lake(),
                                                                model::BranchId("main"), false));
           }},
          {"reset_prefix", [](Server& s) {
             return base::run(s.engine().objects().reset_prefix(
                 as("a"), s.lake(), model::BranchId("main"), "a", false));
           }}};
}

class ContentionTest : public ::testing::TestWithParam<Verb> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(healthy_.create().has_value());
    ASSERT_TRUE(healthy_.put("main", "a", "1").has_value());
    ASSERT_TRUE(healthy_.commit("main", "first").has_value());
    ASSERT_TRUE(healthy_.branch("dev", "main").has_value());
    ASSERT_TRUE(healthy_.put("dev", "b", "1").has_value());
    ASSERT_TRUE(healthy_.commit("dev", "second").has_value());
    ASSERT_TRUE(
        base::run(stores_.objects.put_bytes(as("a"), ports::ObjectAddress("mem://outside/in/1"),
                                            base::Bytes("1"), ports::PutMode::Overwrite))
            .has_value());
  }

  std::size_t commit_rows() {
    ports::KvScan scan;
    scan.partition = healthy_.lake()->partition();
    scan.from = format::keys::CommitPrefix;
    scan.until = prefix_end(format::keys::CommitPrefix);
    return base::run(stores_.kv.scan(as("a"), scan))->rows.size();
  }

  void play() {
    const std::string head = healthy_.resolve("main");
    const std::string before = healthy_.list("main");
    const std::size_t commits = commit_rows();
    RestlessKv kv(stores_.kv);
    Server server(kv, stores_.objects, stores_.clock, stores_.rng);
    const base::Result<void> result = GetParam().act(server);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().message(), "Too many attempts, try again later");
    EXPECT_TRUE(model::is(result.error(), model::Detail::TooManyTries));
    EXPECT_GT(kv.lost(), 1) << "it has tried again";
    EXPECT_EQ(healthy_.resolve("main"), head);
    EXPECT_EQ(healthy_.list("main"), before);
    EXPECT_EQ(commit_rows(), commits) << "a commit that no head leads to";  // Q16
    kv.rest();
    EXPECT_EQ(text_of(GetParam().act(server)), "ok");
  }

  Stores stores_;
  Server healthy_{stores_};
};

TEST_P(ContentionTest, GivesUpSaysSoAndHasChangedNothing) { play(); }

class ContentionOfStagedTest : public ContentionTest {};

TEST_P(ContentionOfStagedTest, GivesUpSaysSoAndHasChangedNothing) {
  ASSERT_TRUE(healthy_.put("main", "a", "2").has_value());
  ASSERT_TRUE(healthy_.put("main", "ab", "2").has_value());  // not committed: Q8
  play();
}

INSTANTIATE_TEST_SUITE_P(Verbs, ContentionTest, ::testing::ValuesIn(verbs()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Verbs, ContentionOfStagedTest, ::testing::ValuesIn(verbs_of_staged()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace varve::engine
