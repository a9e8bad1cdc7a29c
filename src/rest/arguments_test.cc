#include "rest/arguments.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/headers.h"
#include "http/message.h"
#include "rest/operation.h"
#include "rest/router.h"

namespace varve::rest {
namespace {

base::Result<Arguments> parse(std::string_view target, http::Headers headers = {},
                              http::Method method = http::Method::Get) {
  static const Router Instance(operations());
  http::Request request = http::make_request(method, target, std::move(headers));
  const auto route = Instance.find(method, request.path);
  EXPECT_TRUE(route.has_value()) << target;
  return Arguments::parse(*route, request);
}

struct Row {
  const char* name;
  const char* target;
  bool is_good;
};

class ChecksTarget : public ::testing::TestWithParam<Row> {};

TEST_P(ChecksTarget, Target) {
  EXPECT_EQ(parse(GetParam().target).has_value(), GetParam().is_good);
}

INSTANTIATE_TEST_SUITE_P(
    Arguments, ChecksTarget,
    ::testing::Values(
        Row{"none", "/repositories", true}, Row{"amount", "/repositories?amount=1000", true},
        Row{"amount_minus_one", "/repositories?amount=-1", true},
        Row{"amount_below", "/repositories?amount=-2", false},
        Row{"amount_above", "/repositories?amount=1001", false},
        Row{"amount_word", "/repositories?amount=ten", false},
        Row{"amount_empty", "/repositories?amount=", false},
        Row{"amount_fraction", "/repositories?amount=1.5", false},
        Row{"amount_twice", "/repositories?amount=1&amount=2", false},
        Row{"prefix_empty", "/repositories?prefix=", true},
        Row{"unknown", "/repositories?nonsense=1&amount=1", true},
        Row{"broken_escape_is_dropped", "/repositories?prefix=%zz", true},
        Row{"required_missing", "/repositories/x/refs/m/objects/stat", false},
        Row{"required_empty", "/repositories/x/refs/m/objects/stat?path=", false},
        Row{"flag", "/repositories/x/refs/m/objects/stat?path=a&presign=t", true},
        Row{"flag_word", "/repositories/x/refs/m/objects/stat?path=a&presign=yes", false},
        Row{"flag_empty", "/repositories/x/refs/m/objects/stat?path=a&presign=", false},
        Row{"path_parameter_empty", "/repositories//branches", false},
        Row{"path_escape_broken", "/repositories/%zz/branches", false},
        Row{"choice", "/repositories/x/refs/a/diff/b?type=two_dot", true},
        Row{"other_choice", "/repositories/x/refs/a/diff/b?type=dots", false},
        Row{"choice_empty", "/repositories/x/refs/a/diff/b?type=", false},
        Row{"list_item_empty", "/repositories/x/refs/a/commits?objects=", false},
        Row{"instant_empty", "/repositories/x/refs/a/commits?since=", true},
        Row{"instant_bad", "/repositories/x/refs/a/commits?since=yesterday", false}),
    [](const auto& info) { return info.param.name; });

TEST(Arguments, GivesValuesAndDefaults) {
  const auto list = parse("/repositories?prefix=a%2Fb+c");
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(list->text("prefix"), "a/b c");
  EXPECT_EQ(list->number("amount"), 100);
  EXPECT_FALSE(list->has("after"));
  const auto stat = parse("/repositories/x/refs/v1+b%2Fc/objects/stat?path=a+b%2B");
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->text("ref"), "v1+b/c");
  EXPECT_EQ(stat->text("path"), "a b+");
  EXPECT_TRUE(stat->flag("user_metadata"));
  EXPECT_FALSE(stat->flag("presign"));
}

TEST(Arguments, CollectsListsAndInstants) {
  const auto log = parse(
      "/repositories/x/refs/a/commits?objects=a&objects=b&since=2023-11-14T22:13:20Z&limit=true");
  ASSERT_TRUE(log.has_value());
  EXPECT_EQ(log->list("objects"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(log->instant("since")->seconds, 1700000000);
  EXPECT_TRUE(log->flag("limit"));
  EXPECT_FALSE(log->instant("since") == std::nullopt);
}

TEST(Arguments, ChecksHeaders) {
  const char* target = "/repositories/x/refs/m/objects?path=a";
  http::Headers range;
  range.add("range", "bytes=0-1");
  EXPECT_EQ(parse(target, range)->text("Range"), "bytes=0-1");
  http::Headers empty;
  empty.add("Range", "");
  EXPECT_FALSE(parse(target, empty).has_value());
  http::Headers garbage;
  garbage.add("Range", "garbage");
  EXPECT_FALSE(parse(target, garbage).has_value());
}

TEST(Arguments, AnEmptyIfMatchOfRulesIsAValue) {
  http::Headers headers;
  headers.add("If-Match", "");
  const auto rules =
      parse("/repositories/x/settings/branch_protection", headers, http::Method::Put);
  ASSERT_TRUE(rules.has_value());
  EXPECT_TRUE(rules->has("If-Match"));
  EXPECT_EQ(rules->text("If-Match"), "");
}

}  // namespace
}  // namespace varve::rest
