// Ranges that were verified once, or written here. One that the cache of tables has dropped since
// is read again, and need not be decompressed and hashed again: a checksum of the file tells that
// it is the file it was, as long as its key, which is drawn at the start, stays in here.
//
// Keeps what verifying left behind, too: the range's trace. Any thread may call. Private to
// engine/tree.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/rng.h"
#include "engine/tree/byte_lru.h"
#include "format/range_trace.h"

namespace varve::engine {

class VerifiedRanges {
 public:
  VerifiedRanges(base::Rng& rng, std::size_t bytes_max);

  // `name` says which range of which namespace it is, `file` is all of it.
  void remember(std::string_view name, std::string_view file, format::RangeTraceRef trace);
  // The range's trace if this file was remembered; nullptr: it has to be verified.
  format::RangeTraceRef find(std::string_view name, std::string_view file);

 private:
  struct Verified {
    base::Bytes checksum;
    format::RangeTraceRef trace;
  };

  const base::Bytes key_;
  ByteLru<std::shared_ptr<const Verified>> ranges_;
};

}  // namespace varve::engine
