#include "adapters/kv_rocksdb/committer.h"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/status.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/kv_rocksdb/status.h"
#include "adapters/kv_rocksdb/write_group.h"
#include "base/batch_thread.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
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
    : db_(db),
      errors_(std::move(errors)),
      clock_(clock),
      options_(options),
      group_(db),
      thread_(options.queue_max, [this](std::deque<Request*>& waiting) {
        while (!waiting.empty()) commit_group(waiting);
      }) {}

Committer::~Committer() { stop(); }

void Committer::stop() { thread_.stop(); }

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
  switch (co_await thread_.submit(request)) {
    case base::Submission::Served:
      co_return std::move(request->answer);
    case base::Submission::QueueFull:  // the text is lakeFS's
      co_return Error(Code::Unavailable, "Throughput exceeded. Slow down and retry");
    case base::Submission::Stopped:
      break;
  }
  co_return Error(Code::Unavailable, "the key-value store is closed");
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
  // A conflict may have been with a write of this very group, so it too is told only now that the
  // group is durable; if the group failed, nobody knows who would have won.
  for (Request* request : group) {
    if (!applied) request->answer = applied.error();
    base::BatchThread<Request>::wake(request);
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
