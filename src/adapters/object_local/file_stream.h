// Reading and writing whole files as streams.
//
// A writer works behind its caller: while one piece is being written (and hashed) in the pool, the
// next arrives from the network. What fits one piece is kept until the end, and then written,
// synced and named by a single job.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/object_local/fd.h"
#include "adapters/object_local/workspace.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "ports/object_types.h"

namespace varve::adapters {

// What is known of an open file; the address is the caller's.
//   NotFound  Detail::DataMissing: it is no regular file
base::Result<ports::ObjectInfo> file_info(const Fd& file, ports::ObjectAddress address);

// Appends the first `count` bytes of one file to another, inside the kernel where it can, which on
// some file systems only shares blocks.
base::Result<void> copy_bytes(int from, int to, std::int64_t count);

base::Result<void> write_all(int file, std::string_view bytes);

class FileReader final : public ports::ObjectReader {
 public:
  FileReader(Fd file, ports::ObjectInfo info, ports::ByteRange range, base::Offload& offload);

  const ports::ObjectInfo& info() const override { return info_; }
  base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max) override;
  std::optional<ports::FileSpan> file_span() const override;

 private:
  Fd file_;
  ports::ObjectInfo info_;
  std::int64_t offset_;
  std::int64_t left_;
  base::Offload& offload_;
};

// A file being written aside, piece by piece, in the pool.
struct FileDraft {
  explicit FileDraft(const Workspace& w) : workspace(w) {}

  base::Result<void> append(std::string_view bytes);
  // Of a long stream: some of it may be kept back, until the next append of either kind.
  base::Result<void> append_piece(std::string_view bytes);

  const Workspace& workspace;
  std::optional<TempFile> file;  // made by the first append
  std::int64_t size = 0;
  std::optional<base::Hasher> hasher;  // of what was appended, if wanted
  std::int64_t written_back = 0;       // so far the kernel was told to start writing to the disk
  base::Bytes kept_back;               // fewer octets than past_cache.h asks for
  bool may_pass_cache = true;

 private:
  base::Result<void> append_past_cache(std::string_view bytes);
  base::Result<void> write_kept_back();
};

class FileWriter final : public ports::ObjectWriter {
 public:
  // What finish() makes of it: `rest` is what was not yet appended to the draft. The draft has no
  // file if nothing was. Both stay until the task has ended.
  using Publish = std::function<base::Task<base::Result<ports::ObjectInfo>>(
      FileDraft* draft, base::SharedBytes rest)>;

  FileWriter(const Workspace& workspace, base::Offload& offload, bool wants_md5, Publish publish);
  ~FileWriter() override;  // a draft that was not published is removed

  base::Task<base::Result<void>> write(base::Bytes bytes) override;
  base::Task<base::Result<ports::ObjectInfo>> finish() override;

 private:
  struct Behind;
  struct Appending;
  base::Task<base::Result<void>> flush();

  base::Offload& offload_;
  Publish publish_;
  base::Bytes piece_;  // what waits to be written
  // Shared with the job in flight, which may outlive an abandoned writer.
  std::shared_ptr<Behind> behind_;
};

}  // namespace varve::adapters
