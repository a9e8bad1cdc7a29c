// What the sources of tree/ share.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "engine/tree/tree.h"
#include "engine/tree/tree_files.h"
#include "format/table_reader.h"
#include "model/records.h"

namespace varve::engine {

struct Snapshots::Impl {
  explicit Impl(Core& core) : files(core) {}

  // Opens what is not cached, several at a time.
  base::Task<base::Result<std::vector<TableRef>>> tables(base::Context context,
                                                         RepositoryRef repository,
                                                         std::vector<model::RangeInfo> ranges);

  TreeFiles files;
};

// The first range whose last key is >= `path`; the number of ranges if there is none.
std::size_t range_reaching(const Snapshot& snapshot, std::string_view path);

// The record a cursor stands at.
base::Result<model::EntryRecord> record_at(const format::TableCursor& cursor);

}  // namespace varve::engine
