// LocalObjects: an ObjectStore in a folder, under local://.
//
//   local://a/b          <root>/a/b
//   local:///srv/x/b     the absolute path, if it is inside the root, or inside a folder that
//                        `external_prefixes` allows; those are only read and listed
//
// A file is written aside and given its name by one rename, so a name is there whole or not at all.
// What was acknowledged survives power loss: it is in the journal, or was synced.  [I-11] The
// hidden folder `.varve` holds the journal, what is unfinished (removed when the store is next
// opened) and the parts of multipart uploads (kept). One process at a time.
//
// No address leaves its folder: `..`, NUL and symbolic links that lead out are refused by name or
// by the kernel (RESOLVE_BENEATH). A name cannot be an object and a folder of objects at once, as
// on any file system: putting `a/b` beside an object `a`, or the reverse, is InvalidArgument.
//
// No etags are kept, except that completing an upload gives one: whoever needs the digest of a
// plain file reads it.
//
// Any thread may call. What may wait for the disk runs in the pool; opening and reading what the
// page cache holds does not leave the caller's loop.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/task.h"
#include "ports/object_store.h"

namespace varve::adapters {

struct LocalObjectsOptions {
  std::string path;                            // the root; made if missing
  bool can_import = false;                     // shown as a capability
  bool lists_hidden = false;                   // names with a leading dot, outside the root
  std::vector<std::string> external_prefixes;  // absolute folders
};

class LocalObjects final : public ports::ObjectStore {
 public:
  struct Impl;

  // Blocks. `rng` names temporary files and uploads.
  //   Unavailable  another process has the folder open
  //   and as base/durable_files.h
  static base::Result<std::unique_ptr<LocalObjects>> open(LocalObjectsOptions options,
                                                          base::Offload& offload, base::Rng& rng);

  explicit LocalObjects(std::unique_ptr<Impl> impl);
  ~LocalObjects() override;

  const ports::ObjectStoreCapabilities& capabilities() const override;

  base::Task<base::Result<std::unique_ptr<ports::ObjectWriter>>> put(base::Context context,
                                                                     ports::ObjectAddress address,
                                                                     ports::PutMode mode) override;
  base::Task<base::Result<ports::ObjectInfo>> put_bytes(base::Context context,
                                                        ports::ObjectAddress address,
                                                        base::SharedBytes bytes,
                                                        ports::PutMode mode) override;
  base::Task<base::Result<std::unique_ptr<ports::ObjectReader>>> get(
      base::Context context, ports::ObjectAddress address, ports::ByteRange range) override;
  base::Task<base::Result<ports::ObjectInfo>> stat(base::Context context,
                                                   ports::ObjectAddress address) override;
  base::Task<base::Result<void>> erase(base::Context context,
                                       ports::ObjectAddress address) override;
  base::Task<base::Result<ports::ObjectInfo>> copy(base::Context context,
                                                   ports::ObjectAddress source,
                                                   ports::ObjectAddress destination) override;
  base::Task<base::Result<ports::ListObjectsPage>> list(base::Context context,
                                                        ports::ObjectAddress prefix,
                                                        ports::ObjectAddress after,
                                                        std::size_t limit) override;

  base::Task<base::Result<std::string>> create_multipart(base::Context context,
                                                         ports::ObjectAddress address) override;
  base::Task<base::Result<std::unique_ptr<ports::ObjectWriter>>> put_part(
      base::Context context, ports::ObjectAddress address, std::string upload_id,
      int number) override;
  base::Task<base::Result<ports::ObjectInfo>> complete_multipart(
      base::Context context, ports::ObjectAddress address, std::string upload_id,
      std::vector<ports::CompletedPart> parts) override;
  base::Task<base::Result<void>> abort_multipart(base::Context context,
                                                 ports::ObjectAddress address,
                                                 std::string upload_id) override;
  base::Task<base::Result<std::vector<ports::PartInfo>>> list_parts(base::Context context,
                                                                    ports::ObjectAddress address,
                                                                    std::string upload_id,
                                                                    int after,
                                                                    std::size_t limit) override;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::adapters
