// What the tests of engine/tree stand on: trees over stores in memory.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/kv_memory/kv_memory.h"
#include "adapters/object_memory/object_memory.h"
#include "base/hash.h"
#include "base/run.h"
#include "engine/counting_objects_test.h"
#include "engine/tree/tree.h"
#include "format/catalog.h"
#include "format/identity.h"

namespace varve::engine {

class StillClock final : public base::Clock {
 public:
  base::Timestamp now() override { return {1700000000, 0}; }
  base::MonotonicTime monotonic() override { return {}; }
};

// Path -> record; an empty identity is a tombstone.
using Records = std::map<std::string, model::EntryRecord>;

// A record whose identity and data follow from a word.
inline model::EntryRecord record_of(const std::string& word) {
  model::EntryRecord record;
  record.identity = model::Identity(base::sha256(word));
  record.data = "data of " + word;
  return record;
}
inline model::EntryRecord tombstone() { return {}; }

class RecordsSource final : public ChangeSource {
 public:
  explicit RecordsSource(Records records, std::size_t batch = 1000)
      : records_(std::move(records)), at_(records_.begin()), batch_(batch) {}
  base::Task<base::Result<std::vector<Change>>> next_batch() override {
    std::vector<Change> changes;
    for (; at_ != records_.end() && changes.size() < batch_; ++at_) {
      changes.push_back({at_->first, at_->second});
    }
    co_return changes;
  }

 private:
  Records records_;
  Records::const_iterator at_;
  std::size_t batch_;
};

struct TreeFixture {
  explicit TreeFixture(EngineOptions options = {}, std::size_t threads = 2)
      : offload(offload_options(threads)),
        core{kv, objects, clock, rng, offload, std::move(options)} {}

  static base::OffloadOptions offload_options(std::size_t threads) {
    base::OffloadOptions options;
    options.threads = threads;
    return options;
  }
  static RepositoryRef repository_of(const std::string& name) {
    auto repository = std::make_shared<model::Repository>();
    repository->id = model::RepositoryId(name);
    repository->storage_namespace = model::StorageNamespace("mem://" + name);
    repository->instance_uid = "uid";
    return repository;
  }

  SnapshotRef open(const model::MetaRangeId& id) {
    auto opened = base::run(snapshots.open({}, repository, id));
    EXPECT_TRUE(opened.has_value()) << opened.error().message();
    return *opened;
  }
  SnapshotRef apply(const SnapshotRef& base_tree, const Records& changes,
                    ChangeCounts* counts = nullptr) {
    auto built = base::run(
        snapshots.apply({}, repository, base_tree, std::make_unique<RecordsSource>(changes)));
    EXPECT_TRUE(built.has_value()) << built.error().message();
    if (counts != nullptr) *counts = built->counts;
    return open(built->id);
  }
  SnapshotRef empty() { return open(model::MetaRangeId()); }
  SnapshotRef tree_of(const Records& records) { return apply(empty(), records); }

  Records content(const SnapshotRef& tree) {
    return base::run(read_all(&snapshots, repository, tree));
  }
  static base::Task<Records> read_all(Snapshots* snapshots, RepositoryRef repository,
                                      SnapshotRef tree) {
    Records all;
    auto cursor = snapshots->cursor({}, std::move(repository), std::move(tree));
    for (;;) {
      auto rows = co_await cursor->next_batch(100);
      EXPECT_TRUE(rows.has_value()) << rows.error().message();
      if (!rows.has_value() || rows->empty()) break;
      for (TreeRow& row : *rows) {
        EXPECT_TRUE(all.empty() || all.rbegin()->first < row.path);
        all[row.path] = std::move(row.record);
      }
    }
    co_return all;
  }

  StillClock clock;
  base::SeededRng rng{1};
  adapters::MemoryKv kv;
  adapters::MemoryObjects memory{clock, rng};
  CountingObjects objects{memory};
  base::Offload offload;
  Core core;
  Snapshots snapshots{core};
  RepositoryRef repository = repository_of("repo");
};

inline bool operator_equal(const Records& a, const Records& b) {
  if (a.size() != b.size()) return false;
  auto other = b.begin();
  for (const auto& [path, record] : a) {
    if (path != other->first || record.identity != other->second.identity ||
        record.data != other->second.data) {
      return false;
    }
    ++other;
  }
  return true;
}

}  // namespace varve::engine
