#include "engine/tree/range_uploads.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task_group.h"
#include "base/unique_function.h"
#include "base/waiter.h"
#include "engine/core/core.h"
#include "engine/tree/tree_files.h"
#include "format/range_writer.h"
#include "model/limits.h"

namespace varve::engine {

using base::Result;
using base::Task;

RangeUploads::RangeUploads(TreeFiles& files, base::Context context, RepositoryRef repository)
    : files_(files), context_(std::move(context)), repository_(std::move(repository)) {}

Task<void> RangeUploads::wait() {
  auto start = [this](base::Waiter waiter) { waiters_.push_back(std::move(waiter)); };
  base::UniqueFunction<void(base::Waiter)> park(std::move(start));
  co_await base::suspend(std::move(park));
}

void RangeUploads::wake_all() {
  for (base::Waiter& waiter : std::exchange(waiters_, {})) std::move(waiter).wake();
}

void RangeUploads::add(format::EncodedRange range) {
  bytes_ += range.bytes.size();
  queue_.push_back(std::move(range));
  wake_all();
}

Task<Result<void>> RangeUploads::wait_for_room() {
  while (outcome_.has_value() && bytes_ >= model::TreeUnstoredBytesMax) co_await wait();
  co_return outcome_;
}

Task<Result<void>> RangeUploads::see_off(Task<Result<void>> writer) {
  // However the writer ends: whoever serves must not wait for more.
  struct Closing {
    RangeUploads& uploads;
    ~Closing() {
      uploads.is_closed_ = true;
      uploads.wake_all();
    }
  } closing{*this};
  auto written = co_await std::move(writer);
  if (!written.has_value()) queue_.clear();
  co_return written;
}

Task<Result<void>> RangeUploads::beside(Task<Result<void>> writer) {
  std::vector<Task<Result<void>>> tasks;
  tasks.push_back(see_off(std::move(writer)));
  for (int i = 0; i < model::TreeUploadFanOutMax; ++i) tasks.push_back(serve());
  const std::size_t all = tasks.size();
  auto results = co_await base::join_all(std::move(tasks), all);
  for (Result<void>& result : results) VARVE_CO_CHECK(std::move(result));
  co_return Result<void>();
}

Task<Result<void>> RangeUploads::finish() {
  is_closed_ = true;
  if (queue_.size() <= 1) co_return co_await serve();
  std::vector<Task<Result<void>>> tasks;
  for (int i = 0; i < model::TreeUploadFanOutMax; ++i) tasks.push_back(serve());
  auto results = co_await base::join_all(std::move(tasks), model::TreeUploadFanOutMax);
  for (Result<void>& result : results) VARVE_CO_CHECK(std::move(result));
  co_return Result<void>();
}

// Stores what is added until it is closed and nothing is left, or an upload failed.
Task<Result<void>> RangeUploads::serve() {
  while (outcome_.has_value()) {
    if (queue_.empty()) {
      if (is_closed_) break;
      co_await wait();
      continue;
    }
    format::EncodedRange range = std::move(queue_.front());
    queue_.pop_front();
    const std::size_t bytes = range.bytes.size();
    auto stored = co_await files_.store_range(context_, repository_, std::move(range));
    bytes_ -= bytes;
    if (!stored.has_value() && outcome_.has_value()) outcome_ = std::move(stored);
    wake_all();
  }
  co_return outcome_;
}

}  // namespace varve::engine
