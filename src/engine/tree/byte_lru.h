// ByteLru<V>: a map from a text key to a cheap handle (a shared_ptr), bounded by the bytes behind
// the handles; least recently used out first. What is thrown out lives on as long as somebody holds
// it. Sharded, so that loops seldom meet at one mutex; one budget for all shards.
//
// Any thread may call.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace varve::engine {

template <class V>
class ByteLru {
 public:
  explicit ByteLru(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // The value, or V{}.
  V get(std::string_view key) {
    Shard& shard = shards_[shard_of(key)];
    const std::scoped_lock lock(shard.mutex);
    const auto found = shard.index.find(key);
    if (found == shard.index.end()) return V{};
    shard.order.splice(shard.order.begin(), shard.order, found->second);
    return found->second->value;
  }

  // Puts it in, `bytes` being what it keeps in memory. One that is in already stays. Something
  // larger than the whole budget is kept until the next put.
  void put(std::string_view key, V value, std::size_t bytes) {
    const std::size_t first = shard_of(key);
    {
      Shard& shard = shards_[first];
      const std::scoped_lock lock(shard.mutex);
      if (shard.index.contains(key)) return;
      shard.order.push_front(Entry{std::string(key), std::move(value), bytes});
      shard.index.emplace(shard.order.front().key, shard.order.begin());
      bytes_.fetch_add(bytes, std::memory_order_relaxed);
    }
    // One shard at a time: the entry's own keeps the newcomer, the others give what they must.
    for (std::size_t i = 0; i < ShardCount && is_over(); ++i) {
      shrink(shards_[(first + i) % ShardCount], i == 0 ? 1 : 0);
    }
  }

  void drop(std::string_view key) {
    Order dropped;  // destroyed outside the lock
    Shard& shard = shards_[shard_of(key)];
    const std::scoped_lock lock(shard.mutex);
    const auto found = shard.index.find(key);
    if (found == shard.index.end()) return;
    const auto entry = found->second;
    bytes_.fetch_sub(entry->bytes, std::memory_order_relaxed);
    shard.index.erase(found);
    dropped.splice(dropped.begin(), shard.order, entry);
  }

  std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  struct Entry {
    std::string key;
    V value;
    std::size_t bytes;
  };
  using Order = std::list<Entry>;  // newest first
  struct Shard {
    std::mutex mutex;
    // Guarded by mutex.
    Order order;
    std::unordered_map<std::string_view, typename Order::iterator> index;
  };
  static constexpr std::size_t ShardCount = 16;

  static std::size_t shard_of(std::string_view key) {
    // The map uses the low bits of the same hash, so the shard takes others.
    return (std::hash<std::string_view>{}(key) >> 24U) % ShardCount;
  }

  bool is_over() const { return bytes_.load(std::memory_order_relaxed) > bytes_max_; }

  void shrink(Shard& shard, std::size_t entries_kept) {
    Order dropped;  // destroyed outside the lock
    {
      const std::scoped_lock lock(shard.mutex);
      while (is_over() && shard.order.size() > entries_kept) {
        bytes_.fetch_sub(shard.order.back().bytes, std::memory_order_relaxed);
        shard.index.erase(shard.order.back().key);
        dropped.splice(dropped.begin(), shard.order, std::prev(shard.order.end()));
      }
    }
  }

  const std::size_t bytes_max_;
  std::atomic<std::size_t> bytes_ = 0;
  std::array<Shard, ShardCount> shards_;
};

}  // namespace varve::engine
