#include "engine/refs/protection.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/run.h"
#include "engine/harness_test.h"
#include "engine/stores_test.h"
#include "model/ids.h"

namespace varve::engine {
namespace {

class ProtectionTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.create().has_value()); }
  Protection& protection() { return server_.engine().protection(); }
  std::string set(const std::vector<std::string>& patterns,
                  std::optional<std::string> if_match = std::nullopt) {
    std::vector<ProtectionRule> rules;
    for (const std::string& pattern : patterns) rules.push_back(ProtectionRule{pattern});
    return text_of(base::run(
        protection().set(as("a"), server_.lake(), std::move(rules), std::move(if_match))));
  }
  ProtectionRules get() { return *base::run(protection().get(as("a"), server_.lake())); }
  std::string write(Server& server, const std::string& branch) {
    return text_of(base::run(server.engine().protection().check_write(as("a"), server_.lake(),
                                                                      model::BranchId(branch))));
  }

  Stores stores_;
  Server server_{stores_};
};

TEST_F(ProtectionTest, RulesBlockByPattern) {
  EXPECT_EQ(write(server_, "main"), "ok");
  EXPECT_EQ(set({"main", "rel-*", "["}), "ok");
  EXPECT_EQ(write(server_, "main"), "cannot write to protected branch");
  EXPECT_EQ(write(server_, "rel-7"), "cannot write to protected branch");
  EXPECT_EQ(write(server_, "dev"), "ok");
  EXPECT_EQ(text_of(base::run(
                protection().check_commit(as("a"), server_.lake(), model::BranchId("main")))),
            "cannot commit to protected branch");
}

TEST_F(ProtectionTest, TheEtagChangesWithTheRules) {
  EXPECT_EQ(get().etag, "");
  ASSERT_EQ(set({"b", "a", "a"}), "ok");
  const ProtectionRules rules = get();
  EXPECT_EQ(rules.etag.size(), 64U);
  ASSERT_EQ(rules.rules.size(), 2U);
  EXPECT_EQ(rules.rules[0].pattern, "a");
  EXPECT_EQ(set({"x"}, "nonsense"), "Precondition failed");
  EXPECT_EQ(set({"x"}, ""), "Precondition failed");
  EXPECT_EQ(set({"x"}, rules.etag), "ok");
  EXPECT_NE(get().etag, rules.etag);
  EXPECT_EQ(set({}), "ok");
  EXPECT_EQ(get().etag, "");
  EXPECT_EQ(set({"y"}, ""), "ok");  // only if nothing is stored
}

TEST_F(ProtectionTest, AnotherServersRulesAreSeenWithinSeconds) {
  Server other(stores_);
  EXPECT_EQ(write(other, "main"), "ok");
  ASSERT_EQ(set({"main"}), "ok");
  EXPECT_EQ(write(other, "main"), "ok");  // not yet
  stores_.clock.advance(std::chrono::seconds(3));
  EXPECT_EQ(write(other, "main"), "cannot write to protected branch");
}

}  // namespace
}  // namespace varve::engine
