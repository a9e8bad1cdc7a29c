// Committer: the one thread that writes. Takes whatever waits, forms a group, syncs once, and wakes
// every waiter with its own answer. See kv_rocksdb.h for what that promises.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

#include "adapters/kv_rocksdb/database.h"
#include "adapters/kv_rocksdb/write_group.h"
#include "base/batch_thread.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "base/waiter.h"
#include "ports/kv_store.h"

namespace varve::adapters {

class Committer {
 public:
  struct Options {
    bool sync_writes = true;
    std::size_t queue_max = 0;
  };

  Committer(Database& database, base::Clock& clock, Options options);
  ~Committer();  // stop()

  // As KvStore::write; the arguments were checked.
  base::Task<base::Result<void>> write(ports::KvWrite write);
  // Removes the rows in [begin, end).
  base::Task<base::Result<void>> remove_range(std::string begin, std::string end);

  // Commits what was accepted, refuses the rest, ends the thread.
  void stop();

 private:
  // One waiting write. Lives in the frame of its task, which is suspended until it is answered.
  struct Request {
    const ports::KvWrite* write = nullptr;  // null: a range removal
    std::string begin, end;
    base::Result<void> answer;
    std::optional<base::Waiter> waiter;
  };

  base::Task<base::Result<void>> submit(Request* request);

  // The committing thread.
  void commit_group(std::deque<Request*>& waiting);
  base::Result<void> apply();
  base::Result<void> ensure_writable();

  Database& database_;
  base::Clock& clock_;
  const Options options_;

  WriteGroup group_;                                           // this and the next are the thread's
  base::MonotonicTime retry_at_ = base::MonotonicTime::min();  // of opening the database again
  std::optional<base::Error> refusal_;                         // until then

  base::BatchThread<Request> thread_;
};

}  // namespace varve::adapters
