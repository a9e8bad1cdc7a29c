#include "adapters/object_local/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "adapters/object_local/beneath.h"
#include "adapters/object_local/fd.h"
#include "adapters/object_local/file_stream.h"
#include "adapters/object_local/journal_record.h"
#include "adapters/object_local/replay.h"
#include "adapters/object_local/segments.h"
#include "adapters/object_local/workspace.h"
#include "base/batch_thread.h"
#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "ports/object_types.h"

namespace varve::adapters {

using base::Bytes;
using base::Code;
using base::Error;
using base::Result;
using base::SharedBytes;
using base::Task;
using base::Timestamp;
using ports::PutMode;
using Kind = JournalRecord::Kind;

namespace {

constexpr std::size_t QueueMax = 16384;  // writes that wait for the journal
constexpr std::size_t GroupBytesMax = 2U << 20U;
constexpr std::size_t GroupWritesMax = 1024;
// A folder that somebody removes while we put into it is made again, but not for ever.
constexpr int NamingTriesMax = 3;

Result<Timestamp> modified_at(int file) {
  struct stat status{};
  if (::fstat(file, &status) != 0) return write_failure(errno);
  return Timestamp{status.st_mtim.tv_sec, static_cast<std::int32_t>(status.st_mtim.tv_nsec)};
}

static_assert(GroupBytesMax + 2 * Journal::ContentBytesMax < Segments::SegmentBytes);

}  // namespace

Journal::Journal(Workspace& workspace, std::vector<std::uint64_t> retired)
    : workspace_(workspace),
      segments_(workspace.journal(), workspace.root(), std::move(retired)),
      thread_(QueueMax, [this](std::deque<Request*>& waiting) { serve(waiting); }) {}

Journal::~Journal() { thread_.stop(); }

Result<std::unique_ptr<Journal>> Journal::open(Workspace& workspace) {
  VARVE_TRY(std::vector<std::uint64_t> segments, replay_journal(workspace));
  workspace.sweep();
  return std::make_unique<Journal>(workspace, std::move(segments));
}

Task<Result<Timestamp>> Journal::put(std::string path, SharedBytes content, PutMode mode) {
  Request request{Kind::Put, mode, std::move(path), std::move(content), std::nullopt, {}, {}};
  co_return co_await submit(&request);
}

Task<Result<Timestamp>> Journal::name(std::string path, TempFile file, PutMode mode) {
  Request request{Kind::Name, mode, std::move(path), file.name(), std::nullopt, {}, {}};
  request.file.emplace(std::move(file));
  co_return co_await submit(&request);
}

Task<Result<void>> Journal::remove(std::string path) {
  Request request{Kind::Remove, PutMode::Overwrite, std::move(path), {}, std::nullopt, {}, {}};
  VARVE_CO_CHECK(co_await submit(&request));
  co_return Result<void>();
}

Task<Result<Timestamp>> Journal::submit(Request* request) {
  const base::Submission submission = co_await thread_.submit(request);
  switch (submission) {
    case base::Submission::Served:
      co_return std::move(request->answer);
    case base::Submission::QueueFull:
      co_return Error(Code::Unavailable, "too many writes wait for the object store");
    case base::Submission::Stopped:
      break;
  }
  co_return Error(Code::Unavailable, "the object store is closed");
}

void Journal::serve(std::deque<Request*>& waiting) {
  while (!waiting.empty()) {
    const Group group = take_group(waiting);
    commit(group);
  }
}

// The next requests that fit one sync, each of another name: so a record that is not carried out is
// the last of its name, and an object that must be absent is so before the group.
Journal::Group Journal::take_group(std::deque<Request*>& waiting) {
  Group group;
  std::unordered_set<std::string_view> names;
  std::size_t bytes = 0;
  while (!waiting.empty() && group.size() < GroupWritesMax && bytes < GroupBytesMax) {
    Request* request = waiting.front();
    if (!names.insert(request->path).second) break;
    if (request->mode == PutMode::IfAbsent && exists(request->path)) {
      request->answer = Error(Code::AlreadyExists, "object exists");
    }
    waiting.pop_front();
    group.push_back(request);
    bytes += request->path.size() + request->content.view.size();
  }
  return group;
}

void Journal::commit(const Group& group) {
  std::vector<JournalRecord> records;
  for (const Request* request : group) {
    if (request->answer) records.push_back(request->record());
  }
  if (const Result<void> logged = log(records); !logged) {
    for (Request* request : group) {
      if (request->answer) request->answer = logged.error();
    }
  }
  // What is in the journal but cannot be done must not be done by a replay either.
  std::vector<JournalRecord> undone;
  for (Request* request : group) {
    if (!request->answer) continue;
    request->answer = apply(*request);
    if (!request->answer) undone.push_back({Kind::Leave, request->path, ""});
  }
  if (const Result<void> logged = log(undone); !logged) {
    for (Request* request : group) {
      if (!request->answer) request->answer = logged.error();
    }
  }
  for (Request* request : group) base::BatchThread<Request>::wake(request);
}

Result<void> Journal::log(const std::vector<JournalRecord>& records) {
  if (records.empty()) return {};
  std::size_t bytes = 0;
  for (const JournalRecord& record : records) bytes += bytes_of(record);
  VARVE_TRY(const std::uint64_t segment, segments_.prepare(bytes));
  buffer_.clear();
  for (const JournalRecord& record : records) append_record(buffer_, segment, record);
  return segments_.append(buffer_);
}

Result<Timestamp> Journal::apply(Request& request) {
  switch (request.kind) {
    case Kind::Put:
      return write_small(request.path, request.content.view, request.mode);
    case Kind::Name:
      return give_name(*request.file, request.path, request.mode);
    case Kind::Remove:
      VARVE_CHECK(unlink(request.path));
      break;
    case Kind::Leave:
      break;
  }
  return Timestamp();
}

// A new name is written where it is, which spares a rename: nobody knows it yet, and a crash in
// between is the journal's to mend. What is there is replaced in one step.
Result<Timestamp> Journal::write_small(const std::string& path, std::string_view content,
                                       PutMode mode) {
  VARVE_TRY(const int folder, folder_of_object(path));
  const std::string name = name_in(path);
  constexpr int Flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  const Fd file(::openat(folder, name.c_str(), Flags, FileMode));
  if (file) {
    const Result<void> written = write_all(file.get(), content);
    if (written) return modified_at(file.get());
    ::unlinkat(folder, name.c_str(), 0);
    return written.error();
  }
  if (errno == EEXIST && mode == PutMode::IfAbsent) {
    return Error(Code::AlreadyExists, "object already exists");
  }
  if (errno != EEXIST && errno != ENOENT) return write_failure(errno);
  FileDraft draft(workspace_);
  VARVE_CHECK(draft.append(content));
  return give_name(*draft.file, path, mode);
}

Result<Timestamp> Journal::give_name(TempFile& file, const std::string& path, PutMode mode) {
  VARVE_TRY(const Timestamp modified, modified_at(file.descriptor()));
  for (int tries = 1;; ++tries) {
    VARVE_TRY(const int folder, folder_of_object(path));
    const Result<void> named = file.give_name(folder, name_in(path), mode);
    if (named) return modified;
    if (named.error().code() != Code::NotFound || tries == NamingTriesMax) return named.error();
    folder_ = Fd();
  }
}

Result<void> Journal::unlink(const std::string& path) {
  const std::string folder = folder_of(path);
  const Fd opened =
      open_beneath(workspace_.root(), folder.empty() ? "." : folder, O_PATH | O_DIRECTORY);
  if (!opened) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    return write_failure(errno);
  }
  if (::unlinkat(opened.get(), name_in(path).c_str(), 0) == 0) return {};
  if (errno == ENOENT || errno == EISDIR) return {};
  return write_failure(errno);
}

Result<int> Journal::folder_of_object(const std::string& path) {
  std::string folder = folder_of(path);
  if (!folder_ || folder != folder_path_) {
    VARVE_TRY(folder_, workspace_.make_folder_of(path));
    folder_path_ = std::move(folder);
  }
  return folder_.get();
}

bool Journal::exists(const std::string& path) const {
  return static_cast<bool>(open_beneath(workspace_.root(), path, O_PATH));
}

}  // namespace varve::adapters
