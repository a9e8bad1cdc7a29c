#include "adapters/kv_rocksdb/committer.h"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/status.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/kv_rocksdb/status.h"
#include "adapters/kv_rocksdb/write_group.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "base/unique_function.h"
#include "base/waiter.h"
#include "ports/kv_store.h"

namespace varve::adapters {

using base::Code;
using base::Error;
using base::Result;
using base::Task;

namespace {

// What one sync may carry. Enough for any number of small writes that can wait at once; a group of
// large ones must not keep the small ones behind it waiting.
constexpr std::size_t GroupBytesMax = 4U << 20U;
constexpr std::size_t GroupWritesMax = 4096;

// Resuming writes what is in memory to a file, which is work, and in vain while the disk is full.
constexpr std::chrono::milliseconds ResumeInterval(200);

}  // namespace

void BackgroundErrors::OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/,
                                         rocksdb::Status* error) {
  if (error->severity() >= rocksdb::Status::Severity::kHardError) has_stopped_writes_ = true;
}

void BackgroundErrors::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/,
                                            rocksdb::Status error, bool* auto_recovery) {
  error.PermitUncheckedError();
  *auto_recovery = false;
}

Committer::Committer(rocksdb::DB& db, std::shared_ptr<BackgroundErrors> errors, base::Clock& clock,
                     Options options)
    : db_(db), errors_(std::move(errors)), clock_(clock), options_(options), group_(db) {
  thread_ = std::thread([this] { serve(); });
}

Committer::~Committer() { stop(); }

void Committer::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

Task<Result<void>> Committer::write(ports::KvWrite write) {
  Request request;
  request.write = &write;
  co_return co_await submit(&request);
}

Task<Result<void>> Committer::remove_range(std::string begin, std::string end) {
  Request request;
  request.begin = std::move(begin);
  request.end = std::move(end);
  co_return co_await submit(&request);
}

Task<Result<void>> Committer::submit(Request* request) {
  base::UniqueFunction<void(base::Waiter)> start([this, request](base::Waiter waiter) {
    request->waiter.emplace(std::move(waiter));
    if (enqueue(*request)) return;
    base::Waiter refused = std::move(*request->waiter);
    std::move(refused).wake();
  });
  co_await base::suspend(std::move(start));
  co_return std::move(request->answer);
}

// False: the request was answered at once.
bool Committer::enqueue(Request& request) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) {
      request.answer = Error(Code::Unavailable, "the key-value store is closed");
      return false;
    }
    if (queue_.size() >= options_.queue_max) {
      request.answer =
          Error(Code::Unavailable, "Throughput exceeded. Slow down and retry");  // lakeFS's text
      return false;
    }
    queue_.push_back(&request);
  }
  wake_.notify_one();
  return true;
}

void Committer::serve() {
  std::deque<Request*> waiting;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      waiting.swap(queue_);
    }
    while (!waiting.empty()) commit_group(waiting);
  }
}

// Takes from the front of `waiting` what fits one group, and sees it through.
void Committer::commit_group(std::deque<Request*>& waiting) {
  std::vector<Request*> group;
  while (!waiting.empty() && group.size() < GroupWritesMax && group_.bytes() < GroupBytesMax) {
    Request* request = waiting.front();
    waiting.pop_front();
    group.push_back(request);
    if (request->write == nullptr) {
      group_.add_range_removal(request->begin, request->end);
      break;
    }
    request->answer = group_.add(*request->write);
  }
  const Result<void> applied = group_.empty() ? Result<void>() : apply();
  group_.clear();
  answer(group, applied);
}

// A conflict may have been with a write of this very group, so it too is told only now that the
// group is durable; if the group failed, nobody knows who would have won.
void Committer::answer(std::vector<Request*>& group, const Result<void>& applied) {
  for (Request* request : group) {
    if (!applied) request->answer = applied.error();
    base::Waiter waiter = std::move(*request->waiter);
    std::move(waiter).wake();  // the request is gone from here on
  }
}

Result<void> Committer::apply() {
  if (is_stopped_ || errors_->has_stopped_writes()) VARVE_CHECK(resume());
  rocksdb::WriteOptions how;
  how.sync = options_.sync_writes;
  const rocksdb::Status status = db_.Write(how, &group_.batch());
  if (status.ok()) return {};
  is_stopped_ = true;
  return write_error(status);
}

Result<void> Committer::resume() {
  is_stopped_ = true;
  const base::MonotonicTime now = clock_.monotonic();
  if (refusal_ && now < retry_at_) return *refusal_;
  const rocksdb::Status status = db_.Resume();
  if (!status.ok()) {
    retry_at_ = now + ResumeInterval;
    refusal_ = refused_error(status);
    return *refusal_;
  }
  errors_->clear();
  refusal_.reset();
  is_stopped_ = false;
  return {};
}

}  // namespace varve::adapters
