// RangeTrace: what hashing a range leaves behind. A range that begins with the same records need
// not hash and compress them again: the state of the hash at the start of some blocks is kept, and
// the blocks themselves are in the file. A few octets for a thousand of the file; never stored.
//
// Holds for ranges written with the same parameters: under them no record before a point ends a
// range. Immutable once made, shared freely.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "format/range_writer.h"
#include "format/table_reader.h"
#include "format/table_writer.h"
#include "model/ids.h"

namespace varve::format {

struct RangeTrace {
  // The start of a block, and what is before it.
  struct Point {
    TableProgress before;
    std::uint64_t content_bytes = 0;           // hashed
    std::shared_ptr<const base::Hasher> hash;  // shared by ranges that begin alike
  };
  static constexpr std::uint64_t StepBytes = 128U << 10U;  // of content, from point to point

  RangeParams params;
  std::vector<Point> points;  // ascending

  std::size_t memory_bytes() const { return sizeof *this + points.size() * 400; }
};

// Recomputes the id of a range from its content, as verify_range_id does, and leaves its trace.
// Looks, too, whether the table's index leads to every record: the id does not tell.  [I-2]
//   Corruption   another id, unreadable, or an index that does not fit
base::Result<RangeTraceRef> trace_range(const model::RangeId& id, const Table& table,
                                        const RangeParams& params);

}  // namespace varve::format
