#include "services/jobs/jobs.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/harness_test.h"
#include "engine/imports/imports.h"
#include "engine/stores_test.h"
#include "format/graveler.h"
#include "format/tasks.h"
#include "model/ids.h"
#include "ports/kv_store.h"

namespace varve::services {
namespace {

using engine::as;

template <class T>
base::Task<void> keep(base::Task<T> task, std::optional<T>* result) {
  result->emplace(co_await std::move(task));
}

class JobsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.create().has_value()); }
  void TearDown() override {
    boost::asio::co_spawn(io_, jobs_.close(), boost::asio::detached);
    run_all();
  }

  void run_all() {
    io_.restart();
    io_.run();
  }
  // On the jobs' own loop, together with what it starts.
  template <class T>
  T run(base::Task<T> task) {
    std::optional<T> result;
    boost::asio::co_spawn(io_, keep(std::move(task), &result), boost::asio::detached);
    run_all();
    return *std::move(result);
  }

  engine::Stores stores_;
  engine::Server server_{stores_};
  boost::asio::io_context io_{1};
  Jobs jobs_{io_.get_executor(),
             stores_.kv,
             stores_.clock,
             stores_.rng,
             server_.engine().repositories(),
             server_.engine().dumps(),
             server_.engine().imports()};
};

TEST_F(JobsTest, ATaskOfADeletedRepositoryIsNotMade) {
  const engine::RepositoryRef lake = server_.lake();
  ASSERT_TRUE(run(server_.engine().repositories().erase(as("admin"), lake->id, false)).has_value());
  const auto refused = run(jobs_.submit_dump(as("admin"), lake));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message(), "repository not found");
  ports::KvScan scan;
  scan.partition = lake->partition();
  EXPECT_TRUE(run(stores_.kv.scan(as("admin"), scan))->rows.empty());
}

TEST_F(JobsTest, ADumpEndsWithThreeIds) {
  const auto id = run(jobs_.submit_dump(as("admin"), server_.lake()));
  ASSERT_TRUE(id.has_value());
  EXPECT_TRUE(id->starts_with("DR"));
  EXPECT_EQ(id->size(), 22U);
  const auto status = run(jobs_.dump_status(as("admin"), server_.lake(), *id));
  ASSERT_TRUE(status.has_value());
  EXPECT_TRUE(status->task.done);
  EXPECT_EQ(status->task.error, "");
  ASSERT_TRUE(status->info.has_value());
  EXPECT_EQ(status->info->commits.str().size(), 64U);
}

TEST_F(JobsTest, AnUnknownTaskIsNotFoundWhateverItsShape) {
  const auto id = *run(jobs_.submit_dump(as("admin"), server_.lake()));
  for (const std::string& wrong : {std::string("x"), std::string(), "RR" + id.substr(2),
                                   "DR" + std::string(20, 'z'), id + "z"}) {
    EXPECT_EQ(engine::text_of(run(jobs_.dump_status(as("a"), server_.lake(), wrong))), "not found");
  }
  EXPECT_EQ(engine::text_of(run(jobs_.restore_status(as("a"), server_.lake(), id))), "not found");
}

// Whoever ends after the repository does not put a row where nobody will ever look for it again.
TEST_F(JobsTest, ATaskOfADeletedRepositoryLeavesNoRow) {
  const engine::RepositoryRef lake = server_.lake();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(server_.put("main", "a", std::to_string(i)).has_value());
    ASSERT_TRUE(server_.commit("main", "x").has_value());
  }
  std::optional<base::Result<std::string>> id;
  std::optional<base::Result<void>> erased;
  boost::asio::co_spawn(io_, keep(jobs_.submit_dump(as("admin"), lake), &id),
                        boost::asio::detached);
  boost::asio::co_spawn(
      io_, keep(server_.engine().repositories().erase(as("admin"), lake->id, false), &erased),
      boost::asio::detached);
  run_all();
  ASSERT_TRUE(id->has_value());
  ASSERT_TRUE(erased->has_value());
  ports::KvScan all;
  all.partition = lake->partition();
  EXPECT_EQ(base::run(stores_.kv.scan(as("a"), all))->rows.size(), 0U);
}

TEST_F(JobsTest, ARestoreOverRefsIsRefusedAtOnce) {
  EXPECT_EQ(engine::text_of(run(jobs_.submit_restore(as("a"), server_.lake(), {}, false))),
            "can only restore into a bare repository");
}

TEST_F(JobsTest, ATaskOfAServerThatIsGoneSaysSo) {
  format::TaskRecord task;
  task.id = "RR" + std::string(20, 'a');
  task.owner_instance_id = "gone";
  ports::KvWrite write;
  write.updates.push_back(ports::KvUpdate::set({server_.lake()->partition(), "tasks/" + task.id},
                                               *format::encode_task(task)));
  ASSERT_TRUE(base::run(stores_.kv.write(as("a"), std::move(write))).has_value());
  const auto status = run(jobs_.restore_status(as("a"), server_.lake(), task.id));
  ASSERT_TRUE(status.has_value());
  EXPECT_TRUE(status->done);
  EXPECT_TRUE(status->error.starts_with("interrupted"));
}

TEST_F(JobsTest, RowsGoADayAfterTheirLastWord) {
  const auto id = *run(jobs_.submit_dump(as("admin"), server_.lake()));
  ASSERT_TRUE(run(jobs_.expire(as("a"))).has_value());
  EXPECT_TRUE(run(jobs_.dump_status(as("a"), server_.lake(), id)).has_value());
  stores_.clock.advance(std::chrono::hours(25));
  ASSERT_TRUE(run(jobs_.expire(as("a"))).has_value());
  EXPECT_EQ(engine::text_of(run(jobs_.dump_status(as("a"), server_.lake(), id))), "not found");
}

TEST_F(JobsTest, AnImportIsWatchedToItsEnd) {
  // The memory store does not take imports, which is the one thing refused at once here.
  engine::ImportRequest request;
  EXPECT_EQ(engine::text_of(run(
                jobs_.submit_import(as("a"), server_.lake(), model::BranchId("main"), request))),
            "import is not supported for this storage");
  EXPECT_EQ(engine::text_of(run(jobs_.import_status(as("a"), server_.lake(), "nosuch"))),
            "not found");
  EXPECT_EQ(engine::text_of(run(jobs_.cancel_import(as("a"), server_.lake(), "nosuch"))),
            "not found");
}

TEST_F(JobsTest, AnImportWhoseServerIsGoneSaysSoAndCanStillBeCancelled) {
  format::ImportStatus status;
  status.id = "9m4e2mr0ui3e8a215n4g";
  status.updated_at = stores_.clock.now();
  ports::KvWrite write;
  write.updates.push_back(
      ports::KvUpdate::set({server_.lake()->partition(), "imports/" + status.id},
                           *format::encode_import_status(status)));
  ASSERT_TRUE(base::run(stores_.kv.write(as("a"), std::move(write))).has_value());
  const auto fresh = run(jobs_.import_status(as("a"), server_.lake(), status.id));
  EXPECT_EQ(fresh->error, "");
  stores_.clock.advance(std::chrono::minutes(2));
  const auto stale = run(jobs_.import_status(as("a"), server_.lake(), status.id));
  EXPECT_NE(stale->error.find("interrupted"), std::string::npos);
  EXPECT_TRUE(run(jobs_.cancel_import(as("a"), server_.lake(), status.id)).has_value());
  EXPECT_TRUE(run(jobs_.cancel_import(as("a"), server_.lake(), status.id)).has_value());
  const auto cancelled = run(jobs_.import_status(as("a"), server_.lake(), status.id));
  EXPECT_NE(cancelled->error.find("Canceled"), std::string::npos);
}

}  // namespace
}  // namespace varve::services
