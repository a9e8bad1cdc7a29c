#include "model/ref_expr.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "model/errors.h"

namespace varve::model {
namespace {

using base::Code;

// The modifiers as text, "~1 ^2 @ $", so that the tables below can be read.
std::string describe(const RefExpr& expr) {
  std::string out = expr.base;
  for (const RefModifier& modifier : expr.modifiers) {
    switch (modifier.kind) {
      case RefModifier::Kind::Ancestor:
        out += " ~" + std::to_string(modifier.count);
        break;
      case RefModifier::Kind::Parent:
        out += " ^" + std::to_string(modifier.count);
        break;
      case RefModifier::Kind::Committed:
        out += " @";
        break;
      case RefModifier::Kind::Staging:
        out += " $";
        break;
    }
  }
  return out;
}

TEST(RefExpr, ParsesBaseAndModifiers) {
  struct Row {
    std::string text;
    std::string want;
  };
  const std::vector<Row> rows = {
      {"main", "main"},           {"main~", "main ~1"},
      {"main~0", "main ~0"},      {"main~12", "main ~12"},
      {"main^", "main ^1"},       {"main^0", "main ^0"},
      {"main^2~3", "main ^2 ~3"}, {"main~~^^", "main ~1 ~1 ^1 ^1"},
      {"main~007", "main ~7"},    {"main~2147483647", "main ~2147483647"},
      {"main@", "main @"},        {"main$", "main $"},
      {"a.b/c-d", "a.b/c-d"},     {"\xe6\x97\xa5~1", "\xe6\x97\xa5 ~1"},
  };
  for (const Row& row : rows) {
    const auto expr = parse_ref_expr(row.text);
    ASSERT_TRUE(expr) << row.text;
    EXPECT_EQ(describe(*expr), row.want);
    EXPECT_EQ(expr->text, row.text);
  }
}

TEST(RefExpr, RefusesWithTheTextClientsCompare) {
  struct Row {
    std::string text;
    std::string want;
  };
  const std::string plain = "ref: invalid value: validation error";
  const auto modifier = [&plain](const std::string& what) {
    return "could not parse modifier " + what + ": " + plain;
  };
  const std::vector<Row> rows = {
      {"~", plain},
      {"^1", plain},
      {"@", plain},
      {"$", plain},
      {"main 1", plain},
      {"main\t", plain},
      {"\nmain", plain},
      {"main~x", modifier("~x")},
      {"main^x~1", modifier("^x")},
      {"main~1.5", modifier("~1.5")},
      {"main~1_0", modifier("~1_0")},
      {"main~-1", modifier("~-1")},
      {"main^-1", modifier("^-1")},
      {"main~+1", modifier("~+1")},
      {"main~2147483648", modifier("~2147483648")},
      {"main~99999999999999999999", modifier("~99999999999999999999")},
      {"main@1", plain},
      {"main$x", plain},
      {"z@b", plain},
      {"main@~1", plain},
      {"main~1@", plain},
      {"main$~1", plain},
      {"main@@", plain},
      {"main@$", plain},
  };
  for (const Row& row : rows) {
    const auto expr = parse_ref_expr(row.text);
    ASSERT_FALSE(expr) << row.text;
    EXPECT_EQ(expr.error().code(), Code::InvalidArgument) << row.text;
    EXPECT_EQ(expr.error().message(), row.want) << row.text;
  }
}

TEST(RefExpr, EmptyIsAMissingArgument) {
  const auto expr = parse_ref_expr("");
  ASSERT_FALSE(expr);
  EXPECT_TRUE(is(expr.error(), Detail::RequirementMissing));
  EXPECT_EQ(expr.error().message(), "required value: validation error");
}

TEST(RefExpr, KnowsStaging) {
  EXPECT_TRUE(parse_ref_expr("main$")->names_staging());
  EXPECT_FALSE(parse_ref_expr("main@")->names_staging());
  EXPECT_FALSE(parse_ref_expr("main")->names_staging());
}

}  // namespace
}  // namespace varve::model
