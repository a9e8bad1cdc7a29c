#include "adapters/object_local/file_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/object_local/beneath.h"
#include "adapters/object_local/fd.h"
#include "adapters/object_local/past_cache.h"
#include "adapters/object_local/workspace.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "base/unique_function.h"
#include "base/waiter.h"
#include "model/errors.h"
#include "model/limits.h"
#include "ports/object_types.h"

namespace varve::adapters {

using base::Bytes;
using base::Code;
using base::Error;
using base::Result;
using base::Task;
using ports::ByteRange;
using ports::ObjectInfo;

namespace {

constexpr std::size_t PieceBytes = model::TransferBufferBytes;
// The disk starts on a long upload while it is still arriving, so that the sync at its end is short
// and the page cache does not fill with it.
constexpr std::int64_t WriteBackBytes = 8 << 20;
// Even from memory a larger read takes longer than an event loop should stand still.
constexpr std::size_t InlineReadBytesMax = 1U << 20U;

Error was_cut() { return Error(Code::Corruption, "object is shorter than it was when opened"); }

// The bytes read, or nothing with errno set. RWF_NOWAIT: only what the page cache has.
std::optional<Bytes> read_some(int file, std::int64_t offset, std::size_t count, int flags) {
  Bytes bytes(count, '\0');
  iovec into{bytes.data(), bytes.size()};
  ssize_t got = 0;
  do {
    got = ::preadv2(file, &into, 1, offset, flags);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

bool cannot_copy_inside(int number) {
  return number == EXDEV || number == ENOSYS || number == EOPNOTSUPP || number == EINVAL;
}

}  // namespace

Result<void> write_all(int file, std::string_view bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = ::write(file, bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno != EINTR) return write_failure(errno);
    if (count > 0) written += static_cast<std::size_t>(count);
  }
  return {};
}

Result<void> copy_bytes(int from, int to, std::int64_t count) {
  constexpr std::int64_t StepMax = 1 << 30;
  off_t offset = 0;
  bool is_inside = true;
  while (offset < count) {
    const auto step = static_cast<std::size_t>(std::min(count - offset, StepMax));
    if (is_inside) {
      const ssize_t copied = ::copy_file_range(from, &offset, to, nullptr, step, 0);
      if (copied > 0 || (copied < 0 && errno == EINTR)) continue;
      if (copied < 0 && !cannot_copy_inside(errno)) return write_failure(errno);
      is_inside = false;  // two file systems, or one that has to be asked to read
    }
    const std::optional<Bytes> piece = read_some(from, offset, std::min(step, PieceBytes), 0);
    if (!piece) return read_failure(errno);
    if (piece->empty()) return was_cut();
    VARVE_CHECK(write_all(to, *piece));
    offset += static_cast<off_t>(piece->size());
  }
  return {};
}

Result<ObjectInfo> file_info(const Fd& file, ports::ObjectAddress address) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return read_failure(errno);
  if (!S_ISREG(status.st_mode)) return model::data_missing();
  ObjectInfo info;
  info.address = std::move(address);
  info.size = status.st_size;
  info.last_modified = {status.st_mtim.tv_sec, static_cast<std::int32_t>(status.st_mtim.tv_nsec)};
  return info;
}

FileReader::FileReader(Fd file, ObjectInfo info, ByteRange range, base::Offload& offload)
    : file_(std::move(file)),
      info_(std::move(info)),
      offset_(range.first),
      left_(range.count),
      offload_(offload) {}

std::optional<ports::FileSpan> FileReader::file_span() const {
  return ports::FileSpan{file_.get(), offset_, left_};
}

Task<Result<Bytes>> FileReader::read(std::size_t bytes_max) {
  const auto count = std::min(bytes_max, static_cast<std::size_t>(left_));
  if (count == 0) co_return Bytes();
  std::optional<Bytes> bytes;
  if (count <= InlineReadBytesMax) bytes = read_some(file_.get(), offset_, count, RWF_NOWAIT);
  if (!bytes) {  // not in memory, or a file system that cannot tell
    auto job = [file = file_.get(), offset = offset_, count]() -> Result<Bytes> {
      std::optional<Bytes> read = read_some(file, offset, count, 0);
      if (!read) return read_failure(errno);
      return std::move(*read);
    };
    VARVE_CO_TRY(bytes, co_await offload_.run(std::move(job)));
  }
  if (bytes->empty()) co_return was_cut();
  offset_ += static_cast<std::int64_t>(bytes->size());
  left_ -= static_cast<std::int64_t>(bytes->size());
  co_return std::move(*bytes);
}

Result<void> FileDraft::append(std::string_view bytes) {
  VARVE_CHECK(append_piece(bytes));
  return write_kept_back();
}

Result<void> FileDraft::append_piece(std::string_view bytes) {
  if (!file) {
    VARVE_TRY(TempFile made, workspace.temp_file());
    file.emplace(std::move(made));
  }
  if (hasher) hasher->update(bytes);
  const bool is_at_page = (size - std::ssize(kept_back)) % std::int64_t{PastCacheAlignBytes} == 0;
  size += std::ssize(bytes);
  if (may_pass_cache && is_at_page && bytes.size() >= PastCacheBytesMin) {
    return append_past_cache(bytes);
  }
  VARVE_CHECK(write_kept_back());
  VARVE_CHECK(write_all(file->descriptor(), bytes));
  if (size - written_back >= WriteBackBytes) {
    ::sync_file_range(file->descriptor(), written_back, size - written_back,
                      SYNC_FILE_RANGE_WRITE);  // a hint
    written_back = size;
  }
  return {};
}

Result<void> FileDraft::append_past_cache(std::string_view bytes) {
  std::string_view all = bytes;
  if (!kept_back.empty()) all = kept_back.append(bytes);
  VARVE_TRY(const std::size_t written, write_past_cache(file->descriptor(), all));
  kept_back = Bytes(all.substr(written));
  if (kept_back.size() < PastCacheAlignBytes) return {};
  may_pass_cache = false;
  return write_kept_back();
}

Result<void> FileDraft::write_kept_back() {
  VARVE_CHECK(write_all(file->descriptor(), kept_back));
  kept_back.clear();
  return {};
}

// The draft, and the one job that may be working on it.
struct FileWriter::Behind {
  explicit Behind(const Workspace& workspace) : draft(workspace) {}

  FileDraft draft;      // the job's while it runs, else the task's
  Result<void> status;  // of the jobs so far; the same

  std::mutex mutex;
  bool is_running = false;             // guarded by mutex
  std::optional<base::Waiter> waiter;  // guarded by mutex

  void set_running(bool is_it) {
    const std::lock_guard lock(mutex);
    is_running = is_it;
  }

  void append_and_wake(const Bytes& bytes) {
    if (status) status = draft.append_piece(bytes);
    std::optional<base::Waiter> woken;
    {
      const std::lock_guard lock(mutex);
      is_running = false;
      std::swap(woken, waiter);
    }
    if (woken) std::move(*woken).wake();
  }

  static Task<void> wait(Behind* behind) {
    {
      const std::lock_guard lock(behind->mutex);
      if (!behind->is_running) co_return;
    }
    base::UniqueFunction<void(base::Waiter)> park([behind](base::Waiter parked) {
      std::unique_lock lock(behind->mutex);
      if (behind->is_running) {
        behind->waiter.emplace(std::move(parked));
        return;
      }
      lock.unlock();
      std::move(parked).wake();
    });
    co_await base::suspend(std::move(park));
  }
};

// A piece for the pool to append. It may still run, and hold the last of the draft, when the writer
// and whoever wrote are gone: so it holds the workspace too, to the last.
struct FileWriter::Appending {
  std::unique_ptr<Workspace::Use> use;  // the first made, so the last to go
  std::shared_ptr<Behind> behind;
  Bytes piece;

  void operator()() const { behind->append_and_wake(piece); }
};

FileWriter::FileWriter(const Workspace& workspace, base::Offload& offload, bool wants_md5,
                       Publish publish)
    : offload_(offload),
      publish_(std::move(publish)),
      behind_(std::make_shared<Behind>(workspace)) {
  if (wants_md5) behind_->draft.hasher.emplace(base::HashKind::Md5);
}

FileWriter::~FileWriter() = default;

Task<Result<void>> FileWriter::write(Bytes bytes) {
  if (piece_.empty()) {
    piece_ = std::move(bytes);
  } else {
    piece_ += bytes;
  }
  if (piece_.size() < PieceBytes) co_return Result<void>();
  co_return co_await flush();
}

// Waits for the piece before this one, then leaves this one to the pool.
Task<Result<void>> FileWriter::flush() {
  co_await Behind::wait(behind_.get());
  if (!behind_->status) co_return behind_->status;
  behind_->set_running(true);
  Appending appending;
  appending.use = std::make_unique<Workspace::Use>(behind_->draft.workspace);
  appending.behind = behind_;
  appending.piece = std::exchange(piece_, Bytes());
  base::UniqueFunction<void()> job(std::move(appending));
  if (!offload_.post(std::move(job))) {
    behind_->set_running(false);
    behind_->status = Error(Code::Unavailable, "too many blocking operations are waiting");
  }
  co_return Result<void>();
}

Task<Result<ObjectInfo>> FileWriter::finish() {
  co_await Behind::wait(behind_.get());
  VARVE_CO_CHECK(behind_->status);
  co_return co_await publish_(&behind_->draft, std::exchange(piece_, Bytes()));
}

}  // namespace varve::adapters
