#include "engine/refs/empty_tokens.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "model/ids.h"

namespace varve::engine {
namespace {

const model::StagingToken Token("lake-main:1");

TEST(EmptyTokens, AFreshTokenIsEmptyUntilSomethingIsWritten) {
  EmptyTokens tokens(true);
  EXPECT_FALSE(tokens.is_known_empty(Token));
  tokens.add_fresh(Token);
  EXPECT_TRUE(tokens.is_known_empty(Token));
  const EmptyTokens::Writing writing(tokens, Token);
  EXPECT_FALSE(tokens.is_known_empty(Token));
}

TEST(EmptyTokens, AScanThatNoWriteOverlappedIsBelieved) {
  EmptyTokens tokens(true);
  tokens.found_empty(Token, tokens.epoch(Token));
  EXPECT_TRUE(tokens.is_known_empty(Token));
}

TEST(EmptyTokens, AWriteThatBeganAfterTheScanWins) {
  EmptyTokens tokens(true);
  const std::uint64_t epoch = tokens.epoch(Token);
  const EmptyTokens::Writing writing(tokens, Token);
  tokens.found_empty(Token, epoch);
  EXPECT_FALSE(tokens.is_known_empty(Token));
}

// The write began first, the scan read the token, and only then the write was applied.
TEST(EmptyTokens, AWriteThatBeganBeforeTheScanWinsWhenItEnds) {
  EmptyTokens tokens(true);
  std::optional<EmptyTokens::Writing> writing(std::in_place, tokens, Token);
  tokens.found_empty(Token, tokens.epoch(Token));
  writing.reset();
  EXPECT_FALSE(tokens.is_known_empty(Token)) << "reported before the write ended";

  writing.emplace(tokens, Token);
  const std::uint64_t epoch = tokens.epoch(Token);
  writing.reset();
  tokens.found_empty(Token, epoch);
  EXPECT_FALSE(tokens.is_known_empty(Token)) << "reported after it";
}

TEST(EmptyTokens, WhoIsNotTheOnlyWriterKnowsNothing) {
  EmptyTokens tokens(false);
  tokens.add_fresh(Token);
  tokens.found_empty(Token, tokens.epoch(Token));
  EXPECT_FALSE(tokens.is_known_empty(Token));
}

}  // namespace
}  // namespace varve::engine
