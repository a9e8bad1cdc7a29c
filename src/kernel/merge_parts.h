// Cuts a three-way merge of trees into parts that may be merged at the same time: each by a
// MergeWalk of its own over its ranges and the whole base, and with a writer of its own. What they
// write, one after the other, is what one walk over everything writes.
//
// The cut is behind a path with which a range ends on both sides: both have a record there, so the
// result has one, whatever the merge decides. Where the key alone ends a range (engine.md 4.4), the
// range being written ends there too, and nothing of it reaches into the next part.
#pragma once

#include <cstdint>
#include <vector>

#include "kernel/tree_side.h"

namespace varve::kernel {

struct MergePart {
  RangeSpan source;
  RangeSpan destination;
};

struct MergeCuts {
  // A range ends after any key whose hash this divides; 0: not because of the key alone.
  std::uint64_t raggedness = 0;
  // A part has ranges of this size that the sides do not share, or it is the last.
  std::uint64_t bytes_min = 0;
};

// At least one, in order. Not for merges of which a part of the destination is left out.
std::vector<MergePart> merge_parts(RangeSpan source, RangeSpan destination, const MergeCuts& cuts);

}  // namespace varve::kernel
