#include "sim/faults/faults.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/kv_memory/kv_memory.h"
#include "adapters/object_memory/object_memory.h"
#include "base/context.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/run.h"
#include "base/task.h"
#include "base/time.h"
#include "ports/kv_store.h"
#include "ports/object_store.h"
#include "ports/object_types.h"
#include "sim/faults/failing_objects.h"

namespace varve::sim {
namespace {

using base::Code;
using base::Context;
using base::run;
using ports::KvUpdate;
using ports::KvWrite;

// Sets keys a, b and c, one write each, and shows how each went and what was stored:
// "ok unavailable ok: a c".
std::string three_writes(FaultPlan plan) {
  adapters::MemoryKv store;
  FailingKv flaky(store, plan);
  std::string out;
  for (const std::string key : {"a", "b", "c"}) {
    KvWrite write;
    write.updates.push_back(KvUpdate::set({"p", key}, key));
    const auto done = run(flaky.write(Context(), std::move(write)));
    out += done ? "ok " : std::string(to_string(done.error().code())) + " ";
  }
  out.back() = ':';
  ports::KvScan scan;
  scan.partition = "p";
  const auto page = run(store.scan(Context(), std::move(scan)));
  for (const auto& row : page->rows) out += " " + row.key;
  return out;
}

TEST(FailingKv, FailsWhenAndHowItIsTold) {
  EXPECT_EQ(three_writes(FaultPlan(1)), "ok unavailable ok: a c");
  EXPECT_EQ(three_writes(FaultPlan(1, Fault::Refused, Code::ResourceExhausted)),
            "ok resource exhausted ok: a c");
  EXPECT_EQ(three_writes(FaultPlan(1, Fault::ReplyLost)), "ok outcome unknown ok: a b c");
  EXPECT_EQ(three_writes(FaultPlan(1, Fault::Crash)), "ok unavailable unavailable: a");
  EXPECT_EQ(three_writes(FaultPlan(1, Fault::CrashAfter)), "ok outcome unknown unavailable: a b");
  EXPECT_EQ(three_writes(FaultPlan(3)), "ok ok ok: a b c");
}

TEST(FailingKv, CountsWhatItSees) {
  adapters::MemoryKv store;
  FailingKv flaky(store, 1);
  EXPECT_TRUE(run(flaky.get(Context(), {"p", "k"})));
  EXPECT_EQ(flaky.failures(), 0);
  EXPECT_FALSE(run(flaky.get(Context(), {"p", "k"})));
  EXPECT_EQ(flaky.failures(), 1);
  EXPECT_EQ(flaky.operations(), 2);
}

class StoppedClock final : public base::Clock {
 public:
  base::Timestamp now() override { return {1, 0}; }
  base::MonotonicTime monotonic() override { return {}; }
};

base::Task<base::Result<void>> stream_put(ports::ObjectStore* store) {
  VARVE_CO_TRY(
      const std::unique_ptr<ports::ObjectWriter> writer,
      co_await store->put(Context(), ports::ObjectAddress("mem://a"), ports::PutMode::Overwrite));
  VARVE_CO_CHECK(co_await writer->write("bytes"));
  VARVE_CO_CHECK(co_await writer->finish());
  co_return base::Result<void>();
}

TEST(FailingObjects, EveryStepOfAStreamIsAnOperation) {
  StoppedClock clock;
  for (const Fault fault : {Fault::Refused, Fault::ReplyLost}) {
    for (int n = 0; n <= 3; ++n) {
      base::SeededRng rng(1);
      adapters::MemoryObjects store(clock, rng);
      FailingObjects flaky(store, FaultPlan(n, fault));
      const bool is_done = run(stream_put(&flaky)).has_value();
      EXPECT_EQ(is_done, n == 3);
      EXPECT_EQ(flaky.failures(), n == 3 ? 0 : 1);
      const bool is_stored = n == 3 || (n == 2 && fault == Fault::ReplyLost);
      EXPECT_EQ(store.object_count(), is_stored ? 1U : 0U) << n;
    }
  }
}

}  // namespace
}  // namespace varve::sim
