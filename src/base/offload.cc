#include "base/offload.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "base/unique_function.h"
#include "base/waiter.h"

namespace varve::base {

struct Offload::Impl {
  struct Job {
    UniqueFunction<void()> work;
    std::optional<Waiter> waiter;  // of the task that waits for it, if one does
  };

  explicit Impl(OffloadOptions o) : options(o) {
    threads.reserve(options.threads);
    for (std::size_t i = 0; i < options.threads; ++i) {
      threads.emplace_back([this] { serve(); });
    }
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex);
      is_stopping = true;
    }
    wake.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

  void serve() {
    while (std::optional<Job> job = next()) {
      job->work();
      if (job->waiter) std::move(*job->waiter).wake();
    }
  }

  std::optional<Job> next() {
    std::unique_lock lock(mutex);
    wake.wait(lock, [this] { return is_stopping || !queue.empty(); });
    if (queue.empty()) return std::nullopt;
    std::optional<Job> job(std::move(queue.front()));
    queue.pop_front();
    return job;
  }

  bool has_room() {
    const std::lock_guard lock(mutex);
    return queue.size() < options.queue_max;
  }

  void push(Job job) {
    {
      const std::lock_guard lock(mutex);
      queue.push_back(std::move(job));
    }
    wake.notify_one();
  }

  const OffloadOptions options;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Job> queue;     // guarded by mutex
  bool is_stopping = false;  // guarded by mutex
  std::vector<std::thread> threads;
};

Offload::Offload(OffloadOptions options) : impl_(std::make_unique<Impl>(options)) {}

Offload::~Offload() = default;

std::size_t Offload::queued() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->queue.size();
}

bool Offload::post(UniqueFunction<void()> work) {
  if (impl_->options.threads == 0) {
    work();
    return true;
  }
  if (!impl_->has_room()) return false;
  impl_->push(Impl::Job{std::move(work), std::nullopt});
  return true;
}

Error Offload::queue_is_full() {
  return {Code::Unavailable, "too many blocking operations are waiting"};
}

Error Offload::job_threw(const char* what) {
  return Error(Code::Internal, what).with("blocking operation");
}

Task<bool> Offload::run_erased(UniqueFunction<void()> work) {
  if (impl_->options.threads == 0) {
    work();
    co_return true;
  }
  // Asked before suspending, so the queue may overshoot by one job a loop: a bound, if not a wall.
  if (!impl_->has_room()) co_return false;
  UniqueFunction<void(Waiter)> start([impl = impl_.get(), &work](Waiter waiter) {
    impl->push(Impl::Job{std::move(work), std::move(waiter)});
  });
  co_await suspend(std::move(start));
  co_return true;
}

}  // namespace varve::base
