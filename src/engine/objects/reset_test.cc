#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

#include "base/context.h"
#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "engine/engine.h"
#include "engine/forwarding_kv_test.h"
#include "engine/harness_test.h"
#include "engine/stores_test.h"
#include "model/ids.h"
#include "model/limits.h"
#include "ports/kv_store.h"

namespace varve::engine {
namespace {

// A store whose client goes away when write n comes.
class DesertedKv final : public ForwardingKv {
 public:
  using ForwardingKv::ForwardingKv;

  void desert_at(int write) { writes_left_ = write; }
  bool was_deserted() const { return writes_left_ < 0; }

  base::Task<base::Result<void>> write(base::Context context, ports::KvWrite write) override {
    if (writes_left_-- == 0) context.cancel();
    return store_.write(std::move(context), std::move(write));
  }

 private:
  int writes_left_ = 1 << 30;  // until then
};

class ResetTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.create().has_value()); }

  // How many rows are left when everything uncommitted is discarded and swept.
  std::size_t rows_without_uncommitted() {
    Server healthy(stores_);
    Engine& engine = healthy.engine();
    EXPECT_TRUE(base::run(
        engine.objects().reset_branch(as("a"), healthy.lake(), model::BranchId("main"), false)));
    for (int i = 0; i < 2; ++i) {
      EXPECT_TRUE(base::run(engine.staging().sweep_dropped(as("a"))));
      stores_.clock.advance(std::chrono::seconds(model::DroppedTokenGraceSeconds));
    }
    return stores_.kv.row_count();
  }

  Stores stores_;
  DesertedKv kv_{stores_.kv};
  Server server_{kv_, stores_.objects, stores_.clock, stores_.rng};
};

// What it had written belongs to no branch: unless it is queued for the sweep, it stays for ever.
TEST_F(ResetTest, OneThatIsCutOffLeavesNoRows) {
  const std::size_t rows = rows_without_uncommitted();
  for (int n = 0;; ++n) {
    ASSERT_LT(n, 10);
    for (const char* path : {"p/1", "p/2", "q"}) {
      ASSERT_TRUE(server_.put("main", path, std::to_string(n)).has_value());
    }
    kv_.desert_at(n);
    const auto reset = base::run(server_.engine().objects().reset_prefix(
        as("a"), server_.lake(), model::BranchId("main"), "p/", false));
    const bool was_deserted = kv_.was_deserted();
    kv_.desert_at(1 << 30);
    EXPECT_EQ(server_.list("main"), reset.has_value()
                                        ? "q=" + std::to_string(n)
                                        : "p/1=" + std::to_string(n) + " p/2=" + std::to_string(n) +
                                              " q=" + std::to_string(n));
    EXPECT_EQ(rows_without_uncommitted(), rows) << "write " << n;
    if (!was_deserted) break;
  }
}

}  // namespace
}  // namespace varve::engine
