#include "kernel/merge_table.h"

namespace varve::kernel {

Take decide_merge(Side base, Side source, Side destination, MergeStrategy strategy) {
  if (source == destination) return Take::Convergent;
  if (base == source) return Take::Destination;  // only the destination changed it
  if (base == destination) return Take::Source;
  switch (strategy) {
    case MergeStrategy::SourceWins:
      return Take::Source;
    case MergeStrategy::DestinationWins:
      return Take::Destination;
    case MergeStrategy::None:
      break;
  }
  return Take::Conflict;
}

Shown decide_shown(Side base, Side source, Side destination) {
  if (source == destination) return Shown::Nothing;
  if (base == source) return Shown::Nothing;
  if (base != destination) return Shown::Conflict;
  if (!destination.has_value()) return Shown::Added;
  return source.has_value() ? Shown::Changed : Shown::Removed;
}

}  // namespace varve::kernel
