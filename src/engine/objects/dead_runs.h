// DeadRuns: stretches of a branch's paths in which a listing found nothing but deleted ones, so
// that the next listing steps over them at once. Where a million paths were deleted, a page would
// otherwise look at a million tombstones again and again.
//
// Used only where this server is the key-value store's one writer
// (EngineOptions::is_single_writer): what it has not written has not changed. A run is true of one
// branch record; it stays true while more is deleted; a write that reveals a path (a value staged,
// a tombstone taken back) drops the run around it. A listing keeps what it found only if no
// revealing write of the token overlapped it, which is why writers say when they begin and end.
//
// Any thread may call.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/lru_cache.h"
#include "engine/refs/refs.h"

namespace varve::engine {

class DeadRuns {
 public:
  static constexpr std::size_t RunPathsMin = 256;  // shorter runs are not worth remembering
  static constexpr std::size_t RunsMax = 1024;     // of one token

  explicit DeadRuns(bool is_single_writer) : is_on_(is_single_writer), tokens_(256) {}

  // A listing of `branch` as it was read.
  class View {
   public:
    View() = default;  // knows nothing and keeps nothing
    // The end of the run that holds `path`; empty: the run has no end.
    std::optional<std::string> beyond(std::string_view path) const;
    // Everything in [from, until) is deleted; an empty `until` means to the end of the branch.
    void keep(std::string from, std::string until) const;

   private:
    friend class DeadRuns;
    DeadRuns* runs_ = nullptr;
    BranchVersionRef branch_;
    std::uint64_t reveals_ = 0;
    bool is_quiet_ = false;
  };
  View view(const BranchVersionRef& branch);

  // Around every write that may reveal `path`.
  class Reveal {
   public:
    Reveal(DeadRuns& runs, const model::StagingToken& token, std::string_view path);
    ~Reveal();
    Reveal(const Reveal&) = delete;
    Reveal& operator=(const Reveal&) = delete;

   private:
    DeadRuns& runs_;
    std::size_t shard_;
  };

 private:
  struct Token {
    std::mutex mutex;
    // Guarded by mutex.
    base::Bytes branch_bytes;  // of the record the runs are true of
    std::map<std::string, std::string, std::less<>> until_by_from;
  };
  using TokenRef = std::shared_ptr<Token>;  // the cache may drop it while a listing uses it
  struct Shard {
    std::atomic<std::uint64_t> reveals = 0;    // begun so far
    std::atomic<std::uint64_t> in_flight = 0;  // begun and not ended
  };
  static constexpr std::size_t ShardCount = 256;

  static std::size_t shard_of(const model::StagingToken& token) {
    return std::hash<std::string_view>{}(token.view()) % ShardCount;
  }

  const bool is_on_;
  std::array<Shard, ShardCount> shards_;
  LruCache<TokenRef> tokens_;
};

}  // namespace varve::engine
