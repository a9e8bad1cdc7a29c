// CommitGraphs: the commit graph of each repository in use (kernel/graph.h), shared by whatever
// walks history: log, merge base. A graph only grows, by about 100 bytes a commit; what is dropped
// from this cache is built again by the next walk.
//
// A graph is used under its mutex, never across a suspension: step until the walk needs a commit,
// unlock, load it, lock, add, go on.
//
// Any thread may call.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/core/lru_cache.h"
#include "engine/refs/change_notes.h"
#include "kernel/graph.h"
#include "model/records.h"

namespace varve::engine {

struct SharedGraph {
  std::mutex mutex;
  // Guarded by mutex.
  kernel::CommitGraph graph;
  ChangeNotes notes;  // may be forgotten at any moment the mutex is not held
};
// Shared by the cache and by the walks under way; the last one frees it.
using SharedGraphRef = std::shared_ptr<SharedGraph>;

class CommitGraphs {
 public:
  static constexpr std::size_t GraphsMax = 256;  // repositories

  explicit CommitGraphs(std::size_t note_bytes_max)
      : note_bytes_max_(note_bytes_max), graphs_(GraphsMax) {}

  SharedGraphRef of(const model::Repository& repository) {
    const std::string key = repository.partition();
    SharedGraphRef graph = graphs_.get(key);
    if (graph != nullptr) return graph;
    // Two walks that start at once may build one each; the later one stays.
    graph = std::make_shared<SharedGraph>();
    graphs_.put(key, graph);
    const std::scoped_lock lock(mutex_);
    std::erase_if(all_, [](const std::weak_ptr<SharedGraph>& one) { return one.expired(); });
    all_.push_back(graph);
    return graph;
  }

  // Called when notes were put into `grown`, whose mutex is not held: if all graphs together have
  // more than they may, the others forget theirs, and `grown` too if that is not enough. Whether
  // `grown` keeps them.
  bool bound_notes(const SharedGraphRef& grown) {
    const std::scoped_lock lock(mutex_);
    if (note_bytes() <= note_bytes_max_) return true;
    for (const std::weak_ptr<SharedGraph>& one : all_) {
      const SharedGraphRef graph = one.lock();
      if (graph != nullptr && graph != grown) forget_notes(*graph);
    }
    if (note_bytes() <= note_bytes_max_) return true;
    forget_notes(*grown);
    return false;
  }

 private:
  std::size_t note_bytes() {
    std::size_t bytes = 0;
    for (const std::weak_ptr<SharedGraph>& one : all_) {
      const SharedGraphRef graph = one.lock();
      if (graph == nullptr) continue;
      const std::scoped_lock lock(graph->mutex);
      bytes += graph->notes.bytes();
    }
    return bytes;
  }
  static void forget_notes(SharedGraph& graph) {
    const std::scoped_lock lock(graph.mutex);
    graph.notes.clear();
  }

  const std::size_t note_bytes_max_;
  LruCache<SharedGraphRef> graphs_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<SharedGraph>> all_;  // guarded by mutex_
};

}  // namespace varve::engine
