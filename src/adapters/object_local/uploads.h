// Multipart uploads, as folders of the workspace.
//
//   uploads/<upload id>/address    the address that the upload is good for, and nothing else
//   uploads/<upload id>/<number>   one part, its number in five digits:
//
//     offset  width  what
//     0       n      the bytes of the part
//     n       16     their MD5, raw
//
// A part gets its name by one rename, so the one that finishes last stays. A folder without the
// file `address` is not an upload: it was never finished, or is on its way out. docs/formats/
// local-objects.md quotes this.
//
// Blocks; runs in the pool. Any thread may call.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "adapters/object_local/file_stream.h"
#include "adapters/object_local/workspace.h"
#include "base/result.h"
#include "base/time.h"
#include "ports/object_types.h"

namespace varve::adapters {

class Uploads {
 public:
  explicit Uploads(const Workspace& workspace) : workspace_(workspace) {}

  base::Result<std::string> create(const ports::ObjectAddress& address) const;

  // UploadMissing: no such upload, or of another address.
  base::Result<void> check(const ports::ObjectAddress& address, const std::string& id) const;

  // Makes the draft, which must hash, part `number`.
  base::Result<ports::ObjectInfo> publish_part(const ports::ObjectAddress& address,
                                               const std::string& id, int number,
                                               FileDraft& draft) const;

  base::Result<std::vector<ports::PartInfo>> list(const ports::ObjectAddress& address,
                                                  const std::string& id, int after,
                                                  std::size_t limit) const;

  // The parts joined, durable, without a name; and what is known of the object they are.
  struct Joined {
    TempFile file;
    ports::ObjectInfo info;
  };
  base::Result<Joined> join(const ports::ObjectAddress& address, const std::string& id,
                            const std::vector<ports::CompletedPart>& parts) const;

  // When the object at `path`, which is there, was made of these parts.
  //   Conflict  it was made of others
  base::Result<base::Timestamp> made_at(const ports::ObjectAddress& address, const std::string& id,
                                        const std::vector<ports::CompletedPart>& parts,
                                        const std::string& path) const;

  base::Result<void> abort(const ports::ObjectAddress& address, const std::string& id) const;

 private:
  // The upload's folder.
  base::Result<Fd> open(const ports::ObjectAddress& address, const std::string& id) const;

  const Workspace& workspace_;
};

}  // namespace varve::adapters
