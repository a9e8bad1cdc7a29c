// Snappy, as tables use it for their blocks.
//
// A stream is uvarint(raw size) and then elements:
//
//   tag & 3 = 0   literal   tag >> 2 is size - 1 below 60; 60 .. 63: size - 1 follows in 1 .. 4
//   octets tag & 3 = 1   copy      4 .. 11 octets from up to 2047 back: size - 4 in bits 2 .. 4,
//   the high
//                           three bits of the offset in bits 5 .. 7, its low octet follows
//   tag & 3 = 2   copy      1 .. 64 octets, size - 1 in tag >> 2, u16le offset follows
//   tag & 3 = 3   copy      the same with u32le offset; read, never written
//
// Any decoder reads any encoder's stream, but *which* stream is written decides the estimated sizes
// of ranges and so their ids and boundaries: the encoder is the classic one, octet for octet
// (engine.md 3.7). libsnappy's differs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace varve::format {

// Keeps its hash table between calls; one thread at a time.
class SnappyEncoder {
 public:
  // Replaces `out`.
  void compress(std::string_view raw, base::Bytes& out);

 private:
  void compress_fragment(std::string_view fragment, base::Bytes& out);

  std::array<std::uint16_t, 16384> table_{};
};

base::Bytes snappy_compress(std::string_view raw);

// Replaces `out`. Bounded by the input: a stream cannot expand more than 64 octets per 3.
//   Corruption   malformed, or of more than `raw_bytes_max` octets
base::Result<void> snappy_decompress(std::string_view stream, std::size_t raw_bytes_max,
                                     base::Bytes& out);

}  // namespace varve::format
