// LruCache<V>: a bounded map from a text key to a cheap handle (a shared_ptr), least recently used
// out first. Sharded, so that loops seldom meet at one mutex.
//
// A value loaded from a store may be out of date by the time it is put in: somebody may have
// written and dropped the entry meanwhile. Who loads what can change takes an epoch first and puts
// with it:
//
//   const auto epoch = cache.epoch(key);
//   ... load ...
//   cache.put_if(key, value, epoch);       // does nothing if the key was dropped since
//
// Any thread may call.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace varve::engine {

// A key of two parts, built without touching the heap when it is short.
class CacheKey {
 public:
  CacheKey(std::string_view a, std::string_view b) {
    const std::size_t size = a.size() + 1 + b.size();
    char* out = inline_.data();
    if (size > inline_.size()) {
      heap_.resize(size);
      out = heap_.data();
    }
    a.copy(out, a.size());
    out[a.size()] = '/';
    b.copy(out + a.size() + 1, b.size());
    size_ = size;
  }
  std::string_view view() const {
    return {size_ > inline_.size() ? heap_.data() : inline_.data(), size_};
  }

 private:
  std::array<char, 192> inline_;
  std::string heap_;
  std::size_t size_ = 0;
};

template <class V>
class LruCache {
 public:
  explicit LruCache(std::size_t entries_max) : shard_entries_max_(entries_max / ShardCount + 1) {}

  // The value, or V{}.
  V get(std::string_view key) {
    Shard& shard = shard_of(key);
    const std::scoped_lock lock(shard.mutex);
    const auto found = shard.index.find(key);
    if (found == shard.index.end()) return V{};
    shard.order.splice(shard.order.begin(), shard.order, found->second);
    return found->second->second;
  }

  void put(std::string_view key, V value) {
    Shard& shard = shard_of(key);
    const std::scoped_lock lock(shard.mutex);
    put_locked(shard, key, std::move(value));
  }

  std::uint64_t epoch(std::string_view key) {
    Shard& shard = shard_of(key);
    const std::scoped_lock lock(shard.mutex);
    return shard.epoch;
  }

  void put_if(std::string_view key, V value, std::uint64_t epoch) {
    Shard& shard = shard_of(key);
    const std::scoped_lock lock(shard.mutex);
    if (shard.epoch == epoch) put_locked(shard, key, std::move(value));
  }

  void drop(std::string_view key) {
    Shard& shard = shard_of(key);
    const std::scoped_lock lock(shard.mutex);
    ++shard.epoch;
    const auto found = shard.index.find(key);
    if (found == shard.index.end()) return;
    const auto entry = found->second;
    shard.index.erase(found);  // first: its key is a view into the entry
    shard.order.erase(entry);
  }

 private:
  using Order = std::list<std::pair<std::string, V>>;  // newest first
  struct Shard {
    std::mutex mutex;
    // Guarded by mutex.
    Order order;
    std::unordered_map<std::string_view, typename Order::iterator> index;
    std::uint64_t epoch = 0;
  };
  static constexpr std::size_t ShardCount = 16;

  Shard& shard_of(std::string_view key) {
    // The map uses the low bits of the same hash, so the shard takes others.
    return shards_[(std::hash<std::string_view>{}(key) >> 24U) % ShardCount];
  }

  void put_locked(Shard& shard, std::string_view key, V value) {
    const auto found = shard.index.find(key);
    if (found != shard.index.end()) {
      found->second->second = std::move(value);
      shard.order.splice(shard.order.begin(), shard.order, found->second);
      return;
    }
    shard.order.emplace_front(std::string(key), std::move(value));
    shard.index.emplace(shard.order.front().first, shard.order.begin());
    if (shard.order.size() <= shard_entries_max_) return;
    shard.index.erase(shard.order.back().first);
    shard.order.pop_back();
  }

  std::size_t shard_entries_max_;
  std::array<Shard, ShardCount> shards_;
};

}  // namespace varve::engine
