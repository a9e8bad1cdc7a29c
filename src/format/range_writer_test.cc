#include "format/range_writer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "format/identity.h"
#include "format/metarange.h"
#include "format/table_reader.h"
#include "model/limits.h"

namespace varve::format {
namespace {

base::Bytes from_hex(std::string_view text) {
  base::Bytes bytes;
  EXPECT_TRUE(base::hex_decode(text, bytes)) << text;
  return bytes;
}

struct BreakRow {
  const char* name;
  RangeParams params;
  std::uint64_t size;
  std::string_view key;
  bool want;
};

class Break : public ::testing::TestWithParam<BreakRow> {};

TEST_P(Break, FollowsSizeThenLuck) {
  const BreakRow& row = GetParam();
  EXPECT_EQ(should_break(row.params, row.size, row.key), row.want);
}

INSTANTIATE_TEST_SUITE_P(
    RangeWriter, Break,
    ::testing::Values(BreakRow{"unlucky", {0, 1000, 50000}, 500, "key-027380", false},
                      BreakRow{"lucky", {0, 1000, 50000}, 500, "key-027381", true},
                      BreakRow{"lucky_but_small", {501, 1000, 50000}, 500, "key-027381", false},
                      BreakRow{"lucky_at_the_minimum", {500, 1000, 50000}, 500, "key-027381", true},
                      BreakRow{"below_the_maximum", {0, 1000, 50000}, 999, "key-027380", false},
                      BreakRow{"at_the_maximum", {0, 1000, 50000}, 1000, "key-027380", true}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(RangeWriter, LuckyKeysAreTheReferences) {
  std::vector<int> lucky;
  for (int i = 0; i < 338477; ++i) {
    char key[16];
    std::snprintf(key, sizeof(key), "key-%06d", i);
    if (base::fnv1a64(key) % model::RangeRaggednessDefault == 0) lucky.push_back(i);
  }
  EXPECT_EQ(lucky, (std::vector<int>{27381, 68205, 92613, 134706, 296628, 338476}));
}

// engine.md 16: a range and a metarange that lakeFS's own client fixtures hold.
TEST(RangeWriter, ARealRangeOfTwo) {
  const std::string_view no =
      "4056fef3921aa6e7fd62bbe23b2f69db3f9049a54b6f2c7bd886b7eb1a6ca3ab3eac010a20623063"
      "3936383733366438663432613262316336323834383335663038323236120c08809caf880610cb94"
      "d3e001180b2220363634633638386234656139633536373330646161636663336437306165656430"
      "01";
  const std::string_view yes =
      "406039b184d29379328b5364bb041b9926b4b388dbc326b7dd57f70cefd77b961eac010a20666466"
      "3837666366396563383439663938353134646462376530343161643536120c08f59baf880610f288"
      "95990218042220656234353835616439666530343236373831656437633439323532663832323530"
      "01";
  RangeWriter writer;
  ASSERT_TRUE(writer.add_framed("a/b/c/no", from_hex(no)).has_value());
  ASSERT_TRUE(writer.add_framed("a/b/c/yes", from_hex(yes)).has_value());
  const EncodedRange range = writer.finish();
  EXPECT_EQ(range.info.id.view(),
            "a83af763ba098c15369d9d6d723731eb9ce18b8dfac4f88c6f1287e772393d0e");
  EXPECT_EQ(range.info.estimated_size, 287U);
  EXPECT_EQ(range.bytes.size(), 1182U);
  EXPECT_EQ(range.info.min_key, "a/b/c/no");
  EXPECT_EQ(range.info.max_key, "a/b/c/yes");
  EXPECT_EQ(range.info.count, 2);
  EXPECT_TRUE(verify_range_id(range.info.id, range.bytes).has_value());

  model::RangeInfo described = range.info;
  described.estimated_size = 1190;  // as the older writer recorded it
  const auto metarange = encode_metarange({described});
  ASSERT_TRUE(metarange.has_value());
  EXPECT_EQ(metarange->id.view(),
            "732d4016245c5547113e0cd0f1a588fc55e36c21f460ac670cca4396922f5c11");
}

TEST(RangeWriter, NoRecordsIsARangeToo) {
  RangeWriter writer;
  EXPECT_TRUE(writer.empty());
  EXPECT_EQ(writer.estimated_size(), 8U);
  const EncodedRange range = writer.finish();
  EXPECT_EQ(range.info.id.view(),
            "5105eaf20d56aa444d5402b4eab9d952aecff97791980db9141ca8e2590ce149");
  EXPECT_EQ(range.bytes.size(), 883U);
  EXPECT_EQ(range.info.count, 0);
  EXPECT_TRUE(verify_range_id(range.info.id, range.bytes).has_value());
}

TEST(RangeWriter, FramedAndSplitRecordsAreTheSame) {
  RangeWriter split;
  RangeWriter framed;
  ASSERT_TRUE(split.add("k", "id", "data").has_value());
  ASSERT_TRUE(framed.add_framed("k", frame_value("id", "data")).has_value());
  EXPECT_EQ(split.finish().bytes, framed.finish().bytes);
}

TEST(RangeWriter, KeysAscendStrictly) {  // [I-5]
  RangeWriter writer;
  ASSERT_TRUE(writer.add("b", "i", "d").has_value());
  for (const std::string_view key : {"b", "a", ""}) {
    const auto added = writer.add(key, "i", "d");
    ASSERT_FALSE(added.has_value());
    EXPECT_EQ(added.error().code(), base::Code::InvalidArgument);
    EXPECT_EQ(added.error().message(), "keys should be written in ascending order");
  }
  ASSERT_TRUE(writer.add(std::string("b\0", 2), "i", "d").has_value());
  EXPECT_EQ(writer.finish().info.count, 2);
}

TEST(RangeWriter, RefusesComponentsThatNoReaderTakes) {
  RangeWriter writer;
  const std::string huge(model::ValueComponentBytesMax + 1, 'x');
  EXPECT_EQ(writer.add("a", huge, "").error().code(), base::Code::InvalidArgument);
  EXPECT_EQ(writer.add("a", "", huge).error().code(), base::Code::InvalidArgument);
  EXPECT_TRUE(writer.empty());
}

TEST(RangeWriter, ExtraPropertiesAreInTheFileAndInTheId) {
  RangeWriter plain;
  RangeWriter marked({}, {{"entity", "tag"}});
  ASSERT_TRUE(plain.add("k", "i", "d").has_value());
  ASSERT_TRUE(marked.add("k", "i", "d").has_value());
  const EncodedRange a = plain.finish();
  const EncodedRange b = marked.finish();
  EXPECT_NE(a.info.id, b.info.id);
  EXPECT_TRUE(verify_range_id(b.info.id, b.bytes).has_value());
  const auto table = *Table::open(base::SharedBytes(b.bytes), {});
  const Properties properties = *table->properties();
  EXPECT_EQ(properties.at("entity"), "tag");
  EXPECT_EQ(properties.at("type"), "ranges");
  EXPECT_EQ(properties.at("min_key"), "k");
  EXPECT_EQ(properties.at("max_key"), "k");
  EXPECT_EQ(properties.at("count"), "1");
  EXPECT_EQ(properties.at("estimated_size_bytes"), std::to_string(b.info.estimated_size));
}

TEST(RangeWriter, AnIdThatIsNotTheContentsIsCorruption) {  // [I-2]
  RangeWriter writer;
  ASSERT_TRUE(writer.add("k", "i", "d").has_value());
  const EncodedRange range = writer.finish();
  const auto wrong = verify_range_id(model::RangeId(std::string(64, 'a')), range.bytes);
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code(), base::Code::Corruption);
  // A metarange's id over the same records differs, and a range is none.
  EXPECT_FALSE(
      verify_metarange_id(model::MetaRangeId(range.info.id.str()), range.bytes).has_value());
}

}  // namespace
}  // namespace varve::format
