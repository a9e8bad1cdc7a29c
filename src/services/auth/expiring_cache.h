// A bounded map whose entries are fresh for a while. An expired entry is still found, marked stale,
// so that its owner can renew it for less than it cost to make.
//
// Any thread may call; the mutex is held for a look-up only.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/time.h"

namespace varve::services {

template <class Value>
class ExpiringCache {
 public:
  struct Found {
    Value value;
    bool is_fresh = false;
  };

  explicit ExpiringCache(std::size_t entries_max) : entries_max_(entries_max) {}

  std::optional<Found> find(const std::string& key, base::MonotonicTime now) const {
    const std::lock_guard lock(mutex_);
    const auto it = entries_.find(key);
    if (it == entries_.end()) return std::nullopt;
    return Found{it->second.value, now < it->second.fresh_until};
  }

  void put(const std::string& key, Value value, base::MonotonicTime fresh_until) {
    if (entries_max_ == 0) return;
    const std::lock_guard lock(mutex_);
    const auto [it, is_new] = entries_.insert_or_assign(key, Entry{std::move(value), fresh_until});
    if (!is_new) return;
    order_.push_back(key);
    // The oldest makes room; names that were erased meanwhile are dropped on the way.
    while (entries_.size() > entries_max_ || order_.size() > 2 * entries_max_) {
      if (order_.front() != key) entries_.erase(order_.front());
      order_.pop_front();
    }
  }

  void erase(const std::string& key) {
    const std::lock_guard lock(mutex_);
    entries_.erase(key);
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    entries_.clear();
    order_.clear();
  }

 private:
  struct Entry {
    Value value;
    base::MonotonicTime fresh_until;
  };

  const std::size_t entries_max_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;  // guarded by mutex_
  std::deque<std::string> order_;                   // guarded by mutex_: oldest first
};

}  // namespace varve::services
