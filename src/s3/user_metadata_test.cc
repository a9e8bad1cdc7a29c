#include "s3/user_metadata.h"

#include <gtest/gtest.h>
#include <rapidcheck/Assertions.h>
#include <rapidcheck/gtest.h>

#include <cstddef>
#include <initializer_list>
#include <rapidcheck/gen/Container.hpp>
#include <rapidcheck/gen/Numeric.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/headers.h"
#include "model/records.h"
#include "s3/errors.h"

namespace varve::s3 {
namespace {

constexpr std::string_view Hebrew = "והארץ היתה תהו ובהו";
constexpr std::string_view HebrewWords =
    "=?utf-8?q?=D7=95=D7=94=D7=90=D7=A8=D7=A5_=D7=94=D7=99=D7=AA=D7=94_=D7=AA?= "
    "=?utf-8?q?=D7=94=D7=95_=D7=95=D7=91=D7=94=D7=95?=";

TEST(EncodedWords, SplitBetweenCharactersAndStayWithin75) {
  EXPECT_EQ(encode_metadata_value(Hebrew), HebrewWords);
  EXPECT_EQ(encode_metadata_value("é=?_ x"), "=?utf-8?q?=C3=A9=3D=3F=5F_x?=");
  EXPECT_EQ(encode_metadata_value("plain =?x\ty"), "plain =?x\ty");
  EXPECT_EQ(encode_metadata_value(""), "");
}

struct Row {
  std::string_view text;
  std::string_view want;
};
class Values : public ::testing::TestWithParam<Row> {};
TEST_P(Values, AreDecoded) {
  const auto got = decode_metadata_value(GetParam().text);
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(*got, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    UserMetadata, Values,
    ::testing::Values(
        Row{"plain", "plain"}, Row{"two  blanks ", "two  blanks "}, Row{Hebrew, Hebrew},
        Row{HebrewWords, Hebrew}, Row{"=?UTF-8?B?15XXlA==?=", "וה"},
        Row{"=?utf-8?b?15XXlA?=", "וה"}, Row{"=?ISO-8859-1?Q?=E9?=", "é"},
        Row{"=?us-ascii?q?a_b?=", "a b"}, Row{"x =?utf-8?q?a?= y", "x a y"},
        Row{"=?utf-8?q?a?=  =?utf-8?q?b?=", "ab"}, Row{"=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"},
        // Not words: they stay.
        Row{"=?utf-8?q?a", "=?utf-8?q?a"}, Row{"=?utf-8?x?a?=", "=?utf-8?x?a?="},
        Row{"=?utf-8?q?a=Z1?=", "=?utf-8?q?a=Z1?="}, Row{"=?utf-8?q?=4?=", "=?utf-8?q?=4?="},
        Row{"=?utf-8?b?!?=", "=?utf-8?b?!?="}, Row{"=?", "=?"}, Row{"=??q?a?=", "=??q?a?="}));

TEST(UserMetadata, RefusesUnknownCharsetsAndBytesThatAreNotText) {
  for (const auto text : {"=?koi9-z?q?=E9?=", "\xff", "=?utf-8?q?=FF?="}) {
    const auto got = decode_metadata_value(text);
    ASSERT_FALSE(got.has_value()) << text;
    EXPECT_EQ(got.error().code(), Code::InvalidArgument);
  }
}

RC_GTEST_PROP(EncodedWords, DecodeToWhatWasEncoded, ()) {
  const auto code_points =
      *rc::gen::container<std::vector<char16_t>>(rc::gen::inRange<char16_t>(0x80, 0xD7FF));
  std::string text = "é";
  for (const char16_t c : code_points) {
    if (c < 0x800) {
      text.push_back(static_cast<char>(0xC0 | (c >> 6)));
    } else {
      text.push_back(static_cast<char>(0xE0 | (c >> 12)));
      text.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
    }
    text.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
  const auto decoded = decode_metadata_value(encode_metadata_value(text));
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == text);
}

http::Headers headers_of(std::initializer_list<std::pair<std::string, std::string>> fields) {
  http::Headers headers;
  for (const auto& [name, value] : fields) headers.add(name, value);
  return headers;
}

TEST(UserMetadata, IsKeptUnderLowerCaseNames) {
  const auto got = read_user_metadata(headers_of({{"x-amz-meta-One", "1"},
                                                  {"X-AMZ-META-two", "x"},
                                                  {"x-amz-meta-two", "y"},
                                                  {"x-amz-meta-", "nameless"},
                                                  {"x-amz-meta-a b", "no token"},
                                                  {"x-amz-meta-a.b_c!#$%&'*+^~`|", "token"},
                                                  {"x-amz-acl", "private"}}));
  ASSERT_TRUE(got.has_value());
  const model::Metadata want{{"X-Amz-Meta-one", "1"},
                             {"X-Amz-Meta-two", "x,y"},
                             {"X-Amz-Meta-a.b_c!#$%&'*+^~`|", "token"}};
  EXPECT_EQ(*got, want);
}

TEST(UserMetadata, HoldsTwoKibibytesAndNoMore) {
  const auto of = [](std::size_t bytes) {
    return read_user_metadata(
        headers_of({{"x-amz-meta-a", std::string(bytes - 4, 'v')}, {"x-amz-meta-bc", "d"}}));
  };
  EXPECT_TRUE(of(UserMetadataBytesMax).has_value());
  ASSERT_FALSE(of(UserMetadataBytesMax + 1).has_value());
  const auto refused = of(UserMetadataBytesMax + 1);
  EXPECT_EQ(refused.error().code(), Code::MetadataTooLarge);
  const std::vector<std::pair<std::string, std::string>> sizes = {{"Size", "2049"},
                                                                  {"MaxSizeAllowed", "2048"}};
  EXPECT_EQ(refused.error().elements(), sizes);
}

TEST(UserMetadata, IsBoundedBeforeItIsDecoded) {
  std::string words;
  while (words.size() <= EncodedMetadataBytesMax)
    words +=
        "=?utf-8?q?"
        "?= ";
  const auto got = read_user_metadata(headers_of({{"x-amz-meta-a", words}}));
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code(), Code::MetadataTooLarge);
}

TEST(UserMetadata, ComesBackAsHeadersAndCountsWhatCannot) {
  http::Headers headers;
  add_user_metadata(headers, {{"X-Amz-Meta-a", "1"},
                              {"X-Amz-Meta-b c", "no header name"},
                              {"x-amz-meta-Heb", std::string(Hebrew)},
                              {"other", "not ours"}});
  EXPECT_EQ(headers.get_or_empty("x-amz-meta-a"), "1");
  EXPECT_EQ(headers.get_or_empty("x-amz-meta-heb"), HebrewWords);
  EXPECT_EQ(headers.get_or_empty("x-amz-missing-meta"), "1");
  EXPECT_EQ(headers.size(), 3U);
}

}  // namespace
}  // namespace varve::s3
