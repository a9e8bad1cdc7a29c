// A table is shared by whoever asks: threads that read it at once all read the same. Worth its
// threads because the parts of a two-level index are published without a lock; the tsan preset
// watches.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "format/table_reader.h"
#include "format/table_writer.h"

namespace varve::format {
namespace {

constexpr int Records = 12000;  // enough for a second level

std::string key_of(int i) {
  char key[24];
  std::snprintf(key, sizeof(key), "part-%08d", i);
  return key;
}

TEST(Table, IsReadByManyThreadsAtOnce) {
  TableWriter writer;
  for (int i = 0; i < Records; ++i) writer.add(key_of(i), std::string(60, 'v') + key_of(i));
  const auto table = *Table::open(base::SharedBytes(writer.finish({})), {});
  ASSERT_EQ((*table->properties()).count("rocksdb.index.partitions"), 1U);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 4; ++reader) {
    readers.emplace_back([&table, &wrong, reader] {
      for (int step = 0; step < 400; ++step) {
        const std::string key = key_of((step * 2999 + reader) % Records);
        const auto value = table->get(key);
        if (!value.has_value() || *value != std::string(60, 'v') + key) ++wrong;
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace varve::format
