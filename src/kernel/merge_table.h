// The merge table: what becomes of one path, given its identity on three sides. A pure function;
// every cell has a name and a test.  [I-7]
//
// Source: engine.md 10.5 (merge) and 10.3 (three-dot diff), with the fixes of 17 (Q1, Q2): the
// caller passes the base record of the *same* path or nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace varve::kernel {

enum class MergeStrategy : std::uint8_t { None, DestinationWins, SourceWins };

// An identity, or nullopt where the side has no such path.
using Side = std::optional<std::string_view>;

enum class Take : std::uint8_t {
  Source,       // the source's record (or its absence)
  Destination,  // the destination's record (or its absence)
  Convergent,   // both sides agree
  Conflict,
};

Take decide_merge(Side base, Side source, Side destination, MergeStrategy strategy);

// What merging source into destination would show for this path (three-dot diff).
enum class Shown : std::uint8_t { Nothing, Added, Removed, Changed, Conflict };

Shown decide_shown(Side base, Side source, Side destination);

}  // namespace varve::kernel
