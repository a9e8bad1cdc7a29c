// Listings against a model that is obviously right: a sorted map, folded by hand.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/run.h"
#include "engine/core/core.h"
#include "engine/harness_test.h"
#include "engine/objects/objects.h"
#include "engine/staging/staging.h"
#include "engine/stores_test.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::engine {
namespace {

using Model = std::map<std::string, std::string>;

struct Rows {
  std::vector<std::string> rows;
  bool has_more = false;
  friend bool operator==(const Rows&, const Rows&) = default;
};

// engine.md 9.2, as it is written.
Rows list_model(const Model& model, const ObjectQuery& query) {
  Rows out;
  std::string last_fold;
  const bool is_after = !query.after.empty() && query.after >= query.prefix;
  for (auto at = model.lower_bound(is_after ? query.after : query.prefix); at != model.end();
       ++at) {
    const std::string& path = at->first;
    if (!path.starts_with(query.prefix)) break;
    std::string row = path;
    if (!query.delimiter.empty()) {
      const std::size_t found = path.find(query.delimiter, query.prefix.size());
      if (found != std::string::npos) row = path.substr(0, found + query.delimiter.size());
      if (found != std::string::npos && row == last_fold) continue;
      if (found != std::string::npos) last_fold = row;
    }
    if (is_after && row == query.after) continue;
    if (out.rows.size() == static_cast<std::size_t>(query.amount)) {
      out.has_more = true;
      break;
    }
    out.rows.push_back(row);
  }
  return out;
}

class ListingTest : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  static EngineOptions small_ranges() {
    EngineOptions options;
    options.range_raggedness = 3;  // a range every third path or so
    options.is_single_writer = true;
    return options;
  }
  std::string draw_path() {
    static const std::vector<std::string> parts = {"a",  "b", "a/",   "b/",    "a/b",
                                                   "ab", "/", "\xff", "a\xff", "c"};
    std::string path;
    const std::uint64_t count = 1 + rng_.below(4);
    for (std::uint64_t i = 0; i < count; ++i) path += parts[rng_.below(parts.size())];
    return path;
  }
  void change(int steps) {
    for (int i = 0; i < steps; ++i) {
      const std::string path = draw_path();
      if (rng_.below(3) == 0) {
        ASSERT_TRUE(server_.erase("main", path).has_value());
        model_.erase(path);
      } else {
        const std::string content = std::to_string(rng_.below(1000));
        ASSERT_TRUE(server_.put("main", path, content).has_value());
        model_[path] = content;
      }
    }
  }
  void seal() {
    Staging& staging = server_.engine().staging();
    const RepositoryRef lake = server_.lake();
    auto version = base::run(staging.read_branch(as("a"), lake, model::BranchId("main")));
    model::Branch after = staging.sealed(*lake, version->branch);
    ASSERT_TRUE(base::run(staging.replace_branch(as("a"), lake, *version, after)).has_value());
  }
  Rows list(const ObjectQuery& query) {
    const auto page = server_.page("main", query);
    Rows out;
    if (!page.has_value()) return out;
    out.has_more = page->has_more;
    for (const ObjectRow& row : page->rows) out.rows.push_back(row.path);
    return out;
  }

  Stores stores_;
  base::SeededRng rng_{GetParam()};
  Server server_{stores_, small_ranges()};
  Model model_;
};

TEST_P(ListingTest, IsTheModelsWhateverIsAsked) {
  ASSERT_TRUE(server_.create().has_value());
  change(60);
  ASSERT_TRUE(server_.commit("main", "base", true).has_value());
  change(20);
  seal();
  change(20);
  const std::vector<std::string> delimiters = {"", "/", "a", "ab", "\xff"};
  for (int i = 0; i < 300; ++i) {
    ObjectQuery query;
    query.delimiter = delimiters[rng_.below(delimiters.size())];
    if (rng_.below(2) == 0) query.prefix = draw_path().substr(0, 1 + rng_.below(3));
    if (rng_.below(2) == 0) query.after = draw_path();
    query.amount = static_cast<int>(1 + rng_.below(12));
    ASSERT_EQ(list(query), list_model(model_, query))
        << "prefix '" << query.prefix << "' after '" << query.after << "' delimiter '"
        << query.delimiter << "' amount " << query.amount;
  }
}

// Following next_offset visits every row once.
TEST_P(ListingTest, PagesAddUpToTheWhole) {
  ASSERT_TRUE(server_.create().has_value());
  change(80);
  ASSERT_TRUE(server_.commit("main", "base", true).has_value());
  change(40);
  for (const std::string& delimiter : {std::string(), std::string("/")}) {
    ObjectQuery whole;
    whole.delimiter = delimiter;
    whole.amount = 10000;
    ObjectQuery query = whole;
    query.amount = 7;
    std::vector<std::string> rows;
    for (;;) {
      const Rows page = list(query);
      rows.insert(rows.end(), page.rows.begin(), page.rows.end());
      if (!page.has_more) break;
      query.after = page.rows.back();
    }
    EXPECT_EQ(rows, list_model(model_, whole).rows);
  }
}

TEST_P(ListingTest, EveryListedPathReadsBackItsContent) {
  ASSERT_TRUE(server_.create().has_value());
  change(60);
  ASSERT_TRUE(server_.commit("main", "base", true).has_value());
  change(30);
  std::string want;
  for (const auto& [path, content] : model_) {
    EXPECT_EQ(server_.get("main", path), content);
    want += (want.empty() ? "" : " ") + path + "=" + content;
  }
  EXPECT_EQ(server_.list("main"), want);
}

// Long runs of deleted paths are remembered; whatever is staged into one shows at once.
TEST_P(ListingTest, RunsOfDeletedPathsNeverHideWhatIsThere) {
  ASSERT_TRUE(server_.create().has_value());
  auto name = [](std::uint64_t i) {
    std::string digits = std::to_string(i);
    return "p/" + std::string(4 - digits.size(), '0') + digits;
  };
  for (std::uint64_t i = 0; i < 1000; ++i) {
    ASSERT_TRUE(server_.put("main", name(i), "1").has_value());
    model_[name(i)] = "1";
  }
  ASSERT_TRUE(server_.commit("main", "base").has_value());
  for (int round = 0; round < 8; ++round) {
    const std::uint64_t from = rng_.below(700);
    std::vector<model::ObjectPath> paths;
    for (std::uint64_t i = from; i < from + 300; ++i) {
      paths.emplace_back(name(i));
      model_.erase(name(i));
    }
    ASSERT_TRUE(base::run(server_.engine().objects().erase_many(
                              as("a"), server_.lake(), model::BranchId("main"), paths, false))
                    .has_value());
    for (int i = 0; i < 4; ++i) {
      ObjectQuery query;
      query.amount = static_cast<int>(1 + rng_.below(300));
      if (rng_.below(2) == 0) query.after = name(rng_.below(1000));
      if (rng_.below(3) == 0) query.prefix = "p/0" + std::to_string(rng_.below(10));
      if (rng_.below(3) == 0) query.delimiter = "5";
      ASSERT_EQ(list(query), list_model(model_, query));
      // Staged into the middle of what was just listed; taken back again by a reset.
      const std::string path = name(from + rng_.below(300));
      if (rng_.below(2) == 0) {
        ASSERT_TRUE(server_.put("main", path, "2").has_value());
      } else {
        ASSERT_TRUE(base::run(server_.engine().objects().reset_object(
                                  as("a"), server_.lake(), model::BranchId("main"),
                                  model::ObjectPath(path), false))
                        .has_value());
      }
      model_[path] = "2";
      ASSERT_EQ(list(query), list_model(model_, query));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ListingTest, ::testing::Range<std::uint64_t>(1, 13));

// Trees of one long range each, and a cache that has room for neither: what is listed is read piece
// by piece, and a walk ends in the middle of a range.
struct ColdListing : ::testing::Test {
  static constexpr int Paths = 6000;

  static EngineOptions no_room() {
    EngineOptions options;
    options.table_cache_bytes = 256U << 10U;
    options.range_raggedness = std::uint64_t{1} << 40U;
    options.is_single_writer = true;
    return options;
  }
  static std::string path_of(std::uint64_t i) {
    return "d" + std::to_string(i / 1000) + "/e" + std::to_string(i / 10 % 100) + "/" +
           std::to_string(i % 10);
  }
  void put(const std::string& path, const std::string& content) {
    ASSERT_TRUE(server.put("main", path, content).has_value());
    model[path] = content;
  }
  ObjectQuery draw_query() {
    ObjectQuery query;
    if (rng.below(3) != 0) query.delimiter = "/";
    if (rng.below(2) == 0) query.prefix = path_of(rng.below(Paths)).substr(0, 1 + rng.below(5));
    if (rng.below(2) == 0) query.after = path_of(rng.below(Paths));
    query.amount = static_cast<int>(1 + rng.below(1000));
    return query;
  }
  Rows list(const std::string& branch, const ObjectQuery& query) {
    const auto page = server.page(branch, query);
    EXPECT_TRUE(page.has_value());
    Rows out;
    if (!page.has_value()) return out;
    out.has_more = page->has_more;
    for (const ObjectRow& row : page->rows) out.rows.push_back(row.path);
    return out;
  }

  Stores stores;
  base::SeededRng rng{5};
  Server server{stores, no_room()};
  Model model;
};

TEST_F(ColdListing, IsTheModels) {
  ASSERT_TRUE(server.create().has_value());
  for (std::uint64_t i = 0; i < Paths; ++i) put(path_of(i), std::to_string(i));
  ASSERT_TRUE(server.commit("main", "base").has_value());
  ASSERT_TRUE(server.branch("other", "main").has_value());
  const Model base = model;
  put("zzz", "1");
  ASSERT_TRUE(server.commit("main", "one more").has_value());
  for (int i = 0; i < 300; ++i) {
    const std::string path = path_of(rng.below(Paths));
    if (rng.below(2) == 0) {
      put(path + "x", "new");
    } else {
      ASSERT_TRUE(server.erase("main", path).has_value());
      model.erase(path);
    }
  }
  for (int i = 0; i < 200; ++i) {
    const ObjectQuery query = draw_query();
    const std::string said = "prefix '" + query.prefix + "' after '" + query.after +
                             "' delimiter '" + query.delimiter + "' amount " +
                             std::to_string(query.amount);
    ASSERT_EQ(list("main", query), list_model(model, query)) << said;
    ASSERT_EQ(list("other", query), list_model(base, query)) << said;
  }
}

}  // namespace
}  // namespace varve::engine
