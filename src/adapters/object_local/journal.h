// Journal: the one place where objects get and lose their names, and what makes that durable.
//
// Syncing a small file and its folder costs more than all else in storing it. So what happens is
// first written to a journal, one sync for all who wait at the time, and then done to the files
// without any sync; the whole file system is synced once for many (segments.h). After a crash the
// journal is replayed: for each name its last record wins, and is done again.
//
// One thread does it all, in the order of the records: so what is in the folders always follows
// from the journal, and "only if absent" needs no other lock.
//
// Any task may call. Must outlive the tasks that use it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/object_local/fd.h"
#include "adapters/object_local/journal_record.h"
#include "adapters/object_local/segments.h"
#include "adapters/object_local/workspace.h"
#include "base/batch_thread.h"
#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "base/waiter.h"
#include "ports/object_types.h"

namespace varve::adapters {

class Journal {
 public:
  // Objects up to this size go through the journal whole.
  static constexpr std::size_t ContentBytesMax = 128U << 10U;

  // Replays what a crash left and starts. Blocks. `workspace` must outlive it.
  static base::Result<std::unique_ptr<Journal>> open(Workspace& workspace);
  Journal(Workspace& workspace, std::vector<std::uint64_t> retired);
  ~Journal();  // finishes what was accepted

  // When the object was last modified, once its name is durable.
  //   AlreadyExists      the mode asked for absence
  //   InvalidArgument    the name is a folder, or below an object
  //   ResourceExhausted  Detail::StorageFull; nothing happened
  //   OutcomeUnknown     the disk failed
  base::Task<base::Result<base::Timestamp>> put(std::string path, base::SharedBytes content,
                                                ports::PutMode mode);
  // The same of a file that TempFile::sync() has made durable.
  base::Task<base::Result<base::Timestamp>> name(std::string path, TempFile file,
                                                 ports::PutMode mode);
  // An absent object is fine.
  base::Task<base::Result<void>> remove(std::string path);

 private:
  // Lives in the frame of its task, which is suspended until it is answered.
  struct Request {
    JournalRecord::Kind kind;
    ports::PutMode mode = ports::PutMode::Overwrite;
    std::string path;
    base::SharedBytes content;
    std::optional<TempFile> file;
    base::Result<base::Timestamp> answer = base::Timestamp();
    std::optional<base::Waiter> waiter;

    JournalRecord record() const { return {kind, path, content.view}; }
  };
  using Group = std::vector<Request*>;

  base::Task<base::Result<base::Timestamp>> submit(Request* request);

  // The journal's thread.
  void serve(std::deque<Request*>& waiting);
  Group take_group(std::deque<Request*>& waiting);
  void commit(const Group& group);
  base::Result<void> log(const std::vector<JournalRecord>& records);
  base::Result<base::Timestamp> apply(Request& request);
  base::Result<base::Timestamp> write_small(const std::string& path, std::string_view content,
                                            ports::PutMode mode);
  base::Result<base::Timestamp> give_name(TempFile& file, const std::string& path,
                                          ports::PutMode mode);
  base::Result<void> unlink(const std::string& path);
  base::Result<int> folder_of_object(const std::string& path);
  bool exists(const std::string& path) const;

  Workspace& workspace_;
  Segments segments_;        // this and the rest are the thread's
  std::string folder_path_;  // the last folder used, kept open: uploads come in runs
  Fd folder_;
  std::string buffer_;
  base::BatchThread<Request> thread_;
};

}  // namespace varve::adapters
