// RocksDbKv: a KvStore embedded in the process, in a folder of its own. One process at a time.
//
// Every acknowledged write has been synced (unless `sync_writes` is off) and survives kill -9 and
// power loss.  [I-11] One thread commits: it takes all writes that are waiting, checks the
// requirements of each against the database and the writes before it, and syncs once for all. So
// compare-and-set is decided in one order, and a sync costs each writer little.
//
// A point read that memory can answer runs on the caller's loop; whatever may wait for the disk
// runs in the pool. A full disk refuses writes (ResourceExhausted, Detail::StorageFull), serves
// reads, and takes writes again once there is room for what the log holds and 4 MiB more: the
// database is then closed and opened again, and reads wait for that long. A disk that fails
// otherwise stops the writes until the process is started again.
//
// Any thread may call. Must outlive the tasks that use it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "ports/kv_store.h"

namespace varve::adapters {

struct RocksDbOptions {
  std::string path;                             // the folder; made if missing
  bool sync_writes = true;                      // off: a power failure loses the last writes
  std::size_t block_cache_bytes = 64U << 20U;   // blocks, indexes and filters of table files
  std::size_t write_buffer_bytes = 16U << 20U;  // recent writes, kept in memory and in the log
  std::size_t queue_max = 65536;                // writes that wait to be committed  [I-13]
};

class RocksDbKv final : public ports::KvStore {
 public:
  struct Impl;

  // Blocks. The path in the message is the only one there is: errors name the folder.
  //   Unavailable        another process has the folder open
  //   Corruption         files are damaged, missing or unreadable, or of a newer version; or the
  //                      log is damaged before its last write (a torn one is what a crash leaves)
  //   PermissionDenied, InvalidArgument, ResourceExhausted   from the file system
  static base::Result<std::unique_ptr<RocksDbKv>> open(RocksDbOptions options,
                                                       base::Offload& offload, base::Clock& clock);

  explicit RocksDbKv(std::unique_ptr<Impl> impl);
  ~RocksDbKv() override;  // close()

  // Commits the writes that were accepted, refuses later ones (Unavailable), and releases the
  // folder. Blocks. Reads must have ended.
  void close();

  base::Task<base::Result<std::optional<base::Bytes>>> get(base::Context context,
                                                           ports::KvKey key) override;
  base::Task<base::Result<std::vector<std::optional<base::Bytes>>>> multi_get(
      base::Context context, std::vector<ports::KvKey> keys) override;
  base::Task<base::Result<void>> write(base::Context context, ports::KvWrite write) override;
  base::Task<base::Result<ports::KvPage>> scan(base::Context context, ports::KvScan scan) override;
  base::Task<base::Result<void>> delete_range(base::Context context, std::string partition,
                                              std::string from, std::string until) override;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::adapters
