#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task_group.h"
#include "engine/core/core.h"
#include "engine/tree/tree.h"
#include "engine/tree/tree_files.h"
#include "engine/tree/tree_impl.h"
#include "format/identity.h"
#include "format/table_reader.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;

namespace {

constexpr int StepsBeforeSeek = 8;           // records stepped over before a seek is worth it
constexpr std::size_t InlinePathsMax = 256;  // looked up on the event loop

using Record = std::optional<model::EntryRecord>;

// A look-up in a range that is not kept reads so much of it, about.
constexpr std::uint64_t LookupBytes = 32U << 10U;

Result<Record> get_from(format::TableCursor cursor, std::string_view path) {
  VARVE_CHECK(cursor.seek_ge(path));
  if (!cursor.valid() || cursor.key() != path) return Record();
  VARVE_TRY(model::EntryRecord record, record_at(cursor));
  return Record(std::move(record));
}

// Some of the paths asked for, all within the bounds of one range.
struct Lookup {
  std::size_t first = 0;
  std::size_t count = 0;
  std::size_t range = 0;
  TableRef table;
};

Result<void> get_all(const Lookup& lookup, const std::vector<std::string>& paths,
                     std::vector<Record>& records) {
  format::TableCursor cursor = lookup.table->cursor();
  bool is_positioned = false;
  for (std::size_t i = lookup.first; i < lookup.first + lookup.count; ++i) {
    const std::string& path = paths[i];
    for (int steps = 0; is_positioned && cursor.valid() && cursor.key() < path; ++steps) {
      if (steps == StepsBeforeSeek) {
        is_positioned = false;
        break;
      }
      VARVE_CHECK(cursor.next());
    }
    if (!is_positioned) VARVE_CHECK(cursor.seek_ge(path));
    is_positioned = true;
    if (!cursor.valid()) return {};  // above every key: so are the other paths
    if (cursor.key() == path) {
      VARVE_TRY(records[i], record_at(cursor));
    }
  }
  return {};
}

std::vector<Lookup> lookups_of(const Snapshot& snapshot, const std::vector<std::string>& paths) {
  std::vector<Lookup> lookups;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    std::size_t range = lookups.empty() ? 0 : lookups.back().range;
    if (lookups.empty() || snapshot.ranges[range].max_key < paths[i]) {
      range = range_reaching(snapshot, paths[i]);
    }
    if (range == snapshot.ranges.size()) break;
    if (paths[i] < snapshot.ranges[range].min_key) continue;
    if (lookups.empty() || lookups.back().range != range) {
      lookups.push_back({i, 0, range, nullptr});
    }
    lookups.back().count = i + 1 - lookups.back().first;
  }
  return lookups;
}

}  // namespace

std::size_t range_reaching(const Snapshot& snapshot, std::string_view path) {
  const auto& ranges = snapshot.ranges;
  const auto found = std::partition_point(
      ranges.begin(), ranges.end(),
      [path](const model::RangeInfo& range) { return std::string_view(range.max_key) < path; });
  return static_cast<std::size_t>(found - ranges.begin());
}

Result<model::EntryRecord> record_at(const format::TableCursor& cursor) {
  VARVE_TRY(const format::FramedValue framed, cursor.framed());
  model::EntryRecord record;
  record.identity = model::Identity(framed.identity);
  record.data = base::Bytes(framed.data);
  return record;
}

Snapshots::Snapshots(Core& core) : impl_(std::make_unique<Impl>(core)) {}
Snapshots::~Snapshots() = default;

Task<Result<SnapshotRef>> Snapshots::open(Context context, RepositoryRef repository,
                                          model::MetaRangeId id) {
  if (SnapshotRef known = impl_->files.find_snapshot(*repository, id)) co_return known;
  co_return co_await impl_->files.snapshot(std::move(context), std::move(repository),
                                           std::move(id));
}

Task<Result<Record>> Snapshots::get(Context context, RepositoryRef repository, SnapshotRef snapshot,
                                    std::string path) {
  const std::size_t index = range_reaching(*snapshot, path);
  if (index == snapshot->ranges.size()) co_return Record();
  const model::RangeInfo& range = snapshot->ranges[index];
  if (path < range.min_key) co_return Record();
  TableRef table = impl_->files.find_table(*repository, range.id);
  if (table == nullptr) {
    VARVE_CO_TRY(auto near, co_await impl_->files.cursor_near(context, repository, range, path, 0));
    if (near.has_value()) co_return get_from(*std::move(near), path);
    VARVE_CO_TRY(table,
                 co_await impl_->files.table(std::move(context), std::move(repository), range));
  }
  co_return get_from(table->cursor(), path);
}

Task<Result<std::vector<TableRef>>> Snapshots::Impl::tables(Context context,
                                                            RepositoryRef repository,
                                                            std::vector<model::RangeInfo> ranges) {
  std::vector<TableRef> tables(ranges.size());
  std::vector<std::size_t> missing;
  std::vector<Task<Result<TableRef>>> loads;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    tables[i] = files.find_table(*repository, ranges[i].id);
    if (tables[i] != nullptr) continue;
    missing.push_back(i);
    loads.push_back(files.table(context, repository, std::move(ranges[i])));
  }
  if (loads.size() == 1) {
    VARVE_CO_TRY(tables[missing.front()], co_await std::move(loads.front()));
  } else if (!loads.empty()) {
    auto loaded = co_await base::join_all(std::move(loads), model::RangeLoadFanOutMax);
    for (std::size_t i = 0; i < loaded.size(); ++i) {
      VARVE_CO_TRY(tables[missing[i]], std::move(loaded[i]));
    }
  }
  co_return tables;
}

Task<Result<std::vector<Record>>> Snapshots::get_many(Context context, RepositoryRef repository,
                                                      SnapshotRef snapshot,
                                                      std::vector<std::string> paths) {
  std::vector<Record> records(paths.size());
  std::vector<Lookup> lookups = lookups_of(*snapshot, paths);
  const auto few = std::partition(lookups.begin(), lookups.end(), [&](const Lookup& lookup) {
    const model::RangeInfo& range = snapshot->ranges[lookup.range];
    return lookup.count * LookupBytes >= range.estimated_size ||
           impl_->files.find_table(*repository, range.id) != nullptr ||
           !impl_->files.is_verified(*repository, range.id);
  });
  for (auto lookup = few; lookup != lookups.end(); ++lookup) {
    for (std::size_t i = lookup->first; i < lookup->first + lookup->count; ++i) {
      VARVE_CO_TRY(records[i], co_await get(context, repository, snapshot, paths[i]));
    }
  }
  lookups.erase(few, lookups.end());
  std::vector<model::RangeInfo> ranges;
  for (const Lookup& lookup : lookups) ranges.push_back(snapshot->ranges[lookup.range]);
  VARVE_CO_TRY(
      std::vector<TableRef> tables,
      co_await impl_->tables(std::move(context), std::move(repository), std::move(ranges)));
  for (std::size_t i = 0; i < lookups.size(); ++i) lookups[i].table = std::move(tables[i]);
  auto job = [&lookups, &paths, &records]() -> Result<void> {
    for (const Lookup& lookup : lookups) VARVE_CHECK(get_all(lookup, paths, records));
    return {};
  };
  if (paths.size() <= InlinePathsMax) {
    VARVE_CO_CHECK(job());
  } else {
    VARVE_CO_CHECK(co_await impl_->files.core().offload.run(std::move(job)));
  }
  co_return records;
}

}  // namespace varve::engine
