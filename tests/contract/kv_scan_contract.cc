// Scans, range deletes and pages.

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/rng.h"
#include "ports/kv_store.h"
#include "tests/contract/kv_store_contract.h"

namespace varve::contract {

using base::Bytes;
using ports::KvScan;

namespace {

KvScan stretch(std::string partition, std::string from, std::string until, std::size_t limit) {
  KvScan scan;
  scan.partition = std::move(partition);
  scan.from = std::move(from);
  scan.until = std::move(until);
  scan.limit = limit;
  return scan;
}

// "a b c+": the keys of a page, and a plus if it has more.
std::string show(const base::Result<ports::KvPage>& page) {
  if (!page) return page.error().message();
  std::string out;
  for (const auto& row : page->rows) out += (out.empty() ? "" : " ") + row.key;
  return page->has_more ? out + "+" : out;
}

}  // namespace

TEST_P(KvStoreContract, ScansCutWhereTheyAreTold) {
  for (const std::string key : {"a", "b", "ba", "c", "d"}) kv().set({"p", key}, key);
  struct Row {
    std::string from;
    bool is_exclusive;
    std::string until;
    std::size_t limit;
    std::string want;
  };
  const std::vector<Row> rows = {
      {"", false, "", 10, "a b ba c d"}, {"", true, "", 10, "a b ba c d"},
      {"", false, "", 5, "a b ba c d"},  {"", false, "", 4, "a b ba c+"},
      {"", false, "", 1, "a+"},          {"b", false, "", 10, "b ba c d"},
      {"b", true, "", 10, "ba c d"},     {"bb", true, "", 10, "c d"},
      {"b", false, "c", 10, "b ba"},     {"b", false, "c", 2, "b ba"},
      {"b", false, "c", 1, "b+"},        {"b", true, "ba", 10, ""},
      {"c", false, "b", 10, ""},         {"b", false, "b", 10, ""},
      {"e", false, "", 10, ""},          {"d", true, "", 10, ""},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    KvScan scan = stretch("p", rows[i].from, rows[i].until, rows[i].limit);
    scan.is_from_exclusive = rows[i].is_exclusive;
    EXPECT_EQ(show(kv().scan(scan)), rows[i].want) << "row " << i;
  }
  EXPECT_EQ(show(kv().scan(stretch("none", "", "", 10))), "");
}

TEST_P(KvStoreContract, ScansGiveValuesInByteOrder) {
  const std::vector<std::string> sorted = {std::string("\0", 1),
                                           std::string("\0\0", 2),
                                           std::string("\0\1", 2),
                                           "\1",
                                           "A",
                                           "a",
                                           "a/",
                                           "aa",
                                           "\x7f",
                                           "\x80",
                                           "\xff",
                                           "\xff\xff"};
  for (auto key = sorted.rbegin(); key != sorted.rend(); ++key) kv().set({"p", *key}, *key + "!");
  EXPECT_EQ(kv().keys("p"), sorted);
  const auto page = kv().scan(stretch("p", "", "", 100));
  for (const auto& row : page->rows) EXPECT_EQ(row.value, row.key + "!");
}

TEST_P(KvStoreContract, AWalkMayDeleteWhatItHasSeen) {
  for (int i = 0; i < 57; ++i) kv().set({"p", std::to_string(100 + i)}, "v");
  std::vector<std::string> seen;
  std::string after;
  for (bool has_more = true; has_more;) {
    KvScan scan = stretch("p", after, "", 10);
    scan.is_from_exclusive = true;
    const auto page = kv().scan(scan);
    ASSERT_TRUE(page);
    has_more = page->has_more;
    for (const auto& row : page->rows) {
      seen.push_back(row.key);
      kv().erase({"p", row.key});
    }
    after = seen.back();
  }
  EXPECT_EQ(seen.size(), 57U);
  EXPECT_TRUE(kv().keys("p").empty());
}

TEST_P(KvStoreContract, RangeDeletesCutWhereTheyAreTold) {
  struct Row {
    std::string from;
    std::string until;
    std::vector<std::string> left;
  };
  const std::vector<Row> rows = {
      {"", "", {}},
      {"", "c", {"c", "d"}},
      {"c", "", {"a", "b", "ba"}},
      {"b", "c", {"a", "c", "d"}},
      {"b", "b", {"a", "b", "ba", "c", "d"}},
      {"c", "a", {"a", "b", "ba", "c", "d"}},
      {"x", "", {"a", "b", "ba", "c", "d"}},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const std::string key : {"a", "b", "ba", "c", "d"}) kv().set({"p", key}, key);
    ASSERT_TRUE(kv().delete_range("p", rows[i].from, rows[i].until));
    EXPECT_EQ(kv().keys("p"), rows[i].left) << "row " << i;
  }
}

TEST_P(KvStoreContract, WritesAfterARangeDeleteStay) {
  kv().set({"p", "a"}, "1");
  ASSERT_TRUE(kv().delete_range("p", "", ""));
  kv().set({"p", "a"}, "2");
  EXPECT_EQ(kv().value({"p", "a"}), "2");
  EXPECT_EQ(kv().keys("p"), std::vector<std::string>{"a"});
}

// A map is obviously right; the store must agree with it, whatever is done.
TEST_P(KvStoreContract, AgreesWithAMap) {
  base::SeededRng rng(20260301);
  std::map<std::string, Bytes> model;
  const auto draw_key = [&rng] {
    std::string key(1, static_cast<char>(rng.below(4) * 85));  // 0, 85, 170, 255
    if (rng.below(2) == 0) key.push_back(static_cast<char>(rng.below(3) * 127));
    return key;
  };
  for (int step = 0; step < 600; ++step) {
    const std::string key = draw_key();
    const std::string other = draw_key();
    switch (rng.below(6)) {
      case 0:
      case 1:
      case 2:
        kv().set({"p", key}, std::to_string(step));
        model[key] = std::to_string(step);
        break;
      case 3:
        kv().erase({"p", key});
        model.erase(key);
        break;
      case 4:
        ASSERT_TRUE(kv().delete_range("p", key, other));
        if (key < other) model.erase(model.lower_bound(key), model.lower_bound(other));
        break;
      default: {
        const auto page = kv().scan(stretch("p", key, other, 3));
        ASSERT_TRUE(page);
        auto want = model.lower_bound(key);
        for (const auto& row : page->rows) {
          ASSERT_NE(want, model.end());
          EXPECT_EQ(row.key, want->first);
          EXPECT_EQ(row.value, want->second);
          ++want;
        }
        const bool is_more = want != model.end() && want->first < other;
        EXPECT_EQ(page->has_more, is_more) << "step " << step;
        EXPECT_TRUE(!is_more || page->rows.size() == 3);
      }
    }
    const auto found = model.find(key);
    EXPECT_EQ(kv().value({"p", key}),
              found == model.end() ? std::nullopt : std::optional<Bytes>(found->second));
  }
}

}  // namespace varve::contract
