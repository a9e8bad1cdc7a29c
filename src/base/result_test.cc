#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace varve::base {
namespace {

Result<int> positive(int value) {
  if (value <= 0) return Error(Code::InvalidArgument, 7, "not positive");
  return value;
}

Result<int> sum(int a, int b) {
  VARVE_TRY(const int left, positive(a));
  VARVE_TRY(const int right, positive(b));
  return left + right;
}

Result<void> check(int value) {
  VARVE_CHECK(positive(value));
  return {};
}

Result<std::unique_ptr<int>> boxed(int value) {
  VARVE_TRY(const int good, positive(value));
  return std::make_unique<int>(good);
}

Result<int> unboxed(int value) {
  VARVE_TRY(std::unique_ptr<int> box, boxed(value));
  return *box;
}

TEST(Result, TryHandsOnTheFirstErrorUnchanged) {
  EXPECT_EQ(sum(1, 2).value(), 3);
  const Result<int> failed = sum(1, 0);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code(), Code::InvalidArgument);
  EXPECT_EQ(failed.error().detail(), 7);
  EXPECT_EQ(failed.error().message(), "not positive");
}

TEST(Result, CheckStopsOnAnError) {
  EXPECT_TRUE(check(1).has_value());
  EXPECT_FALSE(check(-1).has_value());
}

TEST(Result, TryMovesWhatCannotBeCopied) {
  EXPECT_EQ(unboxed(4).value(), 4);
  EXPECT_FALSE(unboxed(0).has_value());
}

TEST(Result, WithPutsContextInFrontAndKeepsTheRest) {
  const Error error = Error(Code::NotFound, 3, "not found").with("branch main").with("reading");
  EXPECT_EQ(error.message(), "reading: branch main: not found");
  EXPECT_EQ(error.code(), Code::NotFound);
  EXPECT_EQ(error.detail(), 3);
}

TEST(Result, EveryCodeHasAName) {
  for (int code = 0; code <= static_cast<int>(Code::Internal); ++code) {
    EXPECT_NE(to_string(static_cast<Code>(code)), "unknown code") << code;
  }
}

}  // namespace
}  // namespace varve::base
