// Segments: the files of the journal. Written one after another; each is retired when it is full,
// and removed once the file system has been synced, because by then it tells nothing new.
//
//   <root>/.varve/journal/<16 hex digits>   a segment (journal_record.h)
//   <root>/.varve/journal/spare             one that was retired, for the next to overwrite: a sync
//                                           of blocks that are there already needs no metadata
//   <root>/.varve/journal/unsynced          a sync of the file system has failed: what the files
//                                           seem to hold may be in memory alone
//
// A sync that fails is not tried again: the kernel says once what it could not write, forgets it,
// and then says that all is well. The segments stay, the journal takes no more when the current one
// is full, and whoever opens the store next does again all that they say.
//
// append() belongs to one thread. A second thread, its own, syncs the file system.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "adapters/object_local/fd.h"
#include "base/result.h"

namespace varve::adapters {

class Segments {
 public:
  static constexpr std::size_t SegmentBytes = 16U << 20U;
  // Of one made on a nearly full disk, so that what frees room can still be written down.
  static constexpr std::size_t SmallSegmentBytes = 256U << 10U;
  static constexpr const char* UnsyncedName = "unsynced";

  // `folder` is the journal's folder, `root` is in the file system to sync. `retired` are the
  // segments there are, ascending: replayed, but not yet synced.
  Segments(int folder, int root, std::vector<std::uint64_t> retired);
  ~Segments();  // leaves what is there, to be replayed: a process ends without waiting for the disk
  Segments(const Segments&) = delete;
  Segments& operator=(const Segments&) = delete;

  // The number of the segment in which a record of `bytes` will be. Starts the next if need be.
  //   ResourceExhausted  no room for another segment
  //   Unavailable        the journal has failed, until the store is opened again
  base::Result<std::uint64_t> prepare(std::size_t bytes);

  // Writes and syncs records, made for the segment that prepare() named.
  //   OutcomeUnknown  they may or may not be there; the journal takes no more
  base::Result<void> append(const std::string& records);

 private:
  base::Result<void> start_next();
  base::Result<void> open_next(const std::string& name);
  base::Result<void> use_again(const std::string& name);
  base::Result<void> wait_for_syncs(std::size_t retired_max);
  base::Result<Fd> allocate(const std::string& name, std::size_t bytes) const;
  void sync_retired();
  bool sync_file_system();
  bool release(std::uint64_t segment) const;

  const int folder_;
  const int root_;
  Fd file_;  // of the current segment
  std::uint64_t number_ = 0;
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
  bool is_broken_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::uint64_t> retired_;  // guarded by mutex_
  bool is_stopping_ = false;           // guarded by mutex_
  bool has_sync_failed_ = false;       // guarded by mutex_
  std::thread syncer_;                 // started when there is something to sync
};

}  // namespace varve::adapters
