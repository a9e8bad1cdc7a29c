// Mutexes that tasks wait for without blocking their loop. In-process only: they spare requests a
// lost race, they never make anything safe. Safety between servers comes from compare-and-set.
//
// First come, first served. A waiter resumes on its own loop, holding the lock. Dropping the guard
// passes the lock on, so a task that is cancelled or destroyed cannot keep it.
//
// Any thread may call. Must outlive its guards and waiters.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"

namespace varve::base {

// One mutex for each key; a key costs memory only while somebody holds or wants it.
class KeyedMutex {
 public:
  // Holds the lock of one key until it is destroyed or moved from.
  class Guard {
   public:
    Guard(Guard&& other) noexcept;
    Guard& operator=(Guard&& other) noexcept;
    ~Guard();

   private:
    friend class KeyedMutex;
    Guard(KeyedMutex& mutex, std::string key);
    void release();

    KeyedMutex* mutex_;  // null: moved from
    std::string key_;
  };

  explicit KeyedMutex(std::size_t waiters_max);  // of one key  [I-13]
  ~KeyedMutex();
  KeyedMutex(const KeyedMutex&) = delete;
  KeyedMutex& operator=(const KeyedMutex&) = delete;

  // Waits for the lock of `key`.
  //   ResourceExhausted  too many wait for it already
  //   Cancelled          the request was cancelled, before or while it waited
  Task<Result<Guard>> lock(Context context, std::string key);

  std::size_t keys() const;  // held or wanted

 private:
  struct Impl;
  void unlock(const std::string& key);

  std::unique_ptr<Impl> impl_;
};

// One mutex.
class AsyncMutex {
 public:
  using Guard = KeyedMutex::Guard;

  explicit AsyncMutex(std::size_t waiters_max) : mutex_(waiters_max) {}

  // As KeyedMutex::lock.
  Task<Result<Guard>> lock(Context context);

 private:
  KeyedMutex mutex_;
};

}  // namespace varve::base
