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

#include "engine/core/lru_cache.h"
#include "kernel/graph.h"
#include "model/records.h"

namespace varve::engine {

struct SharedGraph {
  std::mutex mutex;
  kernel::CommitGraph graph;  // guarded by mutex
};
// Shared by the cache and by the walks under way; the last one frees it.
using SharedGraphRef = std::shared_ptr<SharedGraph>;

class CommitGraphs {
 public:
  static constexpr std::size_t GraphsMax = 256;  // repositories

  CommitGraphs() : graphs_(GraphsMax) {}

  SharedGraphRef of(const model::Repository& repository) {
    const std::string key = repository.partition();
    SharedGraphRef graph = graphs_.get(key);
    if (graph != nullptr) return graph;
    // Two walks that start at once may build one each; the later one stays.
    graph = std::make_shared<SharedGraph>();
    graphs_.put(key, graph);
    return graph;
  }

 private:
  LruCache<SharedGraphRef> graphs_;
};

}  // namespace varve::engine
