#include "base/number.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

namespace varve::base {
namespace {

TEST(ParseNumber, TakesAllOfTheText) {
  EXPECT_EQ(parse_number<int>("0"), 0);
  EXPECT_EQ(parse_number<int>("-17"), -17);
  EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(parse_number<double>("2.5e1"), 25.0);
  for (const char* bad : {"", "-", "+1", " 1", "1 ", "1x", "0x1", "1.5", "2147483648"}) {
    EXPECT_EQ(parse_number<int>(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(parse_number<std::uint16_t>("-1"), std::nullopt);
}

}  // namespace
}  // namespace varve::base
