// BatchThread: a thread of its own that serves requests of many tasks, all that wait at a time.
// What group commit is made of: one sync answers everybody who came while the last one ran.
//
//   struct Request { ...; std::optional<Waiter> waiter; };     // lives in the task's frame
//   switch (co_await thread.submit(&request)) { ... }          // Served: the answer is in it
//
// Any thread may submit. Must outlive the tasks that use it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/task.h"
#include "base/unique_function.h"
#include "base/waiter.h"

namespace varve::base {

enum class Submission : std::uint8_t { Served, QueueFull, Stopped };

template <class Request>
class BatchThread {
 public:
  // Serves what waits, in order; must wake(request) each one, and not touch it afterwards.
  using Serve = std::function<void(std::deque<Request*>& waiting)>;

  BatchThread(std::size_t queue_max, Serve serve)
      : queue_max_(queue_max), serve_(std::move(serve)), thread_([this] { run(); }) {}
  ~BatchThread() { stop(); }
  BatchThread(const BatchThread&) = delete;
  BatchThread& operator=(const BatchThread&) = delete;

  // Resumes when the request was served, or at once if it was not accepted.
  Task<Submission> submit(Request* request) {
    Submission outcome = Submission::Served;
    // This task cannot resume before `start` has returned: both are the loop's.
    UniqueFunction<void(Waiter)> start([this, request, &outcome](Waiter waiter) {
      request->waiter.emplace(std::move(waiter));
      outcome = push(request);
      if (outcome != Submission::Served) wake(request);
    });
    co_await suspend(std::move(start));
    co_return outcome;
  }

  static void wake(Request* request) {
    Waiter waiter = std::move(*request->waiter);
    std::move(waiter).wake();
  }

  // Serves what was accepted, refuses the rest, ends the thread.
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

 private:
  Submission push(Request* request) {
    {
      const std::lock_guard lock(mutex_);
      if (is_stopping_) return Submission::Stopped;
      if (queue_.size() >= queue_max_) return Submission::QueueFull;
      queue_.push_back(request);
    }
    wake_.notify_one();
    return Submission::Served;
  }

  void run() {
    std::deque<Request*> waiting;
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
        if (queue_.empty()) return;
        waiting.swap(queue_);
      }
      serve_(waiting);
    }
  }

  const std::size_t queue_max_;
  const Serve serve_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Request*> queue_;  // guarded by mutex_
  bool is_stopping_ = false;    // guarded by mutex_
  std::thread thread_;          // last: it uses the others from the start
};

}  // namespace varve::base
