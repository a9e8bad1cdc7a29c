#include "model/ids.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/errors.h"
#include "model/limits.h"

namespace varve::model {
namespace {

using base::Code;

struct Row {
  std::string text;
  bool is_good;
};

template <class Parse>
void expect_table(const std::vector<Row>& rows, Parse parse, std::string_view kind) {
  for (const Row& row : rows) {
    const auto id = parse(row.text);
    ASSERT_EQ(id.has_value(), row.is_good) << "'" << row.text << "'";
    if (row.is_good) {
      EXPECT_EQ(id->str(), row.text);
    } else {
      EXPECT_EQ(id.error().code(), Code::InvalidArgument);
      EXPECT_EQ(id.error().message(), std::string(kind) + ": invalid value: validation error");
    }
  }
}

TEST(RepositoryId, FollowsItsRule) {
  expect_table({{"abc", true},
                {"0-9", true},
                {"a--", true},
                {std::string(63, 'a'), true},
                {"ab", false},
                {std::string(64, 'a'), false},
                {"-ab", false},
                {"Abc", false},
                {"a_b", false},
                {"a.b", false},
                {"a/b", false},
                {"abc\n", false},
                {"caf\xc3\xa9", false}},
               parse_repository_id, "repository id");
}

TEST(BranchId, FollowsItsRule) {
  expect_table({{"a", true},
                {"main", true},
                {"Main_2-x", true},
                {"_", true},
                {"-a", false},
                {"a/b", false},
                {"a.b", false},
                {"main~1", false},
                {"main@", false},
                {"a$", false},
                {" ", false},
                {"a b", false},
                {"a\n", false},
                {"\xc3\xa9", false}},
               parse_branch_id, "branch id");
  EXPECT_TRUE(parse_branch_id(std::string(BranchIdBytesMax, 'b')).has_value());
  EXPECT_EQ(parse_branch_id(std::string(BranchIdBytesMax + 1, 'b')).error().message(),
            "branch id: invalid value: validation error: 1025 is above maximum length (1024)");
}

TEST(TagId, FollowsItsRule) {
  expect_table(
      {{"v1.0", true},  {"-x", true},   {"a~1", true},          {"a@b", true},
       {"a$", true},    {"#1", true},   {"\xe6\x97\xa5", true}, {"a.locks", true},
       {"\x7f", true},  {"@", false},   {"a.", false},          {"a.lock", false},
       {"a..b", false}, {"a/b", false}, {"a@{1", false},        {"a^1", false},
       {"a:b", false},  {"a?", false},  {"a*", false},          {"a[", false},
       {"a\\b", false}, {"a b", false}, {"a\tb", false},        {std::string("a\0b", 3), false}},
      parse_tag_id, "tag id");
}

TEST(Names, EmptyIsAMissingArgument) {
  for (const auto& error :
       {parse_repository_id("").error(), parse_branch_id("").error(), parse_tag_id("").error()}) {
    EXPECT_EQ(error.message(), "required value: validation error");
    EXPECT_TRUE(is(error, Detail::RequirementMissing));
  }
}

TEST(ObjectPath, IsOneTo1024BytesOfAnything) {
  EXPECT_TRUE(parse_object_path(std::string(1024, 'p')));
  EXPECT_TRUE(parse_object_path(std::string("/../\0\xff//", 8)));

  const auto empty = parse_object_path("");
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code(), Code::InvalidArgument);
  EXPECT_EQ(empty.error().message(), "missing path: required value: validation error");

  const auto long_path = parse_object_path(std::string(1025, 'p'));
  ASSERT_FALSE(long_path);
  EXPECT_TRUE(is(long_path.error(), Detail::PathTooLong));
  EXPECT_EQ(long_path.error().message(),
            "invalid value: validation error: 1025 is above maximum length (1024)");
}

TEST(CommitId, FullIsExactly64HexDigits) {
  EXPECT_TRUE(is_full_commit_id(std::string(64, 'a')));
  EXPECT_TRUE(is_full_commit_id(std::string(64, 'F')));
  EXPECT_FALSE(is_full_commit_id(std::string(63, 'a')));
  EXPECT_FALSE(is_full_commit_id(std::string(65, 'a')));
  EXPECT_FALSE(is_full_commit_id(std::string(64, 'g')));
}

TEST(CommitId, PrefixIsLowerCaseHex) {
  EXPECT_TRUE(is_commit_prefix("0"));
  EXPECT_TRUE(is_commit_prefix(std::string(64, 'f')));
  EXPECT_FALSE(is_commit_prefix(""));
  EXPECT_FALSE(is_commit_prefix("A"));
  EXPECT_FALSE(is_commit_prefix("main"));
  EXPECT_FALSE(is_commit_prefix(std::string(65, 'f')));
}

TEST(Utf8, AcceptsWhatUnicodeCallsWellFormed) {
  for (const std::string_view text :
       {std::string_view(""), std::string_view("plain ascii, longer than a word"),
        std::string_view("a\0b", 3), std::string_view("\xc2\x80"), std::string_view("\xe0\xa0\x80"),
        std::string_view("\xed\x9f\xbf"), std::string_view("\xf0\x90\x80\x80"),
        std::string_view("\xf4\x8f\xbf\xbf"), std::string_view("12345678\xe6\x97\xa5 tail tail")}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  }
}

TEST(Utf8, RefusesWhatUnicodeCallsIllFormed) {
  const std::vector<std::string> bad = {"\x80",              // a tail without a lead
                                        "\xc0\xaf",          // overlong
                                        "\xc1\xbf",          // overlong
                                        "\xe0\x9f\xbf",      // overlong
                                        "\xf0\x8f\xbf\xbf",  // overlong
                                        "\xed\xa0\x80",      // a surrogate
                                        "\xf4\x90\x80\x80",  // above U+10FFFF
                                        "\xf5\x80\x80\x80",
                                        "\xff",
                                        "\xc3",          // cut
                                        "\xe6\x97",      // cut
                                        "\xf0\x90\x80",  // cut
                                        "\xe6\x97x",     // a lead without its tail
                                        "12345678abc\xc3"};
  for (const std::string& text : bad)
    EXPECT_FALSE(is_valid_utf8(text)) << testing::PrintToString(text);
}

}  // namespace
}  // namespace varve::model
