#include "adapters/object_local/replay.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/object_local/beneath.h"
#include "adapters/object_local/fd.h"
#include "adapters/object_local/file_stream.h"
#include "adapters/object_local/journal_record.h"
#include "adapters/object_local/segments.h"
#include "adapters/object_local/workspace.h"
#include "base/bytes.h"
#include "base/result.h"
#include "ports/object_types.h"

namespace varve::adapters {

using base::Bytes;
using base::Code;
using base::Result;
using ports::PutMode;
using Kind = JournalRecord::Kind;

namespace {

Result<Bytes> read_whole(int folder, const std::string& name) {
  const Fd file = open_beneath(folder, name, O_RDONLY | O_NONBLOCK);
  if (!file) return read_failure(errno);
  VARVE_TRY(const ports::ObjectInfo info, file_info(file, ports::ObjectAddress()));
  Bytes bytes(static_cast<std::size_t>(info.size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::pread(file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return read_failure(errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

// Whether the object is already what the record says: nearly all are, unless the power failed.
// NOTE: after a sync that failed a file may read as it should, and be otherwise on the disk.
bool holds(const Workspace& workspace, const JournalRecord& record) {
  const std::string path(record.path);
  const Fd file = open_beneath(workspace.root(), path, O_PATH);
  if (!file) return false;
  const Result<ports::ObjectInfo> info = file_info(file, ports::ObjectAddress());
  if (!info || info->size != static_cast<std::int64_t>(record.content.size())) return false;
  const Result<Bytes> bytes = read_whole(workspace.root(), path);
  return bytes && *bytes == record.content;
}

Result<void> put_again(const Workspace& workspace, const JournalRecord& record,
                       bool are_files_trusted) {
  if (are_files_trusted && holds(workspace, record)) return {};
  const std::string path(record.path);
  FileDraft draft(workspace);
  VARVE_CHECK(draft.append(Bytes(record.content)));
  VARVE_TRY(const Fd folder, workspace.make_folder_of(path));
  return draft.file->give_name(folder.get(), name_in(path), PutMode::Overwrite);
}

// The file is no longer in tmp/ if it got its name, which is the usual case.
Result<void> name_again(const Workspace& workspace, const JournalRecord& record) {
  const std::string path(record.path);
  VARVE_TRY(const Fd folder, workspace.make_folder_of(path));
  const std::string temp(record.content);
  const int failure =
      ::renameat(workspace.temp(), temp.c_str(), folder.get(), name_in(path).c_str()) == 0 ? 0
                                                                                           : errno;
  if (failure == 0 || failure == ENOENT) return {};
  return write_failure(failure);
}

Result<void> remove_again(const Workspace& workspace, const JournalRecord& record) {
  const std::string path(record.path);
  const std::string folder = folder_of(path);
  const Fd opened =
      open_beneath(workspace.root(), folder.empty() ? "." : folder, O_PATH | O_DIRECTORY);
  if (opened) ::unlinkat(opened.get(), name_in(path).c_str(), 0);
  return {};
}

Result<void> do_again(const Workspace& workspace, const JournalRecord& record,
                      bool are_files_trusted) {
  switch (record.kind) {
    case Kind::Put:
      return put_again(workspace, record, are_files_trusted);
    case Kind::Name:
      return name_again(workspace, record);
    case Kind::Remove:
      return remove_again(workspace, record);
    case Kind::Leave:
      break;
  }
  return {};
}

// The bytes of each segment, by number.
Result<std::map<std::uint64_t, Bytes>> read_segments(const Workspace& workspace) {
  std::map<std::uint64_t, Bytes> segments;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(
      ::fdopendir(::openat(workspace.journal(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
      ::closedir);
  if (!stream) return read_failure(errno);
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (const auto number = segment_number(name)) {
      VARVE_TRY(segments[*number], read_whole(workspace.journal(), name));
    } else if (name != Segments::UnsyncedName) {
      ::unlinkat(workspace.journal(), name.c_str(), 0);  // a spare, or one that never began
    }
  }
  return segments;
}

// The last record of each path, without those that were not carried out. Views into the segments.
class LastRecords {
 public:
  void add(const JournalRecord& record) {
    if (record.kind == Kind::Leave) return take_back(record.path);
    const Numbered added{record, count_++};
    const auto [place, is_first] = by_path_.try_emplace(record.path, added);
    if (is_first) return;
    place->second.before = place->second.last;
    place->second.last = added;
  }

  // In the order they were written in: an object may be where the folder of another had to go
  // first.
  std::vector<JournalRecord> in_order() const {
    std::vector<Numbered> numbered;
    for (const auto& [path, records] : by_path_) numbered.push_back(records.last);
    std::ranges::sort(numbered, {}, &Numbered::number);
    std::vector<JournalRecord> records;
    for (const Numbered& one : numbered) records.push_back(one.record);
    return records;
  }

 private:
  struct Numbered {
    JournalRecord record;
    std::size_t number;
  };
  struct Records {
    explicit Records(Numbered first) : last(first) {}
    Numbered last;
    std::optional<Numbered> before;
  };

  // What the record that was not carried out would have replaced still stands, and may not have
  // reached the disk.
  void take_back(std::string_view path) {
    const auto place = by_path_.find(path);
    if (place == by_path_.end()) return;
    if (!place->second.before) {
      by_path_.erase(place);
      return;
    }
    place->second.last = *place->second.before;
    place->second.before.reset();
  }

  std::unordered_map<std::string_view, Records> by_path_;
  std::size_t count_ = 0;
};

}  // namespace

Result<std::vector<std::uint64_t>> replay_journal(const Workspace& workspace) {
  VARVE_TRY(const auto segments, read_segments(workspace));
  std::vector<std::uint64_t> numbers;
  LastRecords last;
  for (const auto& [number, bytes] : segments) {
    numbers.push_back(number);
    std::string_view rest = bytes;
    while (const auto record = take_record(rest, number)) last.add(*record);
  }
  const bool are_files_trusted = !open_beneath(workspace.journal(), Segments::UnsyncedName, O_PATH);
  for (const JournalRecord& record : last.in_order()) {
    const Result<void> done = do_again(workspace, record, are_files_trusted);
    // The name is a folder, or below an object: so it was when the process died between writing the
    // record and taking it back, and nobody was told otherwise.
    if (!done && done.error().code() != Code::InvalidArgument) return done.error();
  }
  return numbers;
}

}  // namespace varve::adapters
