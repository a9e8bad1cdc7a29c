#include "engine/tree/verified_ranges.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/rng.h"
#include "format/table_reader.h"

namespace varve::engine {
namespace {

constexpr std::size_t KeyBytes = 32;
constexpr std::size_t ChecksumBytes = 8;  // an accident passes once in 2^64, and the key is secret
constexpr std::size_t Overhead = 300;     // of a cache's own nodes and the names, about

}  // namespace

format::TableStretch VerifiedRange::pieces_around(const format::TableStretch& stretch) const {
  const std::uint64_t begin = std::min(stretch.offset, file_bytes) / PieceBytes * PieceBytes;
  const std::uint64_t end = std::min(stretch.end(), file_bytes);
  const std::uint64_t rounded = (end + PieceBytes - 1) / PieceBytes * PieceBytes;
  return {begin, std::min(rounded, file_bytes) - begin};
}

VerifiedRanges::VerifiedRanges(base::Rng& rng, Budget budget)
    : key_(rng.bytes(KeyBytes)), ranges_(budget.checksum_bytes), traces_(budget.trace_bytes) {}

// One key for many messages is safe while nobody sees the checksums.
base::Bytes VerifiedRanges::checksum(std::string_view piece) const {
  return base::poly1305(key_, piece).substr(0, ChecksumBytes);
}

VerifiedRangeRef VerifiedRanges::remember(std::string_view name, std::string_view file,
                                          std::uint64_t metadata_offset,
                                          format::RangeTraceRef trace) {
  auto verified = std::make_shared<VerifiedRange>();
  verified->file_bytes = file.size();
  verified->metadata_offset = metadata_offset;
  for (std::size_t at = 0; at < file.size(); at += VerifiedRange::PieceBytes) {
    verified->checksums += checksum(file.substr(at, VerifiedRange::PieceBytes));
  }
  ranges_.put(name, verified, Overhead + verified->checksums.size());
  const std::size_t trace_bytes = Overhead + trace->memory_bytes();
  traces_.put(name, std::move(trace), trace_bytes);
  return verified;
}

void VerifiedRanges::forget(std::string_view name) {
  ranges_.drop(name);
  traces_.drop(name);
}

VerifiedRangeRef VerifiedRanges::find(std::string_view name) { return ranges_.get(name); }

format::RangeTraceRef VerifiedRanges::find_trace(std::string_view name) {
  return traces_.get(name);
}

bool VerifiedRanges::is_same(const VerifiedRange& range, const format::TableWindow& pieces) const {
  const format::TableStretch stretch = pieces.stretch();
  const format::TableStretch whole = range.pieces_around(stretch);
  if (whole.offset != stretch.offset || whole.size != stretch.size) return false;
  const std::string_view checksums = range.checksums;
  std::size_t known = stretch.offset / VerifiedRange::PieceBytes * ChecksumBytes;
  for (std::size_t at = 0; at < stretch.size; at += VerifiedRange::PieceBytes) {
    const std::string_view piece = pieces.bytes.view.substr(at, VerifiedRange::PieceBytes);
    if (checksum(piece) != checksums.substr(known, ChecksumBytes)) return false;
    known += ChecksumBytes;
  }
  return true;
}

}  // namespace varve::engine
