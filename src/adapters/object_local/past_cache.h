// Writing large files past the page cache.
//
// A large object has to be on the disk before its put is answered, so the kernel's cache saves no
// waiting: it costs a copy of every octet and the pages for them, which is most of what a large put
// costs. Small and odd pieces, and file systems that will not have it, go through the cache.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace varve::adapters {

// Pieces below this are not worth it.
constexpr std::size_t PastCacheBytesMin = std::size_t{256} << 10U;

// Writes `bytes` at the file's position, which is a multiple of `PastCacheAlignBytes`, as far as
// that goes past the cache: to the last multiple, or not at all. How much was written; the rest is
// still to be.
//   errors of write_failure
constexpr std::size_t PastCacheAlignBytes = 4096;
base::Result<std::size_t> write_past_cache(int file, std::string_view bytes);

}  // namespace varve::adapters
