#include "adapters/kv_rocksdb/row_key.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace varve::adapters {
namespace {

TEST(RowKey, IsLengthPartitionKey) {
  EXPECT_EQ(row_key("ab", "c/d"), std::string("\0\2abc/d", 7));
  EXPECT_EQ(row_key(std::string(300, 'p'), "k"),
            std::string("\x01\x2c", 2) + std::string(300, 'p') + "k");
  EXPECT_EQ(key_of_row(row_key("ab", "c/d"), "ab"), "c/d");
  EXPECT_EQ(key_of_row(row_key("ab", ""), "ab"), "");
}

TEST(RowKey, EndIsBehindEveryKeyOfThePartitionAndBeforeEveryOther) {
  const std::vector<std::string> partitions = {
      "a", "b", "a\xff", "a\xff\xff", "\xff", std::string(255, '\xff'), std::string(256, '\xff')};
  for (const std::string& partition : partitions) {
    const std::string end = row_key_end(partition, "");
    EXPECT_LT(row_key(partition, std::string(1000, '\xff')), end);
    for (const std::string& other : partitions) {
      if (other == partition) continue;
      const bool is_inside =
          row_key(partition, "") <= row_key(other, "") && row_key(other, "") < end;
      EXPECT_FALSE(is_inside) << testing::PrintToString(partition) << testing::PrintToString(other);
    }
  }
  EXPECT_EQ(row_key_end("p", "until"), row_key("p", "until"));
}

TEST(RowKey, NoPartitionHoldsTheStoresOwnRows) {
  EXPECT_LT(layout_row_key(), row_key(std::string(1, '\0'), ""));
}

}  // namespace
}  // namespace varve::adapters
