#include "base/rng.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace varve::base {
namespace {

class ScriptedRng final : public Rng {
 public:
  explicit ScriptedRng(std::vector<std::uint64_t> draws) : draws_(std::move(draws)) {}
  std::uint64_t next() override { return draws_.at(at_++); }
  std::size_t drawn() const { return at_; }

 private:
  std::vector<std::uint64_t> draws_;
  std::size_t at_ = 0;
};

TEST(Rng, SplitMixKnownValues) {  // the reference stream of seed 1234567
  SeededRng rng(1234567);
  EXPECT_EQ(rng.next(), 6457827717110365317ULL);
  EXPECT_EQ(rng.next(), 3203168211198807973ULL);
  EXPECT_EQ(rng.next(), 9817491932198370423ULL);
}

TEST(Rng, OneSeedOneStream) {
  SeededRng a(5);
  SeededRng b(5);
  SeededRng c(6);
  EXPECT_EQ(a.bytes(100), b.bytes(100));
  EXPECT_NE(b.bytes(100), c.bytes(100));
}

TEST(Rng, BytesHasTheAskedSize) {
  SeededRng rng(1);
  for (std::size_t count = 0; count < 40; ++count) EXPECT_EQ(rng.bytes(count).size(), count);
}

TEST(Rng, BelowReachesEveryValueAndNoOther) {
  SeededRng rng(3);
  std::array<int, 7> seen{};
  for (int i = 0; i < 7000; ++i) ++seen.at(rng.below(7));
  for (const int count : seen) EXPECT_GT(count, 800);
  EXPECT_EQ(rng.below(1), 0U);
}

TEST(Rng, BelowRejectsTheUnfairTail) {
  // 2^64 - 1 is 5 modulo 10: the draws from 2^64 - 6 on would favour the small values.
  ScriptedRng rng({UINT64_MAX, UINT64_MAX - 5, 42});
  EXPECT_EQ(rng.below(10), 2U);
  EXPECT_EQ(rng.drawn(), 3U);
}

TEST(RngDeathTest, BelowZeroIsABug) {
  SeededRng rng(1);
  EXPECT_DEATH(rng.below(0), "bound > 0");
}

}  // namespace
}  // namespace varve::base
