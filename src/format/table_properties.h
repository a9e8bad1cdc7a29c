// The properties that the container itself writes into every table (engine.md 3.6). Private to the
// table writer.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "format/table_writer.h"

namespace varve::format {

struct TableStatistics {
  std::uint64_t data_size = 0;  // of all data blocks, trailers included
  std::uint64_t data_blocks = 0;
  std::uint64_t records = 0;
  std::uint64_t raw_key_size = 0;  // suffixes included
  std::uint64_t raw_value_size = 0;
  std::uint64_t index_size = 0;
  std::uint64_t index_partitions = 0;  // 0: the index has one level
  std::uint64_t top_level_index_size = 0;
};

// The properties block: raw keys, one restart, uncompressed.
base::Bytes encode_properties(const Properties& callers, const TableStatistics& statistics);

}  // namespace varve::format
