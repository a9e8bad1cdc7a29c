#include "engine/tree/verified_ranges.h"

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "base/rng.h"
#include "format/table_reader.h"

namespace varve::engine {
namespace {

constexpr std::size_t KeyBytes = 32;
constexpr std::size_t Overhead = 300;  // of the cache's own nodes and the names, about

}  // namespace

VerifiedRanges::VerifiedRanges(base::Rng& rng, std::size_t bytes_max)
    : key_(rng.bytes(KeyBytes)), ranges_(bytes_max) {}

void VerifiedRanges::remember(std::string_view name, std::string_view file,
                              format::RangeTraceRef trace) {
  auto verified = std::make_shared<Verified>();
  verified->checksum = base::poly1305(key_, file);
  const std::size_t bytes = Overhead + trace->memory_bytes();
  verified->trace = std::move(trace);
  ranges_.put(name, std::move(verified), bytes);
}

format::RangeTraceRef VerifiedRanges::find(std::string_view name, std::string_view file) {
  const std::shared_ptr<const Verified> known = ranges_.get(name);
  if (known == nullptr || base::poly1305(key_, file) != known->checksum) return nullptr;
  return known->trace;
}

}  // namespace varve::engine
