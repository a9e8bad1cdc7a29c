#include "base/async_mutex.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/assert.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "base/unique_function.h"
#include "base/waiter.h"

namespace varve::base {

struct KeyedMutex::Impl {
  explicit Impl(std::size_t w) : waiters_max(w) {}

  const std::size_t waiters_max;
  mutable std::mutex mutex;
  // A key is here while it is locked; its queue holds those that want it next. Guarded by mutex.
  std::unordered_map<std::string, std::deque<Waiter>> locked;
};

KeyedMutex::Guard::Guard(KeyedMutex& mutex, std::string key)
    : mutex_(&mutex), key_(std::move(key)) {}

KeyedMutex::Guard::Guard(Guard&& other) noexcept
    : mutex_(std::exchange(other.mutex_, nullptr)), key_(std::move(other.key_)) {}

KeyedMutex::Guard& KeyedMutex::Guard::operator=(Guard&& other) noexcept {
  if (this == &other) return *this;
  release();
  mutex_ = std::exchange(other.mutex_, nullptr);
  key_ = std::move(other.key_);
  return *this;
}

KeyedMutex::Guard::~Guard() { release(); }

void KeyedMutex::Guard::release() {
  if (KeyedMutex* mutex = std::exchange(mutex_, nullptr)) mutex->unlock(key_);
}

KeyedMutex::KeyedMutex(std::size_t waiters_max) : impl_(std::make_unique<Impl>(waiters_max)) {}

KeyedMutex::~KeyedMutex() { VARVE_ASSERT(keys() == 0); }

std::size_t KeyedMutex::keys() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->locked.size();
}

Task<Result<KeyedMutex::Guard>> KeyedMutex::lock(Context context, std::string key) {
  if (context.is_cancelled()) co_return Error(Code::Cancelled, "cancelled");
  bool must_wait = false;
  {
    const std::lock_guard lock(impl_->mutex);
    const auto [entry, is_first] = impl_->locked.try_emplace(key);
    must_wait = !is_first;
    if (must_wait && entry->second.size() >= impl_->waiters_max) {
      co_return Error(Code::ResourceExhausted, "too many requests wait for the same lock");
    }
  }
  if (must_wait) {
    UniqueFunction<void(Waiter)> enqueue([this, &key](Waiter waiter) {
      std::unique_lock lock(impl_->mutex);
      const auto [entry, is_first] = impl_->locked.try_emplace(key);
      if (!is_first) return entry->second.push_back(std::move(waiter));
      // Released since we looked: the lock is ours already.
      lock.unlock();
      std::move(waiter).wake();
    });
    co_await suspend(std::move(enqueue));
  }
  Guard guard(*this, std::move(key));
  if (context.is_cancelled()) co_return Error(Code::Cancelled, "cancelled");
  co_return std::move(guard);
}

void KeyedMutex::unlock(const std::string& key) {
  std::optional<Waiter> next;
  {
    const std::lock_guard lock(impl_->mutex);
    const auto entry = impl_->locked.find(key);
    VARVE_ASSERT(entry != impl_->locked.end());
    if (entry->second.empty()) {
      impl_->locked.erase(entry);
    } else {
      next.emplace(std::move(entry->second.front()));
      entry->second.pop_front();
    }
  }
  if (next) std::move(*next).wake();  // the lock stays taken: it is the waiter's now
}

Task<Result<AsyncMutex::Guard>> AsyncMutex::lock(Context context) {
  return mutex_.lock(std::move(context), std::string());
}

}  // namespace varve::base
