#include "s3/conditions.h"

#include <gtest/gtest.h>

#include <string_view>

#include "base/time.h"
#include "engine/objects/objects.h"
#include "http/headers.h"
#include "model/records.h"
#include "s3/delete_conditions.h"
#include "s3/errors.h"
#include "s3/xml_reader.h"

namespace varve::s3 {
namespace {

constexpr std::string_view Etag = "abc";
constexpr base::Timestamp Modified{1767225600, 500000000};  // 2026-01-01T00:00:00.5Z
constexpr base::Timestamp Now{1767312000, 0};               // a day later
constexpr std::string_view Before = "Wed, 31 Dec 2025 23:59:59 GMT";
constexpr std::string_view Same = "Thu, 01 Jan 2026 00:00:00 GMT";
constexpr std::string_view After = "Thu, 01 Jan 2026 10:00:00 GMT";
constexpr std::string_view Future = "Fri, 01 Jan 2027 00:00:00 GMT";

struct Row {
  const char* name;
  ReadConditions conditions;
  int want;  // 200, 304 or 412
};
class Reads : public ::testing::TestWithParam<Row> {};

TEST_P(Reads, AreDecidedOnEtagAndTime) {
  const auto got = check_read(GetParam().conditions, Etag, Modified, Now);
  EXPECT_EQ(got ? 200 : got.error().status(), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Conditions, Reads,
    ::testing::Values(
        //   name                     if-match  if-none-match  modified-since  unmodified-since
        Row{"none", {}, 200}, Row{"match", {"\"abc\"", "", "", ""}, 200},
        Row{"match_bare", {"abc", "", "", ""}, 200},
        Row{"match_weak", {"W/\"abc\"", "", "", ""}, 200}, Row{"match_any", {"*", "", "", ""}, 200},
        Row{"match_list", {"\"x\", \"abc\"", "", "", ""}, 200},
        Row{"match_other", {"\"x\"", "", "", ""}, 412},
        Row{"match_silences_unmodified", {"\"abc\"", "", "", Before}, 200},
        Row{"unmodified_since_before", {"", "", "", Before}, 412},
        Row{"unmodified_since_same", {"", "", "", Same}, 200},
        Row{"unmodified_since_after", {"", "", "", After}, 200},
        Row{"unmodified_since_rubbish", {"", "", "", "yesterday"}, 200},
        Row{"none_match", {"", "\"abc\"", "", ""}, 304},
        Row{"none_match_any", {"", "*", "", ""}, 304},
        Row{"none_match_list", {"", "\"x\",\"abc\"", "", ""}, 304},
        Row{"none_match_other", {"", "\"x\"", "", ""}, 200},
        Row{"none_match_silences_modified", {"", "\"x\"", After, ""}, 200},
        Row{"none_match_and_unmodified_fails", {"", "\"abc\"", "", Before}, 412},
        Row{"modified_since_before", {"", "", Before, ""}, 200},
        Row{"modified_since_same", {"", "", Same, ""}, 304},
        Row{"modified_since_after", {"", "", After, ""}, 304},
        Row{"modified_since_future", {"", "", Future, ""}, 200},
        Row{"modified_since_rubbish", {"", "", "x", ""}, 200},
        Row{"match_and_none_match", {"\"abc\"", "\"abc\"", "", ""}, 304}),
    [](const auto& info) { return info.param.name; });

TEST(CopySourceConditions, AnswerPreconditionFailedWhereAReadIsNotModified) {
  for (const ReadConditions& conditions :
       {ReadConditions{"", "\"abc\"", "", ""}, ReadConditions{"", "", Same, ""},
        ReadConditions{"\"x\"", "", "", ""}}) {
    const auto got = check_copy_source(conditions, Etag, Modified, Now);
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().code(), Code::PreconditionFailed);
  }
  EXPECT_TRUE(check_copy_source({"\"abc\"", "\"x\"", "", ""}, Etag, Modified, Now).has_value());
}

TEST(IfRange, HoldsForTheEtagAndForADateNotBeforeTheObjects) {
  EXPECT_TRUE(if_range_holds("", Etag, Modified));
  EXPECT_TRUE(if_range_holds("\"abc\"", Etag, Modified));
  EXPECT_TRUE(if_range_holds(Same, Etag, Modified));
  EXPECT_FALSE(if_range_holds("\"x\"", Etag, Modified));
  EXPECT_FALSE(if_range_holds("W/\"abc\"", Etag, Modified));
  EXPECT_FALSE(if_range_holds(Before, Etag, Modified));
}

TEST(WriteConditions, KnowStarAndEtags) {
  const auto of = [](std::string_view match, std::string_view none_match) {
    http::Headers headers;
    headers.add("If-Match", match);
    headers.add("If-None-Match", none_match);
    return write_condition(headers);
  };
  using Kind = engine::WriteCondition::Kind;
  EXPECT_EQ(of("", "")->kind, Kind::None);
  EXPECT_EQ(of("", "*")->kind, Kind::IfAbsent);
  EXPECT_EQ(of("\"abc\"", "")->kind, Kind::IfMatch);
  EXPECT_EQ(of("\"abc\"", "")->etag, "abc");
  EXPECT_EQ(of("*", "")->etag, "*");
  for (const auto& refused : {of("", "\"abc\""), of("*", "*"), of("\"a\"", "\"b\"")}) {
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code(), Code::NotImplemented);
  }
}

TEST(DeleteConditions, CompareEtagSizeAndSeconds) {
  model::Entry entry;
  entry.etag = Etag;
  entry.size = 7;
  entry.last_modified = Modified;
  DeleteTarget target;
  EXPECT_TRUE(delete_conditions(target)->is_empty());
  target.etag = "\"abc\"";
  target.size = "7";
  target.last_modified = "2026-01-01T00:00:00Z";
  EXPECT_TRUE(check_delete(*delete_conditions(target), entry).has_value());
  target.last_modified = "Thu, 01 Jan 2026 00:00:00 GMT";
  EXPECT_TRUE(check_delete(*delete_conditions(target), entry).has_value());
  target.size = "8";
  EXPECT_EQ(check_delete(*delete_conditions(target), entry).error().code(),
            Code::PreconditionFailed);
  target.size = "seven";
  EXPECT_EQ(delete_conditions(target).error().code(), Code::InvalidArgument);
  http::Headers headers;
  headers.add("x-amz-if-match-last-modified-time", "soon");
  EXPECT_EQ(delete_conditions(headers).error().code(), Code::InvalidArgument);
}

}  // namespace
}  // namespace varve::s3
