// EmptyTokens: which staging tokens are known to hold nothing, so that reads need not look.
//
// True only where this server is the key-value store's one writer
// (EngineOptions::is_single_writer); otherwise it knows nothing and says so. A token is known empty
// when this server made it, or found it empty by a scan, and has begun no write to it since.
//
// A writer holds a Writing from before it writes until the store has answered; a scanner takes an
// epoch before it scans and reports with it. A scan that overlaps a write may have come before it,
// however early the write began, so its report must not last: if it comes before the write's end,
// the end takes it back; if it comes after, its epoch is old.
//
// Any thread may call.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

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
  // Around every write to a token.
  class Writing {
   public:
    Writing(EmptyTokens& tokens, model::StagingToken token)
        : tokens_(tokens), token_(std::move(token)) {
      tokens_.drop(token_);
    }
    ~Writing() { tokens_.drop(token_); }
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;

   private:
    EmptyTokens& tokens_;
    const model::StagingToken token_;
  };

  std::uint64_t epoch(const model::StagingToken& token) { return known_.epoch(token.view()); }
  void found_empty(const model::StagingToken& token, std::uint64_t epoch) {
    if (is_single_writer_) known_.put_if(token.view(), mark_, epoch);
  }

 private:
  void drop(const model::StagingToken& token) {
    if (is_single_writer_) known_.drop(token.view());
  }

  bool is_single_writer_;
  // A set would do; the cache's values are handles, and one handle serves for all.
  std::shared_ptr<const bool> mark_ = std::make_shared<const bool>(true);
  LruCache<std::shared_ptr<const bool>> known_;
};

}  // namespace varve::engine
