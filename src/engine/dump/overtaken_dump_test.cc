// A dump while others go on committing: whatever they do, and whenever, it can be restored, because
// refs are read before the commits that they name (engine.md 17, Q9).
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

#include "base/context.h"
#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/dump/dump.h"
#include "engine/forwarding_kv_test.h"
#include "engine/harness_test.h"
#include "engine/repo/repo.h"
#include "engine/stores_test.h"
#include "model/ids.h"
#include "ports/kv_store.h"

namespace varve::engine {
namespace {

// Lets somebody else act just before scan n.
class OvertakenKv final : public ForwardingKv {
 public:
  OvertakenKv(ports::KvStore& store, int n, std::function<void()> act)
      : ForwardingKv(store), left_(n), act_(std::move(act)) {}

  bool was_overtaken() const { return left_ < 0; }

  base::Task<base::Result<ports::KvPage>> scan(base::Context context, ports::KvScan scan) override {
    if (left_-- == 0) act_();
    return store_.scan(std::move(context), std::move(scan));
  }

 private:
  int left_;
  std::function<void()> act_;
};

void go_on(Server& server) {
  ASSERT_TRUE(server.put("main", "a", "2").has_value());
  ASSERT_TRUE(server.commit("main", "meanwhile").has_value());
  ASSERT_TRUE(server.branch("late", "main").has_value());
  ASSERT_TRUE(base::run(server.engine().refs().create_tag(
                            as("a"), server.lake(), model::TagId("late-tag"), ref("main"), false))
                  .has_value());
}

RepositoryRef bare(Server& server) {
  NewRepository wanted;
  wanted.id = model::RepositoryId("copy");
  wanted.storage_namespace = model::StorageNamespace("mem://lake");
  wanted.is_bare = true;
  return *base::run(server.engine().repositories().create(as("admin"), std::move(wanted)));
}

TEST(OvertakenDump, CanBeRestoredWheneverItWas) {
  for (int n = 0;; ++n) {
    ASSERT_LT(n, 100);
    SCOPED_TRACE("before scan " + std::to_string(n));
    Stores stores;
    Server others(stores);
    ASSERT_TRUE(others.create().has_value());
    ASSERT_TRUE(others.put("main", "a", "1").has_value());
    ASSERT_TRUE(others.commit("main", "first").has_value());
    OvertakenKv kv(stores.kv, n, [&others] { go_on(others); });
    Server dumping(kv, stores.objects, stores.clock, stores.rng);
    const auto dump = base::run(dumping.engine().dumps().dump(as("a"), others.lake()));
    ASSERT_TRUE(dump.has_value());
    if (!kv.was_overtaken()) break;
    Server fresh(stores);
    const auto restored =
        base::run(fresh.engine().dumps().restore(as("a"), bare(fresh), *dump, false));
    EXPECT_TRUE(restored.has_value()) << restored.error().message();
  }
}

}  // namespace
}  // namespace varve::engine
