// A store whose disk fills up, again and again, while others read from it.

#include "adapters/kv_rocksdb/database.h"

#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "adapters/kv_rocksdb/full_disk_env.h"
#include "adapters/kv_rocksdb/kv_rocksdb.h"
#include "adapters/kv_rocksdb/open.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/run.h"
#include "base/time.h"
#include "model/errors.h"
#include "ports/kv_store.h"

namespace varve::adapters {
namespace {

using base::Bytes;
using base::Context;
using base::Result;
using base::run;
using ports::KvUpdate;
using ports::KvWrite;

constexpr std::int64_t Plenty = std::int64_t{1} << 40;

// Moves on by a minute whenever it is read, so that nothing waits for an interval to pass.
class HastyClock final : public base::Clock {
 public:
  base::Timestamp now() override { return {0, 0}; }
  base::MonotonicTime monotonic() override { return time_ += std::chrono::minutes(1); }

 private:
  base::MonotonicTime time_;
};

class SmallStoreTest : public testing::Test {
 protected:
  SmallStoreTest() {
    std::string name = testing::TempDir() + "varve-db-XXXXXX";
    root_ = ::mkdtemp(name.data());
    env_ = std::make_unique<FullDiskEnv>(disk_);
    open();
  }
  ~SmallStoreTest() override {
    disk_.bytes_free = Plenty;
    kv_.reset();
    std::filesystem::remove_all(root_);
  }

  void open() {
    kv_.reset();
    RocksDbOptions small;
    small.path = root_ + "/kv";
    small.write_buffer_bytes = 64U << 10U;  // flushes and compactions all the time
    kv_ = open_rocksdb_kv(std::move(small), offload_, clock_, env_.get()).value();
  }

  static Bytes value_of(int i) {
    return base::SeededRng(static_cast<std::uint64_t>(i)).bytes(1000);
  }

  Result<void> set(int i) {
    KvWrite write;
    write.updates.push_back(KvUpdate::set({"p", std::to_string(i)}, value_of(i)));
    return run(kv_->write(Context(), std::move(write)));
  }

  std::optional<Bytes> get(int i) {
    return run(kv_->get(Context(), {"p", std::to_string(i)})).value();
  }

  std::string root_;
  Disk disk_;
  std::unique_ptr<FullDiskEnv> env_;
  HastyClock clock_;
  base::Offload offload_{base::OffloadOptions()};
  std::unique_ptr<RocksDbKv> kv_;
};

// Wherever the space ends (in the log, a table, the manifest), what was acknowledged stays, reads
// go on, and writes are taken again once there is room.
TEST_F(SmallStoreTest, SurvivesAFullDiskWhereverItStrikes) {
  constexpr int Rounds = 60;
  base::SeededRng rng(7);
  int next = 0;
  std::atomic<int> acknowledged = 0;  // all below: a refused row is written again
  std::atomic<bool> is_done = false;
  std::thread reader([&] {
    base::SeededRng choice(8);
    while (!is_done) {
      const int known = acknowledged;
      if (known == 0) continue;
      const int i = static_cast<int>(choice.below(static_cast<std::uint64_t>(known)));
      EXPECT_EQ(get(i), value_of(i)) << i;
    }
  });
  int refusals = 0;
  for (int round = 0; round < Rounds; ++round) {
    disk_.bytes_free = static_cast<std::int64_t>(rng.below(400U << 10U));
    for (;;) {
      const Result<void> done = set(next);
      if (!done) {
        EXPECT_TRUE(model::is(done.error(), model::Detail::StorageFull)) << done.error().message();
        break;
      }
      acknowledged = ++next;
    }
    ++refusals;
    EXPECT_FALSE(set(next)) << "there is no room yet";
    disk_.bytes_free = Plenty;
    const Result<void> accepted = set(next);
    ASSERT_TRUE(accepted) << "round " << round << ": " << accepted.error().message();
    acknowledged = ++next;
  }
  is_done = true;
  reader.join();
  EXPECT_EQ(refusals, Rounds);
  open();
  for (int i = 0; i < next; ++i) ASSERT_EQ(get(i), value_of(i)) << i;
  EXPECT_EQ(get(next), std::nullopt);
}

// Files that cannot be opened for writing again are read all the same.
TEST_F(SmallStoreTest, IsReadWhenItCannotBeOpenedAgain) {
  ASSERT_TRUE(set(0));
  disk_.bytes_free = 500;
  ASSERT_FALSE(set(1));
  disk_.bytes_free = Plenty;
  disk_.opens_to_refuse = 1;
  const Result<void> refused = set(1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(get(0), value_of(0));
  EXPECT_EQ(get(1), std::nullopt);
  const Result<void> accepted = set(1);
  ASSERT_TRUE(accepted) << accepted.error().message();
  EXPECT_EQ(get(0), value_of(0));
  EXPECT_EQ(get(1), value_of(1));
}

}  // namespace
}  // namespace varve::adapters
