// Ranges that were verified once, or written here. One that the cache of tables has dropped since
// is read again, whole or in part, and need not be decompressed and hashed again: checksums of its
// pieces tell that it is the file it was, as long as their key, which is drawn at the start, stays
// in here.
//
// Keeps what verifying left behind, too: the range's trace, for as long as there is room. A range
// without one is written anew from its first record on.
//
// Any thread may call. Private to engine/tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/rng.h"
#include "engine/tree/byte_lru.h"
#include "format/range_trace.h"
#include "format/table_reader.h"

namespace varve::engine {

// A file, to be told from any other. Immutable.
struct VerifiedRange {
  static constexpr std::uint64_t PieceBytes = 16U << 10U;

  std::uint64_t file_bytes = 0;
  std::uint64_t metadata_offset = 0;  // of its table
  base::Bytes checksums;              // of its pieces, in order

  // `stretch`, as far as the file has it, and the rest of the pieces it begins and ends in.
  format::TableStretch pieces_around(const format::TableStretch& stretch) const;
};
using VerifiedRangeRef = std::shared_ptr<const VerifiedRange>;

class VerifiedRanges {
 public:
  struct Budget {
    std::size_t checksum_bytes;  // an octet for 2,048 of the files
    std::size_t trace_bytes;
  };
  VerifiedRanges(base::Rng& rng, Budget budget);

  // `name` says which range of which namespace it is, `file` is all of it.
  VerifiedRangeRef remember(std::string_view name, std::string_view file,
                            std::uint64_t metadata_offset, format::RangeTraceRef trace);

  void forget(std::string_view name);
  VerifiedRangeRef find(std::string_view name);             // nullptr: it has to be verified
  format::RangeTraceRef find_trace(std::string_view name);  // nullptr: not known any more

  // Whether whole pieces of a file are what they were.
  bool is_same(const VerifiedRange& range, const format::TableWindow& pieces) const;

 private:
  base::Bytes checksum(std::string_view piece) const;

  const base::Bytes key_;
  ByteLru<VerifiedRangeRef> ranges_;
  ByteLru<format::RangeTraceRef> traces_;
};

}  // namespace varve::engine
