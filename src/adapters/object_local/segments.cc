#include "adapters/object_local/segments.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
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
  if (used_ + bytes > capacity_) VARVE_CHECK(start_next());
  if (used_ + bytes > capacity_) return write_failure(ENOSPC);  // a small one, for want of room
  return number_;
}

// Waits until no more than so many segments are waiting to be synced; not for a disk that fails to.
Result<void> Segments::wait_for_syncs(std::size_t retired_max) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return retired_.size() <= retired_max || has_sync_failed_; });
  if (retired_.size() <= retired_max) return {};
  return Error(Code::Unavailable,
               "the object store's file system cannot be synced; restart the server when it can");
}

Result<void> Segments::start_next() {
  VARVE_CHECK(wait_for_syncs(RetiredMax));
  const bool has_current = static_cast<bool>(file_);
  const std::uint64_t current = number_;
  const std::string name = segment_name(number_ + 1);
  Result<void> opened = open_next(name);
  const bool is_used_again = !opened && has_current;
  if (is_used_again) opened = use_again(name);
  VARVE_CHECK(opened);
  ++number_;
  used_ = 0;
  if (::fsync(folder_) != 0) {
    is_broken_ = true;  // whether the segment is found after a crash is unknown
    return write_failure(errno);
  }
  if (has_current && !is_used_again) {
    const std::lock_guard lock(mutex_);
    retired_.push_back(current);
    if (!syncer_.joinable()) syncer_ = std::thread([this] { sync_retired(); });
  }
  changed_.notify_all();
  return {};
}

// Opens the spare, or a new file, as the current segment.
Result<void> Segments::open_next(const std::string& name) {
  if (::renameat(folder_, SpareName, folder_, name.c_str()) == 0) {
    Fd file(::openat(folder_, name.c_str(), O_WRONLY | O_CLOEXEC));
    struct stat status{};
    if (!file || ::fstat(file.get(), &status) != 0) return write_failure(errno);
    file_ = std::move(file);
    capacity_ = static_cast<std::size_t>(status.st_size);
    return {};
  }
  for (const std::size_t bytes : {SegmentBytes, SmallSegmentBytes}) {
    Result<Fd> file = allocate(name, bytes);
    if (!file && bytes != SmallSegmentBytes) continue;
    if (!file) return file.error();
    file_ = std::move(*file);
    capacity_ = bytes;
    break;
  }
  return {};
}

// Allocated and synced before it has its name: a segment is never short of room.
Result<Fd> Segments::allocate(const std::string& name, std::size_t bytes) const {
  Fd file(::openat(folder_, NewName, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file) return write_failure(errno);
  const int failure = ::posix_fallocate(file.get(), 0, static_cast<off_t>(bytes));
  if (failure != 0 || ::fsync(file.get()) != 0) {
    const int number = failure != 0 ? failure : errno;
    ::unlinkat(folder_, NewName, 0);
    return write_failure(number);
  }
  if (::renameat(folder_, NewName, folder_, name.c_str()) != 0) return write_failure(errno);
  return file;
}

// Without room for another segment, this one is: once the file system is synced it tells nothing
// new.
Result<void> Segments::use_again(const std::string& name) {
  VARVE_CHECK(wait_for_syncs(0));
  if (!sync_file_system()) return wait_for_syncs(0);
  if (::renameat(folder_, segment_name(number_).c_str(), folder_, name.c_str()) != 0) {
    return write_failure(errno);
  }
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
  while (!is_stopping_ && !has_sync_failed_) {
    if (retired_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const std::uint64_t segment = retired_.front();
    lock.unlock();
    const bool is_released = sync_file_system() && release(segment);
    lock.lock();
    if (is_released) retired_.pop_front();
    if (!is_released) has_sync_failed_ = true;
    if (retired_.empty()) ::unlinkat(folder_, UnsyncedName, 0);  // all was done again, and synced
    changed_.notify_all();
  }
}

// The note is as good as the disk is: it is left in the hope that only some of it fails.
bool Segments::sync_file_system() {
  {
    const std::lock_guard lock(mutex_);
    if (has_sync_failed_) return false;
  }
  if (::syncfs(root_) == 0) return true;
  const Fd note(::openat(folder_, UnsyncedName, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (note && ::fsync(note.get()) == 0) ::fsync(folder_);
  const std::lock_guard lock(mutex_);
  has_sync_failed_ = true;
  return false;
}

// Its end must be durable before the next one's is: an old segment that came back alone would undo
// what newer ones had said.
bool Segments::release(std::uint64_t segment) const {
  const std::string name = segment_name(segment);
  return ::renameat(folder_, name.c_str(), folder_, SpareName) == 0 && ::fsync(folder_) == 0;
}

}  // namespace varve::adapters
