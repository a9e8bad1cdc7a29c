// The commit graph in memory, and the walks over it: merge base and log. engine.md 10.4, 10.10.
//
// A CommitGraph keeps about 100 bytes a commit and only grows. Walks hold positions, not commits,
// and never load one: a step that meets a commit the graph does not know yet says so, the caller
// adds it and calls again.
//
//   for (;;) {
//     const GraphStep step = walk.next(graph);
//     if (step.kind == GraphStep::Kind::Need) { graph.add(load(graph.id(step.commit))); continue; }
//     ...
//   }
//
// One thread at a time. Between two calls of a walk the graph may grow.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/records.h"

namespace varve::kernel {

using CommitIndex = std::uint32_t;  // of a commit in its graph; as good as the commit's id

class CommitGraph {
 public:
  CommitGraph();

  // The index of `id`, which the graph may know nothing else about yet.
  CommitIndex intern(std::string_view id);
  // Makes the commit known; once more changes nothing, since a commit never changes.  [I-1]
  CommitIndex add(const model::Commit& commit);

  bool is_known(CommitIndex commit) const { return links_[commit].is_known; }
  std::string id(CommitIndex commit) const;
  std::size_t size() const { return ids_.size(); }  // indexes in use

  // Of a known commit.
  base::Timestamp creation_date(CommitIndex commit) const { return dates_[commit]; }
  std::int32_t generation(CommitIndex commit) const { return links_[commit].generation; }
  std::size_t parent_count(CommitIndex commit) const { return links_[commit].parent_count; }
  CommitIndex parent(CommitIndex commit, std::size_t ordinal) const;

  // Whether `a` has the greater id, byte by byte.
  bool is_id_greater(CommitIndex a, CommitIndex b) const { return ids_[a] > ids_[b]; }

 private:
  using RawId = std::array<unsigned char, 32>;
  // What every step of a walk reads, so small that those of a long history stay near the processor.
  struct Links {
    CommitIndex parent = 0;  // the only one; of several, the place of the first in parents_
    std::int32_t generation = 0;
    std::uint16_t parent_count = 0;
    bool is_known = false;
  };

  static std::uint64_t hash_of(const RawId& id);
  std::size_t slot_of(const RawId& id) const;
  void grow();

  // By index.
  std::vector<Links> links_;
  std::vector<base::Timestamp> dates_;
  std::vector<RawId> ids_;

  std::vector<CommitIndex> parents_;  // of commits that have several
  // Open addressing: index + 1 below 32 bits of the id, so that few others are looked at; 0 is
  // free.
  std::vector<std::uint64_t> slots_;
  // Ids that are not 64 hex digits: a parent in a record that came from outside may be any text.
  std::map<CommitIndex, std::string> odd_ids_;
};

struct GraphStep {
  enum class Kind : std::uint8_t {
    Commit,  // the next commit of the walk, or the answer
    Need,    // add this commit and call again
    End,     // no further commit; no merge base
  };
  Kind kind;
  CommitIndex commit = 0;
};

// The best common ancestor of two commits, as lakeFS chooses it: commits are taken by generation,
// and the first parent found to be reached from both sides is the answer. A commit is its own
// ancestor.
class MergeBaseWalk {
 public:
  MergeBaseWalk(CommitIndex left, CommitIndex right) : left_(left), right_(right) {}

  GraphStep next(const CommitGraph& graph);

 private:
  enum Flag : std::uint8_t { FromLeft = 1, FromRight = 2, FromBoth = 3 };

  void push(const CommitGraph& graph, CommitIndex commit);
  CommitIndex pop(const CommitGraph& graph);

  CommitIndex left_;
  CommitIndex right_;
  bool is_started_ = false;
  std::vector<std::uint8_t> reached_;  // by index: Flag bits
  std::vector<CommitIndex> heap_;
  std::optional<CommitIndex> current_;  // whose parents are being looked at
  std::size_t parent_ = 0;              // the next one of them
};

// Commits reachable from one, newest first by date (ties: greater id first). Not topological: with
// skewed clocks a parent may come before an unrelated child.
class LogWalk {
 public:
  struct Options {
    std::optional<base::Timestamp> since;  // older commits are not visited, nor what is behind them
    bool first_parent = false;
  };

  LogWalk(CommitIndex start, Options options) : start_(start), options_(options) {}

  GraphStep next(const CommitGraph& graph);

 private:
  void push(const CommitGraph& graph, CommitIndex commit);

  CommitIndex start_;
  Options options_;
  bool is_started_ = false;
  std::vector<bool> seen_;
  std::vector<CommitIndex> heap_;
  std::optional<CommitIndex> current_;
  std::size_t parent_ = 0;
};

}  // namespace varve::kernel
