// ChangeNotes: what the commits of a graph changed (format/changed_paths.h), by their index in it,
// packed so that a log of a path can look at all of them: some 20 bytes a commit that changed one
// object, at most a kilobyte.
//
// One thread at a time, as the graph.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "format/changed_paths.h"
#include "kernel/graph.h"

namespace varve::engine {

class ChangeNotes {
 public:
  bool has(kernel::CommitIndex commit) const {
    return commit < places_.size() && places_[commit] != 0;
  }

  // Of a commit that it has; until the next put() or clear().
  format::ChangedPathsView get(kernel::CommitIndex commit) const {
    const std::size_t at = places_[commit] - 1;
    const std::uint32_t head = words_[at];
    const std::span<const std::uint32_t> words(words_);
    const std::size_t paths = head >> 8U & 0xFFU;
    const std::size_t directories = head & 0xFFU;
    format::ChangedPathsView view;
    view.kind = static_cast<format::ChangedPaths::Kind>(head >> 16U);
    view.paths = words.subspan(at + 1, paths);
    view.directories = words.subspan(at + 1 + paths, directories);
    return view;
  }

  // A commit that it has keeps what it has: a commit never changes.  [I-1]
  void put(kernel::CommitIndex commit, const format::ChangedPaths& changes) {
    if (has(commit)) return;
    if (places_.size() <= commit) places_.resize(commit + std::size_t{1}, 0);
    const auto kind = static_cast<std::uint32_t>(changes.kind);
    const auto paths = static_cast<std::uint32_t>(changes.paths.size());
    const auto directories = static_cast<std::uint32_t>(changes.directories.size());
    places_[commit] = static_cast<std::uint32_t>(words_.size()) + 1;
    words_.push_back(kind << 16U | paths << 8U | directories);
    words_.insert(words_.end(), changes.paths.begin(), changes.paths.end());
    words_.insert(words_.end(), changes.directories.begin(), changes.directories.end());
  }

  void clear() {
    places_ = {};
    words_ = {};
  }

  std::size_t bytes() const {
    return (places_.capacity() + words_.capacity()) * sizeof(std::uint32_t);
  }

 private:
  static_assert(format::ChangedPathsMax <= 0xFF && format::ChangedDirectoriesMax <= 0xFF);

  std::vector<std::uint32_t> places_;  // by commit: where its words begin, and one; 0: unknown
  std::vector<std::uint32_t> words_;   // of each: kind and counts, paths, directories
};

}  // namespace varve::engine
