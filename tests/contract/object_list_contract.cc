// Listings: byte order of whole addresses, pages, prefixes that are no folders.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/run.h"
#include "ports/object_store.h"
#include "tests/contract/object_store_contract.h"

namespace varve::contract {

using Keys = std::vector<std::string>;

TEST_P(ObjectStoreContract, ListsInByteOrderOfAddress) {
  // '-' and '.' sort below '/', digits and letters above it.
  const Keys sorted = {"a",     "a-b",  "a.b", "a/\x01", "a/-",  "a/b",    "a/b-c",
                       "a/b/c", "a/b0", "a/c", "a0",     "aa/b", "b/\xff", "\xc3\xa9"};
  Keys kept;
  for (auto key = sorted.rbegin(); key != sorted.rend(); ++key) {
    // On a file system "a" and "a/b" cannot both be objects; the order of the rest is the point.
    if (subject_->keys_are_paths() && (*key == "a" || *key == "a/b")) continue;
    ASSERT_TRUE(put("l/" + *key, *key)) << *key;
    kept.insert(kept.begin(), "l/" + *key);
  }
  EXPECT_EQ(list("l/", "", 100), kept);
  EXPECT_EQ(list("", "", 100), kept);
}

TEST_P(ObjectStoreContract, ListsByPrefixAfterAndLimit) {
  for (const std::string key : {"p/a1", "p/a2/x", "p/a2/y", "p/a3", "p/b", "q/z"}) {
    ASSERT_TRUE(put(key, "x"));
  }
  struct Row {
    std::string prefix, after;
    std::size_t limit;
    Keys want;
  };
  const std::vector<Row> rows = {
      {"", "", 10, {"p/a1", "p/a2/x", "p/a2/y", "p/a3", "p/b", "q/z"}},
      {"p/a", "", 10, {"p/a1", "p/a2/x", "p/a2/y", "p/a3"}},
      {"p/a2", "", 10, {"p/a2/x", "p/a2/y"}},
      {"p/a2/", "", 10, {"p/a2/x", "p/a2/y"}},
      {"p/a2/y", "", 10, {"p/a2/y"}},
      {"p/a2/yy", "", 10, {}},
      {"none/", "", 10, {}},
      {"p/", "p/a1", 10, {"p/a2/x", "p/a2/y", "p/a3", "p/b"}},
      {"p/", "p/a2", 10, {"p/a2/x", "p/a2/y", "p/a3", "p/b"}},
      {"p/", "p/a2/", 10, {"p/a2/x", "p/a2/y", "p/a3", "p/b"}},
      {"p/", "p/a2/x", 10, {"p/a2/y", "p/a3", "p/b"}},
      {"p/", "p/a2/x/deep", 10, {"p/a2/y", "p/a3", "p/b"}},
      {"p/", "p/a2/z", 10, {"p/a3", "p/b"}},
      {"p/", "p/a20", 10, {"p/a3", "p/b"}},
      {"p/", "p/b", 10, {}},
      {"p/", "q", 10, {}},
      {"p/", "a", 10, {"p/a1", "p/a2/x", "p/a2/y", "p/a3", "p/b"}},
      {"p/a2", "p/a1", 10, {"p/a2/x", "p/a2/y"}},
      {"p/", "", 1, {"p/a1", "+"}},
      {"p/", "", 2, {"p/a1", "p/a2/x", "+"}},
      {"p/", "", 5, {"p/a1", "p/a2/x", "p/a2/y", "p/a3", "p/b"}},
      {"p/", "p/a2/x", 2, {"p/a2/y", "p/a3", "+"}},
      {"q/z", "", 1, {"q/z"}},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(list(rows[i].prefix, rows[i].after, rows[i].limit), rows[i].want) << "row " << i;
  }
}

TEST_P(ObjectStoreContract, ListsWhatIsKnownOfAnObject) {
  const auto stored = put("a/b", "12345");
  ASSERT_TRUE(stored);
  const auto page = base::run(store().list(base::Context(), at("a/"), ports::ObjectAddress(), 10));
  ASSERT_TRUE(page);
  ASSERT_EQ(page->objects.size(), 1U);
  EXPECT_EQ(page->objects[0].address, at("a/b"));
  EXPECT_EQ(page->objects[0].size, 5);
  EXPECT_EQ(page->objects[0].last_modified, stored->last_modified);
  EXPECT_EQ(page->objects[0].etag, stored->etag);
}

TEST_P(ObjectStoreContract, ALimitOutOfRangeIsRefused) {
  for (const std::size_t limit : {0UL, 1001UL}) {
    const auto page =
        base::run(store().list(base::Context(), at(""), ports::ObjectAddress(), limit));
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().code(), base::Code::InvalidArgument);
  }
}

// Whatever the page size, the pages put together are the sorted keys.
TEST_P(ObjectStoreContract, PagesPutTogetherAreTheWhole) {
  base::SeededRng rng(7);
  const std::string letters = "-.09ab";
  Keys keys;
  while (keys.size() < 60) {
    std::string key = "w/";
    for (std::uint64_t depth = rng.below(3) + 1; depth > 0; --depth) {
      for (std::uint64_t i = rng.below(2) + 1; i > 0; --i) key += letters[rng.below(6)];
      if (key.ends_with("/.") || key.ends_with("/..")) key += 'x';
      if (depth > 1) key += '/';
    }
    const auto stored = put(key, "x");  // may clash with a folder on a file system
    if (stored) keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  for (const std::size_t limit : {1UL, 2UL, 7UL, 59UL, 1000UL}) {
    Keys walked;
    for (std::string after;;) {
      Keys page = list("w/", after, limit);
      const bool has_more = !page.empty() && page.back() == "+";
      if (has_more) page.pop_back();
      walked.insert(walked.end(), page.begin(), page.end());
      if (!has_more) break;
      ASSERT_EQ(page.size(), limit);
      after = page.back();
    }
    EXPECT_EQ(walked, keys) << "limit " << limit;
  }
}

}  // namespace varve::contract
