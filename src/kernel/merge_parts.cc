#include "kernel/merge_parts.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/hash.h"
#include "kernel/tree_side.h"
#include "model/records.h"

namespace varve::kernel {

std::vector<MergePart> merge_parts(RangeSpan source, RangeSpan destination, const MergeCuts& cuts) {
  std::vector<MergePart> parts;
  std::size_t s = 0;
  std::size_t d = 0;
  std::uint64_t bytes = 0;  // of ranges that one side has alone, since the last cut
  while (cuts.raggedness != 0 && s < source.size() && d < destination.size()) {
    const model::RangeInfo& ours = source[s];
    const model::RangeInfo& theirs = destination[d];
    const int order = ours.max_key.compare(theirs.max_key);
    if (order <= 0) ++s;
    if (order >= 0) ++d;
    if (ours.id != theirs.id) {
      if (order <= 0) bytes += ours.estimated_size;
      if (order >= 0) bytes += theirs.estimated_size;
    }
    if (order != 0 || bytes < cuts.bytes_min) continue;
    if (base::fnv1a64(ours.max_key) % cuts.raggedness != 0) continue;
    parts.push_back({source.first(s), destination.first(d)});
    source = source.subspan(s);
    destination = destination.subspan(d);
    s = d = 0;
    bytes = 0;
  }
  if (parts.empty() || !source.empty() || !destination.empty()) {
    parts.push_back({source, destination});
  }
  return parts;
}

}  // namespace varve::kernel
