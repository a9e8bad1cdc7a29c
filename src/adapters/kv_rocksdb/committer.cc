#include "adapters/kv_rocksdb/committer.h"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/status.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/kv_rocksdb/database.h"
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

// Looking for room writes a file, which is work, and in vain while the disk is full.
constexpr std::chrono::milliseconds FullInterval(200);
// A database that only lags serves meanwhile, and opening it again holds everybody up.
constexpr std::chrono::seconds LaggingInterval(5);

}  // namespace

Committer::Committer(Database& database, base::Clock& clock, Options options)
    : database_(database),
      clock_(clock),
      options_(options),
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
  const base::Submission submission = co_await thread_.submit(request);
  switch (submission) {
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
  const Result<void> writable = ensure_writable();
  while (!waiting.empty() && group.size() < GroupWritesMax && group_.bytes() < GroupBytesMax) {
    Request* request = waiting.front();
    waiting.pop_front();
    group.push_back(request);
    if (!writable) continue;
    if (request->write == nullptr) {
      group_.add_range_removal(request->begin, request->end);
      break;
    }
    request->answer = group_.add(database_.writer(), *request->write);
  }
  const Result<void> applied = group_.empty() ? writable : apply();
  group_.clear();
  // A conflict may have been with a write of this very group, so it too is told only now that the
  // group is durable; if the group failed, nobody knows who would have won.
  for (Request* request : group) {
    if (!applied) request->answer = applied.error();
    base::BatchThread<Request>::wake(request);
  }
}

Result<void> Committer::apply() {
  rocksdb::WriteOptions how;
  how.sync = options_.sync_writes;
  const rocksdb::Status status = database_.writer().Write(how, &group_.batch());
  if (status.ok()) return {};
  database_.note_failure(status);
  return write_error(status);
}

// A database that ran out of space is opened again, as soon as there is room.
Result<void> Committer::ensure_writable() {
  const Health health = database_.health();
  if (health == Health::Well) return {};
  if (health == Health::Broken) return database_.refusal();
  const base::MonotonicTime now = clock_.monotonic();
  const bool is_waiting = now < retry_at_;
  if (health == Health::Lagging) {
    if (is_waiting) return {};
    retry_at_ = now + LaggingInterval;
    // Whatever comes of it: while it takes writes they are taken.
    if (database_.reopen() || database_.health() == Health::Lagging) return {};
    return database_.refusal();
  }
  if (refusal_ && is_waiting) return *refusal_;
  const Result<void> reopened = database_.reopen();
  if (reopened) {
    refusal_.reset();
    return {};
  }
  retry_at_ = now + FullInterval;
  refusal_ = reopened.error();
  return *refusal_;
}

}  // namespace varve::adapters
