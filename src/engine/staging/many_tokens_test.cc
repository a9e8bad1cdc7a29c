// A branch with more tokens than one step of the key-value store may update is as good as any: it
// can be committed, reset and deleted, and leaves nothing behind.
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>

#include "base/run.h"
#include "engine/core/core.h"
#include "engine/harness_test.h"
#include "engine/staging/staging.h"
#include "engine/stores_test.h"
#include "model/ids.h"
#include "model/records.h"
#include "ports/kv_store.h"

namespace varve::engine {
namespace {

constexpr std::size_t TokenCount = ports::KvUpdatesMax + 100;

class ManyTokensTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.create().has_value());
    ASSERT_TRUE(server_.branch("dev", "main").has_value());
    ASSERT_TRUE(server_.put("dev", "a", "1").has_value());
    Staging& staging = server_.engine().staging();
    const RepositoryRef lake = server_.lake();
    auto version = base::run(staging.read_branch(as("a"), lake, model::BranchId("dev")));
    model::Branch after = version->branch;
    for (std::size_t i = 0; i < TokenCount; ++i) after = staging.sealed(*lake, std::move(after));
    ASSERT_TRUE(
        base::run(staging.replace_branch(as("a"), lake, *version, std::move(after))).has_value());
  }

  std::size_t queued() {
    ports::KvScan scan;
    scan.partition = "cleanup-tokens";
    scan.limit = ports::KvScanRowsMax;
    return base::run(stores_.kv.scan(as("a"), scan))->rows.size();
  }

  Stores stores_;
  Server server_{stores_};
};

TEST_F(ManyTokensTest, CanBeCommitted) {
  EXPECT_EQ(server_.list("dev"), "a=1");
  EXPECT_EQ(text_of(server_.commit("dev", "x")), "ok");
  EXPECT_EQ(server_.list("dev@"), "a=1");
  EXPECT_EQ(queued(), TokenCount);  // the newest was empty and stays
}

TEST_F(ManyTokensTest, CanBeReset) {
  EXPECT_EQ(text_of(base::run(server_.engine().objects().reset_branch(
                as("a"), server_.lake(), model::BranchId("dev"), false))),
            "ok");
  EXPECT_EQ(server_.list("dev"), "");
  EXPECT_EQ(queued(), TokenCount + 1);
}

TEST_F(ManyTokensTest, CanBeDeleted) {
  EXPECT_EQ(text_of(base::run(server_.engine().refs().erase_branch(as("a"), server_.lake(),
                                                                   model::BranchId("dev"), false))),
            "ok");
  EXPECT_EQ(queued(), TokenCount + 1);
}

TEST_F(ManyTokensTest, GoesWithItsRepository) {
  EXPECT_EQ(text_of(base::run(server_.engine().repositories().erase(
                as("a"), model::RepositoryId("lake"), false))),
            "ok");
  EXPECT_EQ(queued(), TokenCount + 2);  // main's too
}

}  // namespace
}  // namespace varve::engine
