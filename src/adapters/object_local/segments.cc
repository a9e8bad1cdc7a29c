#include "adapters/object_local/segments.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/object_local/beneath.h"
#include "adapters/object_local/fd.h"
#include "adapters/object_local/journal_record.h"
#include "base/result.h"

namespace varve::adapters {

using base::Code;
using base::Error;
using base::Result;

namespace {

constexpr const char* SpareName = "spare";
constexpr const char* NewName = "new";
constexpr std::size_t RetiredMax = 1;  // more, and whoever writes waits for the disk
constexpr std::chrono::seconds RetryInterval(1);

}  // namespace

Segments::Segments(int folder, int root, std::vector<std::uint64_t> retired)
    : folder_(folder), root_(root), number_(retired.empty() ? 0 : retired.back()) {
  retired_.assign(retired.begin(), retired.end());
  if (!retired_.empty()) syncer_ = std::thread([this] { sync_retired(); });
}

Segments::~Segments() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  if (syncer_.joinable()) syncer_.join();
}

Result<std::uint64_t> Segments::prepare(std::size_t bytes) {
  if (is_broken_) return Error(Code::Unavailable, "the object store's journal has failed");
  if (used_ + bytes > SegmentBytes) VARVE_CHECK(start_next());
  return number_;
}

Result<Fd> Segments::new_segment(const std::string& name) const {
  if (::renameat(folder_, SpareName, folder_, name.c_str()) == 0) {
    Fd file(::openat(folder_, name.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file) return write_failure(errno);
    return file;
  }
  // Allocated and synced before it has its name: a segment is never short of room.
  Fd file(::openat(folder_, NewName, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file) return write_failure(errno);
  const int failure = ::posix_fallocate(file.get(), 0, SegmentBytes);
  if (failure != 0 || ::fsync(file.get()) != 0) {
    const int number = failure != 0 ? failure : errno;
    ::unlinkat(folder_, NewName, 0);
    return write_failure(number);
  }
  if (::renameat(folder_, NewName, folder_, name.c_str()) != 0) return write_failure(errno);
  return file;
}

Result<void> Segments::start_next() {
  if (file_) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return retired_.size() <= RetiredMax; });
  }
  VARVE_TRY(Fd next, new_segment(segment_name(number_ + 1)));
  if (::fsync(folder_) != 0) return write_failure(errno);
  if (file_) {
    const std::lock_guard lock(mutex_);
    retired_.push_back(number_);
    if (!syncer_.joinable()) syncer_ = std::thread([this] { sync_retired(); });
  }
  changed_.notify_all();
  file_ = std::move(next);
  ++number_;
  used_ = 0;
  return {};
}

Result<void> Segments::append(const std::string& records) {
  std::size_t written = 0;
  while (written < records.size()) {
    const ssize_t count = ::pwrite(file_.get(), records.data() + written, records.size() - written,
                                   static_cast<off_t>(used_ + written));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    written += static_cast<std::size_t>(count);
  }
  if (written < records.size() || ::fdatasync(file_.get()) != 0) {
    is_broken_ = true;  // what a failed sync leaves in memory cannot be told from what is on disk
    return Error(Code::OutcomeUnknown, "object store's journal: " + write_failure(errno).message());
  }
  used_ += records.size();
  return {};
}

// Everything that the records of a retired segment say was done before it was retired.
void Segments::sync_retired() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    if (retired_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const std::uint64_t segment = retired_.front();
    lock.unlock();
    const bool is_released = ::syncfs(root_) == 0 && release(segment);
    lock.lock();
    if (is_released) {
      retired_.pop_front();
      changed_.notify_all();
    } else {
      changed_.wait_for(lock, RetryInterval);
    }
  }
}

// Its end must be durable before the next one's is: an old segment that came back alone would undo
// what newer ones had said.
bool Segments::release(std::uint64_t segment) const {
  const std::string name = segment_name(segment);
  return ::renameat(folder_, name.c_str(), folder_, SpareName) == 0 && ::fsync(folder_) == 0;
}

}  // namespace varve::adapters
