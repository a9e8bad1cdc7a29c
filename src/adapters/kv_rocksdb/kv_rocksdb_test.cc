// What only the embedded store does; what every store does is in tests/contract.

#include "adapters/kv_rocksdb/kv_rocksdb.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <stdlib.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/kv_rocksdb/full_disk_env.h"
#include "adapters/kv_rocksdb/open.h"
#include "adapters/kv_rocksdb/row_key.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/run.h"
#include "base/task.h"
#include "base/task_group.h"
#include "base/time.h"
#include "model/errors.h"
#include "ports/kv_store.h"

namespace varve::adapters {
namespace {

using base::Bytes;
using base::Code;
using base::Context;
using base::Result;
using base::run;
using base::Task;
using ports::KvKey;
using ports::KvUpdate;
using ports::KvWrite;

// Moves on by a minute whenever it is read, so that nothing waits for an interval to pass.
class HastyClock final : public base::Clock {
 public:
  base::Timestamp now() override { return {0, 0}; }
  base::MonotonicTime monotonic() override { return time_ += std::chrono::minutes(1); }

 private:
  base::MonotonicTime time_;
};

class RocksDbTest : public testing::Test {
 protected:
  RocksDbTest() {
    std::string name = testing::TempDir() + "varve-kv-XXXXXX";
    root_ = ::mkdtemp(name.data());
  }

  ~RocksDbTest() override {
    kv_.reset();
    std::filesystem::remove_all(root_);
  }

  RocksDbOptions options() const {
    RocksDbOptions options;
    options.path = root_ + "/metadata/kv";
    return options;
  }

  Result<std::unique_ptr<RocksDbKv>> open() { return RocksDbKv::open(options(), offload_, clock_); }

  Result<void> set(const std::string& key, Bytes value) {
    KvWrite write;
    write.updates.push_back(KvUpdate::set({"p", key}, std::move(value)));
    return run(kv_->write(Context(), std::move(write)));
  }

  std::optional<Bytes> get(const std::string& key) {
    return run(kv_->get(Context(), {"p", key})).value();
  }

  std::string root_;
  HastyClock clock_;
  base::Offload offload_{base::OffloadOptions()};
  std::unique_ptr<RocksDbKv> kv_;
};

TEST_F(RocksDbTest, MakesItsFolders) {
  kv_ = open().value();
  EXPECT_TRUE(std::filesystem::exists(options().path + "/CURRENT"));
}

TEST_F(RocksDbTest, AFolderInUseIsSaidSo) {
  kv_ = open().value();
  const auto second = open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Code::Unavailable);
  EXPECT_NE(second.error().message().find("is in use by another process"), std::string::npos);
  EXPECT_NE(second.error().message().find(options().path), std::string::npos);
}

TEST_F(RocksDbTest, ADamagedStoreIsCorruption) {
  kv_ = open().value();
  kv_.reset();
  std::ofstream(options().path + "/CURRENT") << "nonsense";
  const auto damaged = open();
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code(), Code::Corruption);
}

// A block that has changed under us is an error for whoever reads it, not an absent key.
TEST_F(RocksDbTest, ADamagedBlockIsCorruptionAndNothingElse) {
  constexpr int Rows = 200;
  base::SeededRng noise(1);  // what compresses well is one block
  std::vector<Bytes> values;
  RocksDbOptions small = options();
  small.write_buffer_bytes = 16U << 10U;  // so that rows leave the log for tables
  kv_ = RocksDbKv::open(std::move(small), offload_, clock_).value();
  for (int i = 0; i < Rows; ++i) {
    values.push_back(noise.bytes(1000));
    ASSERT_TRUE(set("k" + std::to_string(i), values.back()));
  }
  kv_.reset();
  int tables = 0;
  for (const auto& file : std::filesystem::directory_iterator(options().path)) {
    if (file.path().extension() != ".sst" || file.file_size() < 2000) continue;
    ++tables;
    std::fstream bytes(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(static_cast<std::streamoff>(file.file_size() / 2));
    bytes << "damaged damaged damaged";
  }
  ASSERT_GT(tables, 0);
  kv_ = open().value();
  int damaged = 0;
  for (int i = 0; i < Rows; ++i) {
    const auto value = run(kv_->get(Context(), KvKey("p", "k" + std::to_string(i))));
    if (value.has_value()) {
      EXPECT_EQ(*value, values[static_cast<std::size_t>(i)]) << i;
    } else {
      ++damaged;
      EXPECT_EQ(value.error().code(), Code::Corruption) << value.error().message();
    }
  }
  EXPECT_GT(damaged, 0);
  EXPECT_LT(damaged, Rows);
  ports::KvScan scan;
  scan.partition = "p";
  const auto page = run(kv_->scan(Context(), scan));
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code(), Code::Corruption);
}

TEST_F(RocksDbTest, AnUnknownLayoutIsRefused) {
  std::filesystem::create_directories(options().path);
  rocksdb::Options raw;
  raw.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(raw, options().path, &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), layout_row_key(), "2").ok());
  ASSERT_TRUE(db->Close().ok());
  const auto newer = open();
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code(), Code::Corruption);
}

TEST_F(RocksDbTest, AFileInTheWayIsAnError) {
  std::ofstream(root_ + "/metadata") << "x";
  EXPECT_FALSE(open());
}

TEST_F(RocksDbTest, AClosedStoreRefuses) {
  kv_ = open().value();
  kv_->close();
  const auto done = set("k", "v");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Code::Unavailable);
  EXPECT_EQ(run(kv_->get(Context(), {"p", "k"})).error().code(), Code::Unavailable);
}

TEST_F(RocksDbTest, ColdReadsComeFromTheDisk) {
  kv_ = open().value();
  ASSERT_TRUE(set("a", "1"));
  ASSERT_TRUE(set("b", "2"));
  kv_.reset();
  {  // move the rows from the log into a table file, which a fresh process has not read yet
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocksdb::Options(), options().path, &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    ASSERT_TRUE(db->Flush(rocksdb::FlushOptions()).ok());
    ASSERT_TRUE(db->Close().ok());
  }
  kv_ = open().value();
  EXPECT_EQ(get("a"), "1");
  const auto many = run(kv_->multi_get(Context(), {{"p", "b"}, {"p", "c"}}));
  EXPECT_EQ(*many, (std::vector<std::optional<Bytes>>{"2", std::nullopt}));
  ports::KvScan scan;
  scan.partition = "p";
  EXPECT_EQ(run(kv_->scan(Context(), scan))->rows.size(), 2U);
}

// RocksDB opens few of its files by itself. Asked to read from memory alone, Get() answers "found",
// and gives nothing, for a key whose file is not open.
TEST_F(RocksDbTest, AKeyInAFileThatIsNotOpenIsReadNotGuessed) {
  constexpr int KeyCount = 2000;
  const auto key_of = [](int i) { return std::to_string(10000 + i); };
  kv_ = open().value();
  for (int i = 0; i < KeyCount; i += 100) {
    KvWrite write;
    for (int j = i; j < i + 100; ++j) {
      write.updates.push_back(KvUpdate::set({"p", key_of(j)}, std::string(200, 'v')));
    }
    ASSERT_TRUE(run(kv_->write(Context(), std::move(write))));
  }
  kv_.reset();
  {  // many small files, none of which needs compaction
    rocksdb::Options many;
    many.target_file_size_base = 4096;
    many.compression = rocksdb::kNoCompression;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(many, options().path, &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    ASSERT_TRUE(db->CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr).ok());
    std::vector<rocksdb::LiveFileMetaData> files;
    db->GetLiveFilesMetaData(&files);
    ASSERT_GT(files.size(), 40U);
    ASSERT_TRUE(db->Close().ok());
  }
  kv_ = open().value();
  for (int i = 0; i < KeyCount; ++i) EXPECT_EQ(get(key_of(i)), Bytes(200, 'v')) << key_of(i);
  EXPECT_EQ(get(key_of(KeyCount)), std::nullopt);
  kv_.reset();
  kv_ = open().value();
  for (int i = 0; i + 1 < KeyCount; i += 2) {
    const auto two =
        run(kv_->multi_get(Context(), {{"p", key_of(i)}, {"p", key_of(KeyCount - i)}}));
    EXPECT_EQ((*two)[0], Bytes(200, 'v')) << key_of(i);
  }
}

TEST_F(RocksDbTest, AnEmptyValueIsAValue) {
  kv_ = open().value();
  ASSERT_TRUE(set("empty", ""));
  EXPECT_EQ(get("empty"), "");
}

Task<Result<void>> set_one(RocksDbKv* kv, std::string key) {
  KvWrite write;
  write.updates.push_back(KvUpdate::set({"p", std::move(key)}, "v"));
  co_return co_await kv->write(Context(), std::move(write));
}

TEST_F(RocksDbTest, RefusesWhatItsQueueCannotHold) {
  RocksDbOptions small = options();
  small.queue_max = 0;
  kv_ = RocksDbKv::open(small, offload_, clock_).value();
  const auto done = set("k", "v");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Code::Unavailable);
  EXPECT_EQ(done.error().message(), "Throughput exceeded. Slow down and retry");
}

TEST_F(RocksDbTest, ClosingCommitsWhatWasAccepted) {
  kv_ = open().value();
  std::vector<Task<Result<void>>> tasks;
  for (int i = 0; i < 100; ++i) tasks.push_back(set_one(kv_.get(), std::to_string(i)));
  const auto close = [](RocksDbKv* kv) -> Task<Result<void>> {
    kv->close();
    co_return Result<void>();
  };
  tasks.push_back(close(kv_.get()));
  for (const auto& result : run(base::join_all(std::move(tasks), 101))) EXPECT_TRUE(result);
  kv_ = open().value();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(get(std::to_string(i)), "v");
}

TEST_F(RocksDbTest, ALongRangeIsRemovedWhole) {
  kv_ = open().value();
  KvWrite write;
  for (int i = 0; i < 2000; ++i) {
    write.updates.push_back(KvUpdate::set({"p", std::to_string(10000 + i)}, "v"));
  }
  ASSERT_TRUE(run(kv_->write(Context(), std::move(write))));
  ASSERT_TRUE(set("z", "kept"));
  ASSERT_TRUE(run(kv_->delete_range(Context(), "p", "", "z")));
  ports::KvScan scan;
  scan.partition = "p";
  const auto page = run(kv_->scan(Context(), scan));
  ASSERT_EQ(page->rows.size(), 1U);
  EXPECT_EQ(page->rows[0].key, "z");
}

class FullDiskTest : public RocksDbTest {
 protected:
  FullDiskTest() {
    env_ = std::make_unique<FullDiskEnv>(disk_);
    reopen();
  }

  ~FullDiskTest() override { kv_.reset(); }

  void reopen() {
    kv_.reset();
    kv_ = open_rocksdb_kv(options(), offload_, clock_, env_.get()).value();
  }

  Disk disk_;
  std::unique_ptr<FullDiskEnv> env_;
};

TEST_F(FullDiskTest, RefusesWritesServesReadsAndRecovers) {
  ASSERT_TRUE(set("before", "1"));
  disk_.bytes_free = 1000;
  const auto refused = set("during", std::string(5000, 'v'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::ResourceExhausted);
  EXPECT_TRUE(model::is(refused.error(), model::Detail::StorageFull));

  EXPECT_EQ(get("before"), "1");
  EXPECT_EQ(get("during"), std::nullopt) << "a refused write did not happen";
  disk_.bytes_free = 0;
  EXPECT_TRUE(model::is(set("small", "v").error(), model::Detail::StorageFull));
  EXPECT_EQ(get("before"), "1");

  disk_.bytes_free = std::int64_t{1} << 40;
  const auto accepted = set("after", "2");
  ASSERT_TRUE(accepted) << accepted.error().message();
  EXPECT_EQ(get("after"), "2");
  reopen();
  EXPECT_EQ(get("before"), "1");
  EXPECT_EQ(get("during"), std::nullopt);
  EXPECT_EQ(get("small"), std::nullopt);
  EXPECT_EQ(get("after"), "2");
}

TEST_F(FullDiskTest, WhatWasRefusedDoesNotComeBackAfterACrash) {
  ASSERT_TRUE(set("before", "1"));
  disk_.bytes_free = 3000;
  ASSERT_FALSE(set("during", std::string(5000, 'v')));
  disk_.bytes_free = std::int64_t{1} << 40;
  reopen();  // without any write in between: the log still ends in the torn record
  EXPECT_EQ(get("before"), "1");
  EXPECT_EQ(get("during"), std::nullopt);
  EXPECT_TRUE(set("after", "2"));
}

// Some file systems only notice when they sync: by then the record is in the log.
TEST_F(FullDiskTest, AFailedSyncIsAnUnknownOutcome) {
  ASSERT_TRUE(set("before", "1"));
  disk_.syncs_find_no_space = true;
  EXPECT_EQ(set("during", "v").error().code(), Code::OutcomeUnknown);
  EXPECT_TRUE(model::is(set("refused", "v").error(), model::Detail::StorageFull));
  EXPECT_EQ(get("before"), "1");
  disk_.syncs_find_no_space = false;
  const auto accepted = set("after", "2");
  ASSERT_TRUE(accepted) << accepted.error().message();
  EXPECT_EQ(get("after"), "2");
}

// engine.md 17, Q14: whoever says that writes need not be synced is taken at their word, and only
// they are.
TEST_F(FullDiskTest, SyncingIsASetting) {
  disk_.syncs_are_broken = true;
  EXPECT_FALSE(set("synced", "v"));
  disk_.syncs_are_broken = false;
  kv_.reset();
  RocksDbOptions lax = options();
  lax.sync_writes = false;
  kv_ = open_rocksdb_kv(std::move(lax), offload_, clock_, env_.get()).value();
  disk_.syncs_are_broken = true;
  EXPECT_TRUE(set("not synced", "v"));
  disk_.syncs_are_broken = false;
}

// What was in memory when a sync failed may be lost, whatever a later sync says. So nothing is
// written until the store has been opened again and has read what is really there.
TEST_F(FullDiskTest, ABrokenDiskStopsWritesUntilReopened) {
  ASSERT_TRUE(set("before", "1"));
  disk_.syncs_are_broken = true;
  EXPECT_EQ(set("during", "v").error().code(), Code::OutcomeUnknown);
  EXPECT_EQ(get("before"), "1");
  disk_.syncs_are_broken = false;
  EXPECT_EQ(set("refused", "v").error().code(), Code::Unavailable);
  EXPECT_EQ(get("before"), "1");
  reopen();
  EXPECT_EQ(get("before"), "1");
  EXPECT_EQ(get("refused"), std::nullopt);
  EXPECT_TRUE(set("after", "2"));
}

}  // namespace
}  // namespace varve::adapters
