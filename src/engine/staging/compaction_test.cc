// Compaction changes what a branch's reads cost, and nothing that they answer; whatever happens on
// the branch meanwhile wins.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "base/context.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/run.h"
#include "base/task.h"
#include "base/time.h"
#include "engine/core/core.h"
#include "engine/forwarding_kv_test.h"
#include "engine/harness_test.h"
#include "engine/staging/staging.h"
#include "engine/stores_test.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/kv_store.h"

namespace varve::engine {
namespace {

// Calls back once, before a row is copied.
class InterruptedKv final : public ForwardingKv {
 public:
  using ForwardingKv::ForwardingKv;

  void interrupt(std::function<void()> work) { work_ = std::move(work); }

  base::Task<base::Result<void>> write(base::Context context, ports::KvWrite write) override {
    const bool is_copy = !write.requirements.empty() && !write.updates.empty() &&
                         write.requirements.front().key.partition == "cleanup-tokens" &&
                         write.updates.front().value.has_value();
    if (is_copy && work_) std::exchange(work_, nullptr)();
    co_return co_await store_.write(std::move(context), std::move(write));
  }

 private:
  std::function<void()> work_;
};

EngineOptions eager(std::size_t tokens_max = 2) {
  EngineOptions options;
  options.sealed_tokens_max = tokens_max;
  options.large_token_rows = 20;
  return options;
}

class CompactionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.create().has_value());
    for (const char* path : {"a", "b", "c"}) ASSERT_TRUE(server_.put("main", path, "1"));
    ASSERT_TRUE(server_.commit("main", "base").has_value());
  }

  Staging& staging() { return server_.engine().staging(); }

  // What a commit does first, and all that is left of one that fails.
  void seal(const std::string& branch = "main") {
    const auto before =
        base::run(staging().read_branch(as("a"), server_.lake(), model::BranchId(branch)));
    model::Branch after = staging().sealed(*server_.lake(), before->branch);
    ASSERT_TRUE(
        base::run(staging().replace_branch(as("a"), server_.lake(), *before, std::move(after)))
            .has_value());
  }

  void put_and_seal(const std::string& path, const std::string& content) {
    ASSERT_TRUE(server_.put("main", path, content).has_value());
    seal();
  }
  void erase_and_seal(const std::string& path) {
    ASSERT_TRUE(server_.erase("main", path).has_value());
    seal();
  }

  std::size_t sealed(const std::string& branch = "main") {
    return server_.get_branch(branch)->sealed_tokens.size();
  }
  base::Result<bool> compact(base::Context context = as("a")) {
    return base::run(
        staging().compact(std::move(context), server_.lake(), model::BranchId("main")));
  }

  // Sweeps until what nobody names is gone.
  void sweep() {
    ASSERT_TRUE(base::run(staging().sweep_dropped(as("a"))).has_value());
    stores_.clock.advance(base::milliseconds(2'000LL * model::FilledTokenGraceSeconds));
    ASSERT_TRUE(base::run(staging().sweep_dropped(as("a"))).has_value());
  }
  // Rows of the store once nothing is left to sweep.
  std::size_t swept_rows() {
    sweep();
    return stores_.kv.row_count();
  }

  Stores stores_;
  InterruptedKv kv_{stores_.kv};
  Server server_{kv_, stores_.objects, stores_.clock, stores_.rng, eager()};
};

TEST_F(CompactionTest, TheBranchReadsAsBefore) {
  put_and_seal("a", "2");
  put_and_seal("d", "2");
  erase_and_seal("b");
  put_and_seal("a", "3");
  erase_and_seal("d");
  put_and_seal("b", "4");
  erase_and_seal("c");
  ASSERT_TRUE(server_.put("main", "e", "5").has_value());
  const std::string before = server_.list("main");
  EXPECT_EQ(before, "a=3 b=4 e=5");
  EXPECT_EQ(sealed(), 7U);
  EXPECT_EQ(*compact(), true);
  EXPECT_EQ(sealed(), 1U);
  EXPECT_EQ(server_.list("main"), before);
  EXPECT_EQ(server_.get("main", "a"), "3");
  EXPECT_EQ(server_.get("main", "c"), server_.get("main", "d"));
  EXPECT_EQ(server_.list("main@"), "a=1 b=1 c=1");
  ASSERT_TRUE(server_.commit("main", "all").has_value());
  EXPECT_EQ(server_.list("main@"), before);
  const CompactionCounters counters = staging().compaction();
  EXPECT_EQ(counters.runs, 1U);
  EXPECT_EQ(counters.tokens, 7U);
  EXPECT_EQ(counters.rows, 4U);
  EXPECT_EQ(counters.failures, 0U);
  EXPECT_EQ(counters.running, 0U);
}

TEST_F(CompactionTest, AFewTokensAreLeftAlone) {
  put_and_seal("a", "2");
  EXPECT_EQ(*compact(), false);
  EXPECT_EQ(sealed(), 1U);
}

TEST_F(CompactionTest, LeavesNothingBehind) {
  put_and_seal("a", "2");
  const std::size_t rows = swept_rows();
  put_and_seal("a", "3");
  put_and_seal("a", "4");
  ASSERT_EQ(*compact(), true);
  EXPECT_EQ(swept_rows(), rows) << "three tokens of one row have become one";
  EXPECT_EQ(server_.list("main"), "a=4 b=1 c=1");
}

TEST_F(CompactionTest, ALargeTokenIsNotCopiedForSmallOnes) {
  Server patient(kv_, stores_.objects, stores_.clock, stores_.rng, eager(4));
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(server_.put("main", std::to_string(i), "x"));
  seal();
  put_and_seal("a", "2");
  put_and_seal("b", "2");
  put_and_seal("a", "3");
  const model::StagingToken large = server_.get_branch("main")->sealed_tokens.back();
  Staging& staging = patient.engine().staging();
  const auto compact = [&] {
    return *base::run(staging.compact(as("a"), patient.lake(), model::BranchId("main")));
  };
  EXPECT_TRUE(compact());
  EXPECT_EQ(sealed(), 2U);
  EXPECT_EQ(server_.get_branch("main")->sealed_tokens.back(), large);
  EXPECT_EQ(staging.compaction().rows, 2U);
  // Two large ones of four: together.
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(server_.put("main", std::to_string(i), "y"));
  seal();
  put_and_seal("c", "2");
  const std::string before = server_.list("main");
  EXPECT_TRUE(compact());
  EXPECT_EQ(sealed(), 1U);
  EXPECT_EQ(server_.list("main"), before);
}

TEST_F(CompactionTest, ACommitMeanwhileWins) {
  put_and_seal("a", "2");
  put_and_seal("b", "2");
  kv_.interrupt([&] { EXPECT_EQ(text_of(server_.commit("main", "meanwhile")), "ok"); });
  EXPECT_EQ(*compact(), false);
  EXPECT_EQ(sealed(), 0U);
  EXPECT_EQ(server_.list("main@"), "a=2 b=2 c=1");
  EXPECT_EQ(server_.list("main"), "a=2 b=2 c=1");
  const std::size_t rows = swept_rows();
  put_and_seal("x", "1");
  EXPECT_EQ(swept_rows(), rows + 1) << "and the copy is gone";
}

TEST_F(CompactionTest, AResetMeanwhileWins) {
  put_and_seal("a", "2");
  put_and_seal("b", "2");
  kv_.interrupt([&] {
    EXPECT_EQ(text_of(base::run(server_.engine().objects().reset_branch(
                  as("a"), server_.lake(), model::BranchId("main"), false))),
              "ok");
  });
  EXPECT_EQ(*compact(), false);
  EXPECT_EQ(server_.list("main"), "a=1 b=1 c=1");
}

TEST_F(CompactionTest, TheBranchMayGoMeanwhile) {
  ASSERT_TRUE(server_.branch("dev", "main").has_value());
  const std::size_t rows = swept_rows();
  for (const char* content : {"2", "3"}) {
    ASSERT_TRUE(server_.put("dev", "a", content).has_value());
    seal("dev");
  }
  kv_.interrupt([&] {
    EXPECT_EQ(text_of(base::run(server_.engine().refs().erase_branch(
                  as("a"), server_.lake(), model::BranchId("dev"), false))),
              "ok");
  });
  EXPECT_EQ(*base::run(staging().compact(as("a"), server_.lake(), model::BranchId("dev"))), false);
  EXPECT_EQ(swept_rows(), rows - 1) << "without the branch's own row";
}

TEST_F(CompactionTest, WhatIsWrittenAndSealedMeanwhileStays) {
  put_and_seal("a", "2");
  put_and_seal("b", "2");
  kv_.interrupt([&] {
    put_and_seal("a", "3");
    EXPECT_TRUE(server_.put("main", "b", "3").has_value());
  });
  EXPECT_EQ(*compact(), true);
  EXPECT_EQ(sealed(), 2U);
  EXPECT_EQ(server_.list("main"), "a=3 b=3 c=1");
}

// A server that is given up for dead may still be copying. Its rows are gone then, and it must not
// get to name them.
TEST_F(CompactionTest, TheSweepMeanwhileWins) {
  put_and_seal("a", "2");
  put_and_seal("b", "2");
  const std::size_t rows = swept_rows();
  kv_.interrupt([&] { sweep(); });
  EXPECT_EQ(*compact(), false);
  EXPECT_EQ(staging().compaction().failures, 1U);
  EXPECT_EQ(sealed(), 2U);
  EXPECT_EQ(server_.list("main"), "a=2 b=2 c=1");
  EXPECT_EQ(swept_rows(), rows);
}

TEST_F(CompactionTest, CanBeCancelled) {
  put_and_seal("a", "2");
  put_and_seal("b", "2");
  const std::size_t rows = swept_rows();
  base::Context context = as("a");
  context.cancel();
  const auto cancelled = compact(context);
  ASSERT_FALSE(cancelled.has_value());
  EXPECT_EQ(cancelled.error().code(), base::Code::Cancelled);
  EXPECT_EQ(sealed(), 2U);
  EXPECT_EQ(swept_rows(), rows);
}

TEST_F(CompactionTest, BranchesThatWereMetCrowdedAreCompacted) {
  for (int i = 0; i < 200; ++i) put_and_seal(std::to_string(i % 7), std::to_string(i));
  ASSERT_TRUE(server_.branch("dev", "main").has_value());
  const std::string before = server_.list("main");
  EXPECT_EQ(text_of(base::run(staging().compact_crowded(as("a")))), "ok");
  EXPECT_EQ(sealed(), 1U);
  EXPECT_EQ(server_.list("main"), before);
  // The branch was still crowded when it was written in between.
  EXPECT_EQ(text_of(base::run(staging().compact_crowded(as("a")))), "ok");
  const std::uint64_t runs = staging().compaction().runs;
  EXPECT_EQ(text_of(base::run(staging().compact_crowded(as("a")))), "ok");
  EXPECT_EQ(staging().compaction().runs, runs) << "nobody met a crowded branch since";
}

// Random work on one branch, with compaction in between, against a map.
TEST_F(CompactionTest, RandomHistoriesReadAsAMapDoes) {
  constexpr int Steps = 3000;
  base::SeededRng rng(11);
  std::map<std::string, std::string> want = {{"a", "1"}, {"b", "1"}, {"c", "1"}};
  std::uint64_t compacted = 0;
  for (int step = 0; step < Steps; ++step) {
    const std::string path(1, static_cast<char>('a' + rng.below(8)));
    const std::uint64_t what = rng.below(20);
    if (what < 8) {
      ASSERT_TRUE(server_.put("main", path, std::to_string(step)).has_value());
      want[path] = std::to_string(step);
    } else if (what < 12) {
      static_cast<void>(server_.erase("main", path));
      want.erase(path);
    } else if (what < 16) {
      seal();
    } else if (what < 19) {
      compacted += compact().value() ? 1U : 0U;
    } else {
      static_cast<void>(server_.commit("main", std::to_string(step)));
    }
    std::string listed;
    for (const auto& [key, value] : want) {
      listed += (listed.empty() ? "" : " ") + key + "=" + value;
    }
    ASSERT_EQ(server_.list("main"), listed) << "step " << step;
  }
  EXPECT_GT(compacted, 50U);
}

}  // namespace
}  // namespace varve::engine
