#include "s3/byte_range.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace varve::s3 {
namespace {

std::string shown(std::string_view header, std::int64_t size) {
  const RangeAnswer answer = evaluate_range(header, size);
  switch (answer.kind) {
    case RangeAnswer::Kind::Whole:
      return "200";
    case RangeAnswer::Kind::Part:
      return "206 " + content_range(answer.span, size);
    case RangeAnswer::Kind::Unsatisfiable:
      break;
  }
  return "416";
}

struct Row {
  std::string_view header;
  std::int64_t size;
  std::string_view want;
};
class Ranges : public ::testing::TestWithParam<Row> {};
TEST_P(Ranges, AreReadAsS3Does) {
  EXPECT_EQ(shown(GetParam().header, GetParam().size), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    ByteRange, Ranges,
    ::testing::Values(
        //  header                  size  answer
        Row{"bytes=0-3", 10, "206 bytes 0-3/10"}, Row{"bytes=2-2", 10, "206 bytes 2-2/10"},
        Row{"bytes=8-100", 10, "206 bytes 8-9/10"}, Row{"bytes=4-", 10, "206 bytes 4-9/10"},
        Row{"bytes=9-", 10, "206 bytes 9-9/10"}, Row{"bytes=-3", 10, "206 bytes 7-9/10"},
        Row{"bytes=-100", 10, "206 bytes 0-9/10"}, Row{"bytes=00-01", 10, "206 bytes 0-1/10"},
        Row{"bytes=0-99999999999999999999", 10, "206 bytes 0-9/10"},
        Row{"bytes=-99999999999999999999", 10, "206 bytes 0-9/10"}, Row{"bytes=-0", 10, "416"},
        Row{"bytes=10-", 10, "416"}, Row{"bytes=10-20", 10, "416"},
        Row{"bytes=99999999999999999999-", 10, "416"},
        // What cannot be understood is ignored.
        Row{"", 10, "200"}, Row{"bytes=3-2", 10, "200"}, Row{"bytes=,", 10, "200"},
        Row{"bytes=", 10, "200"}, Row{"bytes=-", 10, "200"}, Row{"bytes= -1", 10, "200"},
        Row{"bytes=--1", 10, "200"}, Row{"bytes=0 -1", 10, "200"}, Row{"bytes= 1-2", 10, "200"},
        Row{"bytes=a-b", 10, "200"}, Row{"bytes=0-1,3-4", 10, "200"}, Row{"items=0-1", 10, "200"},
        Row{"0-1", 10, "200"}, Row{"bytes=0x1-2", 10, "200"},
        // An empty object.
        Row{"bytes=-5", 0, "200"}, Row{"bytes=-0", 0, "416"}, Row{"bytes=0-", 0, "416"},
        Row{"bytes=0-0", 0, "416"}, Row{"bytes=5-3", 0, "200"}));

TEST(CopyRange, NeedsBothEndsInsideTheObject) {
  const auto good = parse_copy_range("bytes=2-5", 10);
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(good->first, 2);
  EXPECT_EQ(good->count, 4);
  for (const auto text : {"", "bytes=2-", "bytes=-2", "2-5", "bytes=5-2", "bytes=2-10",
                          "bytes=20-30", "bytes=a-b", "bytes=1-2,4-5"}) {
    EXPECT_FALSE(parse_copy_range(text, 10).has_value()) << text;
  }
}

}  // namespace
}  // namespace varve::s3
