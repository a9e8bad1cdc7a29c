#include "adapters/kv_rocksdb/log_check.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>
#include <stdlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/rng.h"

namespace varve::adapters {
namespace {

using base::Code;

constexpr std::size_t BlockBytes = 32768;

std::string read_file(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

class LogCheckTest : public testing::Test {
 protected:
  LogCheckTest() {
    std::string name = testing::TempDir() + "varve-log-XXXXXX";
    path_ = ::mkdtemp(name.data());
    options_.create_if_missing = true;
    options_.avoid_flush_during_recovery = true;
    options_.avoid_flush_during_shutdown = true;
  }
  ~LogCheckTest() override { std::filesystem::remove_all(path_); }

  // One write a value: k0, k1, …
  void fill(int count, std::size_t value_bytes) {
    const auto db = open();
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), "k" + std::to_string(written_),
                          noise_.bytes(value_bytes))
                      .ok());
      ++written_;
    }
    ASSERT_TRUE(db->Close().ok());
  }

  std::unique_ptr<rocksdb::DB> open() {
    rocksdb::DB* opened = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open(options_, path_, &opened).ok());
    return std::unique_ptr<rocksdb::DB>(opened);
  }

  // Paths of logs that hold something, in order.
  std::vector<std::string> logs() const {
    std::vector<std::string> found;
    for (const auto& file : std::filesystem::directory_iterator(path_)) {
      if (file.path().extension() == ".log" && file.file_size() > 0) found.push_back(file.path());
    }
    std::ranges::sort(found);
    return found;
  }

  int rows() {
    const auto db = open();
    std::unique_ptr<rocksdb::Iterator> row(db->NewIterator(rocksdb::ReadOptions()));
    int count = 0;
    for (row->SeekToFirst(); row->Valid(); row->Next()) ++count;
    row.reset();
    EXPECT_TRUE(db->Close().ok());
    return count;
  }

  base::Result<void> check() const { return check_logs(options_, path_); }

  void expect_refused(const std::string& where) const {
    const auto checked = check();
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code(), Code::Corruption);
    EXPECT_NE(checked.error().message().find(where), std::string::npos)
        << checked.error().message();
  }

  std::string path_;
  rocksdb::Options options_;
  base::SeededRng noise_{1};
  int written_ = 0;
};

TEST_F(LogCheckTest, ANewStoreAndAWholeLogPass) {
  EXPECT_TRUE(check());
  fill(50, 3000);  // records that are cut at the ends of blocks
  EXPECT_TRUE(check());
  fill(50, 100);
  EXPECT_TRUE(check());
  ASSERT_EQ(logs().size(), 2U);
  LogReader reader;
  for (const std::string& log : logs()) reader.add(read_file(log), log);
  EXPECT_EQ(reader.last_sequence(), 100U);
  EXPECT_EQ(reader.gap(), std::nullopt);
}

TEST_F(LogCheckTest, ARecordIsWholeAtEveryDistanceFromTheEndOfItsBlock) {
  for (std::size_t left = 0; left <= 20; ++left) {
    fill(1, BlockBytes - 100 - left * 3);
    fill(3, 30 + left);
  }
  LogReader reader;
  for (const std::string& log : logs()) reader.add(read_file(log), log);
  EXPECT_EQ(reader.last_sequence(), static_cast<std::uint64_t>(written_));
  EXPECT_EQ(reader.gap(), std::nullopt);
}

// What a crash leaves of the last write, cut anywhere.
TEST_F(LogCheckTest, ALogThatWasCutShortPasses) {
  fill(3, 40000);
  const std::string log = logs().at(0);
  const std::string whole = read_file(log);
  for (const std::size_t cut : {std::size_t{1}, std::size_t{6}, std::size_t{8}, std::size_t{5000},
                                BlockBytes, std::size_t{39000}}) {
    write_file(log, whole.substr(0, whole.size() - cut));
    EXPECT_TRUE(check()) << cut;
  }
  EXPECT_EQ(rows(), 2);
}

// A crash may also leave pages of the last write unwritten.
TEST_F(LogCheckTest, ALastWriteThatIsDamagedPasses) {
  fill(3, 40000);
  const std::string log = logs().at(0);
  std::string content = read_file(log);
  content.replace(content.size() - 20000, 4096, 4096, '\0');
  write_file(log, content);
  EXPECT_TRUE(check());
  EXPECT_EQ(rows(), 2);
}

TEST_F(LogCheckTest, DamageBeforeWholeWritesIsRefused) {
  fill(100, 1000);
  const std::string log = logs().at(0);
  const std::string whole = read_file(log);
  for (const std::size_t at : {std::size_t{0}, std::size_t{3}, std::size_t{4}, std::size_t{6},
                               std::size_t{500}, std::size_t{40000}, BlockBytes + 2}) {
    std::string content = whole;
    content[at] = static_cast<char>(content[at] ^ 1);
    write_file(log, content);
    expect_refused(std::filesystem::path(log).filename().string() + " at byte ");
  }
  std::string zeroed = whole;
  zeroed.replace(BlockBytes, 4096, 4096, '\0');
  write_file(log, zeroed);
  expect_refused(" at byte 32768");
  std::string shorter = whole;  // bytes gone from the middle
  shorter.erase(3000, 2000);
  write_file(log, shorter);
  expect_refused(" at byte ");
  write_file(log, whole);
  EXPECT_TRUE(check());
  EXPECT_EQ(rows(), 100);
}

TEST_F(LogCheckTest, DamageAtTheEndOfALogBeforeAnotherIsRefused) {
  fill(10, 1000);
  fill(10, 1000);
  ASSERT_EQ(logs().size(), 2U);
  const std::string log = logs().at(0);
  const std::string whole = read_file(log);
  write_file(log, whole.substr(0, whole.size() - 1));
  expect_refused(std::filesystem::path(log).filename().string() + " at byte ");
  std::filesystem::remove(log);
  fill(0, 0);  // RocksDB itself takes the log for one that it never had
  write_file(log, whole);
  EXPECT_EQ(rows(), 20);
}

// A full disk cuts a write short, which is refused; the writes after it are in another log.
TEST_F(LogCheckTest, AnUnfinishedWriteBeforeAnotherLogPasses) {
  fill(10, 1000);
  const std::string log = logs().at(0);
  const std::string ten = read_file(log);
  write_file(log, ten + ten.substr(0, 500));
  ASSERT_TRUE(check());
  fill(10, 1000);
  ASSERT_EQ(logs().size(), 2U);
  EXPECT_TRUE(check());
  EXPECT_EQ(rows(), 20);
}

// What is in tables is not needed in a log.
TEST_F(LogCheckTest, DamageInALogThatIsNoLongerNeededPasses) {
  fill(10, 1000);
  const std::string log = logs().at(0);
  std::string content = read_file(log);
  {
    const auto db = open();
    ASSERT_TRUE(db->Flush(rocksdb::FlushOptions()).ok());
    ASSERT_TRUE(db->Close().ok());
  }
  content[500] = static_cast<char>(content[500] ^ 1);
  write_file(log, content);
  EXPECT_TRUE(check());
  EXPECT_EQ(rows(), 10);
}

}  // namespace
}  // namespace varve::adapters
