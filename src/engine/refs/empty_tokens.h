// EmptyTokens: which staging tokens are known to hold nothing, so that reads need not look.
//
// True only where this server is the key-value store's one writer
// (EngineOptions::is_single_writer); otherwise it knows nothing and says so. A token is known empty
// when this server made it, or found it empty by a scan, and has begun no write to it since. A
// writer calls begin_write() before it writes; a scanner takes an epoch before it scans and reports
// with it, so that a write begun meanwhile wins.
//
// Any thread may call.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/core/lru_cache.h"
#include "model/ids.h"

namespace varve::engine {

class EmptyTokens {
 public:
  explicit EmptyTokens(bool is_single_writer)
      : is_single_writer_(is_single_writer), known_(65536) {}

  bool is_known_empty(const model::StagingToken& token) {
    return is_single_writer_ && known_.get(token.view()) != nullptr;
  }
  // A token nobody has seen yet.
  void add_fresh(const model::StagingToken& token) {
    if (is_single_writer_) known_.put(token.view(), mark_);
  }
  void begin_write(const model::StagingToken& token) {
    if (is_single_writer_) known_.drop(token.view());
  }

  std::uint64_t epoch(const model::StagingToken& token) { return known_.epoch(token.view()); }
  void found_empty(const model::StagingToken& token, std::uint64_t epoch) {
    if (is_single_writer_) known_.put_if(token.view(), mark_, epoch);
  }

 private:
  bool is_single_writer_;
  // A set would do; the cache's values are handles, and one handle serves for all.
  std::shared_ptr<const bool> mark_ = std::make_shared<const bool>(true);
  LruCache<std::shared_ptr<const bool>> known_;
};

}  // namespace varve::engine
