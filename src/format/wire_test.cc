#include "format/wire.h"

#include <gtest/gtest.h>
#include <rapidcheck/Assertions.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "format/wire_reader.h"
#include "model/records.h"

namespace varve::format {
namespace {

using namespace std::literals;

std::string hex(std::string_view bytes) { return base::hex_encode(bytes); }

base::Bytes from_hex(std::string_view text) {
  base::Bytes bytes;
  EXPECT_TRUE(base::hex_decode(text, bytes)) << text;
  return bytes;
}

struct NumberRow {
  std::uint64_t value;
  std::string_view bytes;
};

class Uvarint : public ::testing::TestWithParam<NumberRow> {};

TEST_P(Uvarint, HasOneSpelling) {
  base::Bytes out;
  put_uvarint(out, GetParam().value);
  EXPECT_EQ(hex(out), GetParam().bytes);
  EXPECT_EQ(uvarint_size(GetParam().value), out.size());
  std::string_view in = out;
  std::uint64_t back = 0;
  ASSERT_TRUE(take_uvarint(in, back));
  EXPECT_EQ(back, GetParam().value);
  EXPECT_TRUE(in.empty());
}

INSTANTIATE_TEST_SUITE_P(Wire, Uvarint,
                         ::testing::Values(NumberRow{0, "00"}, NumberRow{1, "01"},
                                           NumberRow{127, "7f"}, NumberRow{128, "8001"},
                                           NumberRow{300, "ac02"}, NumberRow{16384, "808001"},
                                           NumberRow{1ULL << 63U, "80808080808080808001"},
                                           NumberRow{UINT64_MAX, "ffffffffffffffffff01"}));

TEST(Wire, SvarintIsZigZag) {
  const std::pair<std::int64_t, std::string_view> rows[] = {
      {0, "00"},  {-1, "01"},   {1, "02"},
      {32, "40"}, {64, "8001"}, {std::numeric_limits<std::int64_t>::min(), "ffffffffffffffffff01"}};
  for (const auto& [value, want] : rows) {
    base::Bytes out;
    put_svarint(out, value);
    EXPECT_EQ(hex(out), want);
    std::string_view in = out;
    std::int64_t back = 0;
    ASSERT_TRUE(take_svarint(in, back));
    EXPECT_EQ(back, value);
  }
}

TEST(Wire, VarintsAreBounded) {
  for (const std::string_view bad : {"", "80", "ffff", "ffffffffffffffffff02",
                                     "ffffffffffffffffffff", "8080808080808080808001"}) {
    const base::Bytes bytes = from_hex(bad);
    std::string_view in = bytes;
    std::uint64_t value = 0;
    EXPECT_FALSE(take_uvarint(in, value)) << bad;
  }
}

RC_GTEST_PROP(Wire, NumbersRoundTrip, (std::uint64_t unsigned_value, std::int64_t signed_value)) {
  base::Bytes out;
  put_uvarint(out, unsigned_value);
  put_svarint(out, signed_value);
  std::string_view in = out;
  std::uint64_t u = 0;
  std::int64_t s = 0;
  RC_ASSERT(take_uvarint(in, u) && take_svarint(in, s));
  RC_ASSERT(u == unsigned_value);
  RC_ASSERT(s == signed_value);
  RC_ASSERT(in.empty());
}

TEST(WireWriter, LeavesDefaultsOut) {
  WireWriter out;
  out.number(1, 0);
  out.boolean(2, false);
  out.string(3, "");
  out.bytes(4, "");
  out.string_map(5, {});
  EXPECT_EQ(*std::move(out).finish(), "");
}

TEST(WireWriter, WritesTheDocumentedForm) {
  WireWriter out;
  out.number(1, 150);
  out.boolean(2, true);
  out.string(3, "ab");
  out.timestamp(4, {1, 2});
  out.timestamp(5, {0, 0});
  out.string_map(6, {{"b", ""}, {"a", "x"}});
  out.number(7, -1);
  out.strings(16, std::vector<std::string>{"", "z"});
  EXPECT_EQ(hex(*std::move(out).finish()),
            "089601"
            "1001"
            "1a026162"
            "2204"
            "08011002"
            "2a00"
            "3206"
            "0a0161120178"
            "3205"
            "0a01621200"
            "38ffffffffffffffffff01"
            "820100"
            "8201017a");
}

TEST(WireWriter, RefusesTextThatIsNotUtf8) {
  const model::Metadata map{{"k", "\xff"}};
  WireWriter text;
  text.string(3, "\xc0\x80");
  WireWriter inside_map;
  inside_map.string_map(4, map);
  WireWriter inner;
  inner.string(1, "\xed\xa0\x80");
  WireWriter nested;
  nested.nested(5, std::move(inner));
  for (WireWriter* writer : {&text, &inside_map, &nested}) {
    const auto done = std::move(*writer).finish();
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code(), base::Code::InvalidArgument);
  }
  WireWriter bytes;
  bytes.bytes(1, "\xff");
  EXPECT_TRUE(std::move(bytes).finish().has_value());
}

// Reads a message with one field of each kind, as decode functions do.
struct Sample {
  std::uint64_t number = 0;
  std::string text;
  base::Timestamp time;
  model::Metadata map;
};

base::Result<Sample> read_sample(std::string_view bytes) {
  Sample sample;
  WireReader in(bytes, "Sample");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        sample.number = in.number();
        break;
      case 2:
        sample.text = in.string();
        break;
      case 3:
        sample.time = in.timestamp();
        break;
      case 4:
        in.into_map(sample.map);
        break;
      case 5:
        (void)in.enumeration(2);
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return sample;
}

TEST(WireReader, TakesFieldsInAnyOrderAndTheLastOfEach) {
  const auto sample =
      read_sample(from_hex("120178"
                           "0801"
                           "120179"
                           "0802"
                           "1a02080a"));
  ASSERT_TRUE(sample.has_value());
  EXPECT_EQ(sample->number, 2U);
  EXPECT_EQ(sample->text, "y");
  EXPECT_EQ(sample->time, (base::Timestamp{10, 0}));
}

TEST(WireReader, SkipsUnknownFieldsOfEveryType) {
  const auto sample = read_sample(from_hex("3001"
                                           "390102030405060708"
                                           "420361626300"
                                           "")
                                      .substr(0, 2 + 9 + 5) +
                                  from_hex("4d01020304"
                                           "0807"));
  ASSERT_TRUE(sample.has_value()) << sample.error().message();
  EXPECT_EQ(sample->number, 7U);
}

struct BadRow {
  const char* name;
  std::string_view bytes;
};

class BadMessage : public ::testing::TestWithParam<BadRow> {};

TEST_P(BadMessage, IsCorruption) {
  const auto sample = read_sample(from_hex(GetParam().bytes));
  ASSERT_FALSE(sample.has_value());
  EXPECT_EQ(sample.error().code(), base::Code::Corruption);
  EXPECT_TRUE(sample.error().message().starts_with("Sample: ")) << sample.error().message();
}

INSTANTIATE_TEST_SUITE_P(
    Wire, BadMessage,
    ::testing::Values(BadRow{"field_zero", "0001"}, BadRow{"tag_truncated", "80"},
                      BadRow{"field_too_large", "8080808010"}, BadRow{"value_missing", "08"},
                      BadRow{"varint_too_long", "08ffffffffffffffffff7f"},
                      BadRow{"length_missing", "12"}, BadRow{"text_truncated", "120561"},
                      BadRow{"length_huge", "12ffffffffffffffffff01"},
                      BadRow{"fixed64_truncated", "3901020304"},
                      BadRow{"fixed32_truncated", "4d0102"}, BadRow{"start_group", "0b"},
                      BadRow{"end_group", "0c"}, BadRow{"type_six", "0e"},
                      BadRow{"number_as_text", "0a0161"}, BadRow{"text_as_number", "1001"},
                      BadRow{"text_not_utf8", "1201ff"}, BadRow{"map_value_not_utf8", "22041201ff"},
                      BadRow{"time_truncated", "1a0108"},
                      BadRow{"nanos_too_large",
                             "1a061080"
                             "94ebdc03"},
                      BadRow{"nanos_negative", "1a0b10ffffffffffffffffff01"},
                      BadRow{"unknown_enumerator", "2803"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace varve::format
