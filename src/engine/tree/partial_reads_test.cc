// Of a range that is not kept, what is read is what is wanted.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/run.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/forwarding_objects_test.h"
#include "engine/tree/harness_test.h"
#include "engine/tree/tree.h"
#include "engine/tree/verified_ranges.h"
#include "model/records.h"
#include "ports/object_store.h"
#include "ports/object_types.h"

namespace varve::engine {
namespace {

constexpr int Count = 30000;
// A block may lie across two pieces.
constexpr std::uint64_t LookupBytesMax = 2 * VerifiedRange::PieceBytes;

Records sample(const std::string& prefix) {
  Records records;
  for (int i = 0; i < Count; ++i) {
    const std::string path = prefix + std::to_string(100000 + 3 * i);
    records[path] = record_of(path);
  }
  return records;
}

// Two trees, and a cache that has room for neither: of the one asked for here nothing is kept but
// the checksums of its ranges.
struct Fixture : TreeFixture {
  explicit Fixture(std::uint64_t raggedness = OneRange)
      : TreeFixture(small_cache(raggedness)), records(sample("a")), tree(tree_of(records)) {
    EXPECT_EQ(tree->ranges.size() == 1, raggedness == OneRange);
    for (const model::RangeInfo& range : tree->ranges) file_bytes += range.estimated_size;
    EXPECT_GT(file_bytes, 1U << 20U);
    push_out();
    objects.take_bytes();
  }
  static constexpr std::uint64_t OneRange = std::uint64_t{1} << 40U;
  static EngineOptions small_cache(std::uint64_t raggedness) {
    EngineOptions options;
    options.table_cache_bytes = 1U << 20U;
    options.range_raggedness = raggedness;
    return options;
  }

  void push_out() { tree_of(sample("b")); }

  ports::ObjectAddress address() const {
    return metadata_address(core.options, repository->storage_namespace,
                            tree->ranges.front().id.str());
  }
  base::Bytes file() {
    auto reader = base::run(memory.get({}, address(), {}));
    return base::run((*reader)->read(64U << 20U)).value();
  }
  void replace(base::Bytes bytes) {
    ASSERT_TRUE(
        base::run(memory.put_bytes({}, address(), std::move(bytes), ports::PutMode::Overwrite))
            .has_value());
  }
  base::Result<std::optional<model::EntryRecord>> get(const std::string& path) {
    return base::run(snapshots.get({}, repository, tree, path));
  }
  bool has(const std::string& path) {
    const auto found = get(path);
    EXPECT_TRUE(found.has_value()) << found.error().message();
    return found.has_value() && found->has_value() && (*found)->data == records.at(path).data;
  }
  // Whether `path` is beyond the range that has the record.
  bool ends_before(const TreeView& record, const std::string& path) const {
    for (const model::RangeInfo& range : tree->ranges) {
      if (record.path <= range.max_key) return range.max_key < path;
    }
    return true;
  }
  const std::string& path(int i) { return std::next(records.begin(), i)->first; }

  Records records;
  SnapshotRef tree;
  std::uint64_t file_bytes = 0;
};

TEST(PartialReads, ALookUpReadsTheIndexOnceAndThenABlock) {
  Fixture trees;
  EXPECT_TRUE(trees.has(trees.path(7)));
  EXPECT_LT(trees.objects.take_bytes(), trees.file_bytes / 4);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(trees.has(trees.path(Count / 10 * i)));
    EXPECT_LE(trees.objects.take_bytes(), LookupBytesMax);
  }
  for (const char* absent : {"a100001", "a150002"}) {
    const auto found = trees.get(absent);
    ASSERT_TRUE(found.has_value());
    EXPECT_FALSE(found->has_value());
    EXPECT_LE(trees.objects.take_bytes(), LookupBytesMax);
  }
}

TEST(PartialReads, EveryPathIsFound) {
  Fixture trees(3000);
  base::SeededRng rng(3);
  for (int i = 0; i < 2000; ++i) {
    if (i % 500 == 0) trees.push_out();
    const int at = static_cast<int>(rng.below(Count));
    EXPECT_TRUE(trees.has(trees.path(at)));
  }
}

TEST(PartialReads, WhatIsReadOftenIsKept) {
  Fixture trees;
  std::uint64_t bytes = 0;
  int lookups = 0;
  for (std::uint64_t last = 1; last != 0; ++lookups) {
    ASSERT_TRUE(trees.has(trees.path(lookups * 37 % Count)));
    last = trees.objects.take_bytes();
    bytes += last;
    ASSERT_LT(lookups, 1000);
  }
  EXPECT_GT(lookups, 20);
  EXPECT_LT(bytes, 3 * trees.file_bytes);
}

TEST(PartialReads, SomeOfManyPathsAreLookedUpOneByOne) {
  Fixture trees;
  const std::vector<std::string> paths{trees.path(3), "a10001x", trees.path(20000)};
  const auto found = base::run(trees.snapshots.get_many({}, trees.repository, trees.tree, paths));
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE((*found)[0].has_value());
  EXPECT_FALSE((*found)[1].has_value());
  EXPECT_EQ((*found)[2]->data, trees.records.at(paths[2]).data);
  EXPECT_LT(trees.objects.take_bytes(), trees.file_bytes / 2);
}

base::Task<base::Result<std::vector<TreeRow>>> page(Fixture* trees, std::string from,
                                                    std::size_t count) {
  auto cursor = trees->snapshots.cursor({}, trees->repository, trees->tree);
  VARVE_CO_CHECK(co_await cursor->seek_ge(std::move(from)));
  std::vector<TreeRow> rows;
  while (rows.size() < count) {
    VARVE_CO_TRY(std::vector<TreeRow> more, co_await cursor->next_batch(count - rows.size()));
    if (more.empty()) break;
    std::move(more.begin(), more.end(), std::back_inserter(rows));
  }
  co_return rows;
}

TEST(PartialReads, APageReadsAPage) {
  Fixture trees;
  base::SeededRng rng(3);
  std::uint64_t bytes = 0;
  for (int i = 0; i < 5; ++i) {
    const int at = static_cast<int>(rng.below(Count));
    const auto rows = base::run(page(&trees, trees.path(at), 1000));
    ASSERT_TRUE(rows.has_value()) << rows.error().message();
    ASSERT_EQ(rows->size(), static_cast<std::size_t>(std::min(1000, Count - at)));
    for (std::size_t row = 0; row < rows->size(); ++row) {
      EXPECT_EQ((*rows)[row].path, trees.path(at + static_cast<int>(row)));
    }
    bytes += trees.objects.take_bytes();
  }
  EXPECT_LT(bytes, 2 * trees.file_bytes);
  EXPECT_TRUE(operator_equal(trees.content(trees.tree), trees.records));
}

// Row by row, with seeks as a listing makes them: short ones and long ones.
base::Task<base::Result<int>> wander(Fixture* trees, base::Rng* rng) {
  auto cursor = trees->snapshots.cursor({}, trees->repository, trees->tree);
  int seen = 0;
  auto expected = trees->records.begin();
  while (expected != trees->records.end()) {
    VARVE_CO_TRY(std::optional<TreeView> view, cursor->view());
    if (!view.has_value()) {
      const std::string resume(cursor->resume_at());
      EXPECT_LE(resume, expected->first);
      VARVE_CO_CHECK(co_await cursor->open());
      VARVE_CO_TRY(view, cursor->view());
    }
    EXPECT_TRUE(view.has_value()) << expected->first << " resume " << cursor->resume_at();
    if (!view.has_value()) break;
    EXPECT_EQ(view->path, expected->first);
    EXPECT_EQ(view->data, expected->second.data);
    ++seen;
    if (rng->below(10) == 0) {
      const auto left = std::distance(expected, trees->records.end());
      std::advance(expected,
                   std::min<std::ptrdiff_t>(left, static_cast<std::ptrdiff_t>(rng->below(3000))));
      if (expected == trees->records.end()) break;
      if (trees->ends_before(*view, expected->first)) {
        VARVE_CO_CHECK(co_await cursor->seek_ge(expected->first));
      } else {
        VARVE_CO_CHECK(cursor->seek_open(expected->first));
      }
    } else {
      ++expected;
      VARVE_CO_CHECK(cursor->next());
    }
  }
  co_return seen;
}

TEST(PartialReads, AWalkSeesEveryRecord) {
  base::SeededRng rng(3);
  for (const std::uint64_t raggedness : {Fixture::OneRange, std::uint64_t{3000}}) {
    Fixture trees(raggedness);
    for (int i = 0; i < 2; ++i) {
      const auto seen = base::run(wander(&trees, &rng));
      ASSERT_TRUE(seen.has_value()) << seen.error().message();
      EXPECT_GT(*seen, 50);
      trees.push_out();
    }
  }
}

TEST(PartialReads, DamageInAPieceStopsTheOneRequest) {
  Fixture trees;
  ASSERT_TRUE(trees.has(trees.path(0)));
  const base::Bytes sound = trees.file();
  base::Bytes damaged = sound;
  damaged[damaged.size() / 3] ^= '\x04';
  trees.replace(damaged);
  int corrupt = 0;
  for (int i = 0; i < Count; i += 100) {
    const auto found = trees.get(trees.path(i));
    if (found.has_value()) {
      EXPECT_TRUE(found->has_value()) << "never an absent path";
      continue;
    }
    ++corrupt;
    EXPECT_EQ(found.error().code(), base::Code::Corruption);
    EXPECT_NE(found.error().message().find(trees.tree->ranges.front().id.str()), std::string::npos);
    EXPECT_NE(found.error().message().find("repository repo"), std::string::npos);
  }
  EXPECT_GT(corrupt, 0);
  trees.replace(sound);
  EXPECT_TRUE(trees.has(trees.path(Count / 3))) << "mended";
}

// Fails a number of reads.
class FailingReads final : public ForwardingObjects {
 public:
  explicit FailingReads(ports::ObjectStore& store) : ForwardingObjects(store) {}
  base::Task<base::Result<std::unique_ptr<ports::ObjectReader>>> get(
      base::Context context, ports::ObjectAddress address, ports::ByteRange range) override {
    if (reads_ == fails_at_) {
      ++reads_;
      co_return base::Error(base::Code::Unavailable, "no answer");
    }
    ++reads_;
    co_return co_await ForwardingObjects::get(std::move(context), std::move(address), range);
  }
  void fail_at(int read) {
    reads_ = 0;
    fails_at_ = read;
  }

 private:
  int reads_ = 0;
  int fails_at_ = -1;
};

TEST(PartialReads, AReadThatFailsIsAnErrorAndLeavesNothingBehind) {
  Fixture trees;
  FailingReads failing(trees.objects);
  Core core{trees.kv, failing, trees.clock, trees.rng, trees.offload, trees.core.options};
  Snapshots snapshots(core);
  const auto get = [&](int i) {
    return base::run(snapshots.get({}, trees.repository, trees.tree, trees.path(i)));
  };
  const auto push_out = [&] {
    const auto built = base::run(snapshots.apply({}, trees.repository, trees.empty(),
                                                 std::make_unique<RecordsSource>(sample("b"))));
    ASSERT_TRUE(built.has_value());
  };
  ASSERT_TRUE(get(0).has_value()) << "verified here, too";
  for (const int read : {0, 1}) {  // the index, a block
    push_out();
    failing.fail_at(read);
    const auto failed = get(Count / 2);
    ASSERT_FALSE(failed.has_value()) << read;
    EXPECT_EQ(failed.error().code(), base::Code::Unavailable);
    const auto found = get(Count / 2);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ((*found)->data, trees.records.at(trees.path(Count / 2)).data);
  }
}

TEST(PartialReads, AFileThatWasCutOrIsGoneIsNoAbsentPath) {
  for (const bool is_gone : {false, true}) {
    Fixture trees;
    ASSERT_TRUE(trees.has(trees.path(0)));
    if (is_gone) {
      ASSERT_TRUE(base::run(trees.memory.erase({}, trees.address())).has_value());
    } else {
      trees.replace(trees.file().substr(0, trees.file_bytes / 2));
    }
    for (const int i : {1, Count / 2, Count - 1}) {
      const auto found = trees.get(trees.path(i));
      ASSERT_FALSE(found.has_value());
      EXPECT_EQ(found.error().code(), base::Code::Corruption);
    }
  }
}

}  // namespace
}  // namespace varve::engine
