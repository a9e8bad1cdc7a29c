#include "rest/router.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "http/message.h"
#include "rest/operation.h"

namespace varve::rest {
namespace {

using enum http::Method;

const Router& router() {
  static const Router Instance(operations());
  return Instance;
}

struct Row {
  const char* name;
  http::Method method;
  const char* path;
  const char* want;  // operation and its parameters; "" for none
};

std::string found(http::Method method, std::string_view path) {
  const auto route = router().find(method, path);
  if (!route) return "";
  std::string out(route->operation->name);
  for (std::size_t i = 0; i < route->count; ++i) out.append(" ").append(route->values[i]);
  return out;
}

class Finds : public ::testing::TestWithParam<Row> {};

TEST_P(Finds, Operation) { EXPECT_EQ(found(GetParam().method, GetParam().path), GetParam().want); }

INSTANTIATE_TEST_SUITE_P(
    Router, Finds,
    ::testing::Values(
        Row{"collection", Get, "/repositories", "listRepositories"},
        Row{"item", Get, "/repositories/x", "getRepository x"},
        Row{"method_decides", Delete, "/repositories/x", "deleteRepository x"},
        Row{"unknown_method", Put, "/repositories/x", ""},
        Row{"case_matters", Get, "/Repositories", ""},
        Row{"deeper", Get, "/repositories/x/refs/main~1/objects/ls", "listObjects x main~1"},
        Row{"two_parameters", Post, "/repositories/x/refs/a/merge/b", "mergeIntoBranch x a b"},
        Row{"encoded_slash_is_one_segment", Get, "/repositories/a%2Fb", "getRepository a%2Fb"},
        Row{"empty_in_the_middle", Get, "/repositories//branches", "listBranches "},
        Row{"empty_at_the_end", Get, "/repositories/", ""},
        Row{"empty_at_the_end_deeper", Get, "/repositories/x/branches/", ""},
        Row{"empty_in_the_middle_without_operation", Get, "/repositories/x/branches//commits", ""},
        Row{"doubled_first_slash", Get, "//repositories", ""},
        Row{"literal_before_parameter", Put, "/repositories/x/refs/dump", "dumpRefs x"},
        Row{"parameter_named_like_a_literal", Get, "/repositories/x/refs/dump/objects/ls",
            "listObjects x dump"},
        Row{"head", Head, "/repositories/x/refs/main/objects", "headObject x main"},
        Row{"head_elsewhere", Head, "/repositories", ""},
        Row{"options", Options, "/repositories", ""}, Row{"root", Get, "/", ""},
        Row{"nothing", Get, "", ""}, Row{"too_long", Get, "/a/b/c/d/e/f/g/h/i/j/k/l/m/n", ""},
        Row{"parts", Put, "/repositories/r/branches/b/staging/pmpu/u/parts/7/copy",
            "uploadPartCopy r b u 7"}),
    [](const auto& info) { return info.param.name; });

TEST(Router, FindsEveryOperationByItsOwnTemplate) {
  for (const Operation& operation : operations()) {
    const auto route = router().find(operation.method, operation.path);
    ASSERT_TRUE(route.has_value()) << operation.name;
    EXPECT_EQ(route->operation->name, operation.name);
  }
}

}  // namespace
}  // namespace varve::rest
