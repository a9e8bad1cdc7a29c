#include "engine/refs/refs.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "base/task_group.h"
#include "engine/core/core.h"
#include "engine/harness_test.h"
#include "engine/repo/repo.h"
#include "engine/stores_test.h"
#include "model/ids.h"
#include "model/records.h"
#include "ports/kv_store.h"

namespace varve::engine {
namespace {

class RefsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.create().has_value()); }
  Refs& refs() { return server_.engine().refs(); }
  std::string commit_of(const std::string& path) {
    EXPECT_TRUE(server_.put("main", path, "1").has_value());
    return (*server_.commit("main", path))->id.str();
  }

  Stores stores_;
  Server server_{stores_};
};

TEST_F(RefsTest, AFullIdBeatsABranchAndABranchBeatsAPrefix) {
  const std::string one = commit_of("a");
  const std::string two = commit_of("b");
  ASSERT_TRUE(server_.branch("x" + one.substr(1), "main").has_value());
  EXPECT_EQ(server_.resolve(one), one);
  EXPECT_EQ(server_.resolve(one.substr(0, 20)), one);
  ASSERT_TRUE(server_.branch(one.substr(0, 20), "main").has_value());
  EXPECT_EQ(server_.resolve(one.substr(0, 20)), two);
  EXPECT_EQ(server_.resolve(one), one);
}

TEST_F(RefsTest, APrefixOfSeveralCommitsNamesNone) {
  // Sixteen digits, more commits: two of them share a first digit.
  std::set<char> firsts;
  std::string shared;
  for (int i = 0; i < 17; ++i) {
    const std::string id = commit_of("p" + std::to_string(i));
    if (!firsts.insert(id[0]).second) shared = id.substr(0, 1);
  }
  ASSERT_FALSE(shared.empty());
  EXPECT_EQ(server_.resolve(shared), "not found");
}

TEST_F(RefsTest, NamesClashAcrossKinds) {
  const std::string id = commit_of("a");
  EXPECT_EQ(text_of(server_.branch(id, "main")), "commit ID " + id + ": conflict found");
  auto tag = [this](const std::string& name) {
    return text_of(base::run(
        refs().create_tag(as("a"), server_.lake(), model::TagId(name), ref("main"), false)));
  };
  EXPECT_EQ(tag(id), "commit ID " + id + ": conflict found");
  EXPECT_EQ(tag("main"), "branch name main: conflict found");
  EXPECT_EQ(tag("v1"), "ok");
  EXPECT_EQ(tag("v1"), "tag already exists: not unique");
  EXPECT_EQ(text_of(server_.branch("v1", "main")), "tag ID v1: conflict found");
}

// A branch and a tag of one name, asked for at the same moment: exactly one is made.
TEST_F(RefsTest, RacingNamesakesHaveOneWinner) {
  for (int round = 0; round < 20; ++round) {
    const std::string name = "n" + std::to_string(round);
    const RepositoryRef lake = server_.lake();
    int made = 0;
    auto branch = [](Refs* all, RepositoryRef where, std::string id,
                     int* count) -> base::Task<int> {
      auto result = co_await all->create_branch(as("a"), where, model::BranchId(id), ref("main"),
                                                false, false);
      *count += result.has_value() ? 1 : 0;
      co_return 0;
    };
    auto tag = [](Refs* all, RepositoryRef where, std::string id, int* count) -> base::Task<int> {
      auto result = co_await all->create_tag(as("a"), where, model::TagId(id), ref("main"), false);
      *count += result.has_value() ? 1 : 0;
      co_return 0;
    };
    std::vector<base::Task<int>> racers;
    racers.push_back(branch(&refs(), lake, name, &made));
    racers.push_back(tag(&refs(), lake, name, &made));
    racers.push_back(branch(&refs(), lake, name, &made));
    base::run(base::join_all(std::move(racers), 3));
    EXPECT_EQ(made, 1);
  }
}

TEST_F(RefsTest, HiddenBranchesAreListedOnRequest) {
  ASSERT_TRUE(base::run(refs().create_branch(as("a"), server_.lake(), model::BranchId("hid"),
                                             ref("main"), true, false))
                  .has_value());
  ASSERT_TRUE(server_.branch("vis", "main").has_value());
  auto list = [this](bool hidden, const std::string& after, int amount) {
    RefQuery query;
    query.show_hidden = hidden;
    query.after = after;
    query.amount = amount;
    const auto page = base::run(refs().list_branches(as("a"), server_.lake(), query));
    std::string text;
    for (const model::Branch& row : page->rows) text += row.id.str() + " ";
    return text + (page->has_more ? "more" : "end");
  };
  EXPECT_EQ(list(false, "", 100), "main vis end");
  EXPECT_EQ(list(true, "", 100), "hid main vis end");
  EXPECT_EQ(list(true, "", 1), "hid more");
  EXPECT_EQ(list(false, "", 1), "main more");
  EXPECT_EQ(list(false, "main", 1), "vis end");
  EXPECT_EQ(list(false, "zz", 1), "end");
}

TEST_F(RefsTest, ADeletedBranchTakesItsDataWithIt) {
  ASSERT_TRUE(server_.branch("dev", "main").has_value());
  ASSERT_TRUE(server_.put("dev", "a", "1").has_value());
  ASSERT_TRUE(base::run(refs().erase_branch(as("a"), server_.lake(), model::BranchId("dev"), false))
                  .has_value());
  EXPECT_EQ(server_.get("dev", "a"), "not found");
  EXPECT_EQ(text_of(server_.put("dev", "a", "1")), "branch not found");
  ASSERT_TRUE(server_.branch("dev", "main").has_value());
  EXPECT_EQ(server_.list("dev"), "");
}

TEST_F(RefsTest, ReadOnlyRepositoriesRefuseUnlessForced) {
  NewRepository wanted;
  wanted.id = model::RepositoryId("frozen");
  wanted.storage_namespace = model::StorageNamespace("mem://frozen");
  wanted.is_read_only = true;
  const auto frozen = base::run(server_.engine().repositories().create(as("a"), wanted));
  auto branch = [&](const char* source, bool force) {
    return text_of(base::run(
        refs().create_branch(as("a"), *frozen, model::BranchId("b"), ref(source), false, force)));
  };
  EXPECT_EQ(branch("nosuch", false), "read-only repository");
  EXPECT_EQ(branch("main", true), "ok");
  auto erase = [&](const char* name, bool force) {
    return text_of(base::run(refs().erase_branch(as("a"), *frozen, model::BranchId(name), force)));
  };
  EXPECT_EQ(erase("nosuch", false), "read-only repository");
  EXPECT_EQ(erase("main", true), "cannot delete repository default branch");
  EXPECT_EQ(erase("b", true), "ok");
  auto tag = [&](const char* source, bool force) {
    return text_of(
        base::run(refs().create_tag(as("a"), *frozen, model::TagId("t"), ref(source), force)));
  };
  EXPECT_EQ(tag("nosuch", false), "not found");
  EXPECT_EQ(tag("main", false), "read-only repository");
  EXPECT_EQ(tag("main", true), "ok");
}

TEST_F(RefsTest, ADamagedCommitIsCorruptionAndSaysWhich) {
  const std::string id = commit_of("a");
  const RepositoryRef lake = server_.lake();
  const ports::KvKey key(lake->partition(), "commits/" + id);
  auto bytes = base::run(stores_.kv.get(as("a"), key));
  base::Bytes forged = **bytes;
  forged[forged.find("admin")] = 'A';
  ports::KvWrite write;
  write.updates.push_back(ports::KvUpdate::set(key, forged));
  ASSERT_TRUE(base::run(stores_.kv.write(as("a"), write)).has_value());
  Server fresh(stores_);
  const auto read = base::run(fresh.engine().refs().get_commit(as("a"), lake, model::CommitId(id)));
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code(), base::Code::Corruption);
  EXPECT_NE(read.error().message().find(id), std::string::npos);
}

TEST_F(RefsTest, NamesTooLongForAnyKeyNameNothing) {
  EXPECT_EQ(server_.resolve(std::string(5000, 'a')), "not found");
}

}  // namespace
}  // namespace varve::engine
