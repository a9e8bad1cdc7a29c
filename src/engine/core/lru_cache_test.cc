#include "engine/core/lru_cache.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace varve::engine {
namespace {

using Value = std::shared_ptr<const int>;

Value value(int n) { return std::make_shared<const int>(n); }

TEST(LruCache, KeepsWhatWasPut) {
  LruCache<Value> cache(100);
  EXPECT_EQ(cache.get("a"), nullptr);
  cache.put("a", value(1));
  cache.put("a", value(2));
  EXPECT_EQ(*cache.get("a"), 2);
  cache.drop("a");
  EXPECT_EQ(cache.get("a"), nullptr);
}

TEST(LruCache, IsBounded) {
  LruCache<Value> cache(64);
  for (int i = 0; i < 10000; ++i) cache.put("key-" + std::to_string(i), value(i));
  int kept = 0;
  for (int i = 0; i < 10000; ++i) kept += cache.get("key-" + std::to_string(i)) != nullptr ? 1 : 0;
  EXPECT_LE(kept, 64 + 16);
  EXPECT_GT(kept, 0);
}

TEST(LruCache, PutIfLosesAgainstADropSinceTheEpoch) {
  LruCache<Value> cache(100);
  const auto epoch = cache.epoch("a");
  cache.put_if("a", value(1), epoch);
  EXPECT_EQ(*cache.get("a"), 1);
  cache.drop("a");
  cache.put_if("a", value(2), epoch);
  EXPECT_EQ(cache.get("a"), nullptr);
}

TEST(CacheKey, JoinsShortAndLongParts) {
  EXPECT_EQ(CacheKey("a", "b").view(), "a/b");
  const std::string part(300, 'x');
  EXPECT_EQ(CacheKey(part, "b").view(), part + "/b");
}

}  // namespace
}  // namespace varve::engine
