// Object data: new physical addresses, streamed uploads with their hashes, downloads, multipart,
// addresses handed out for direct upload. engine.md 2.4, 2.5, 11.2; rest-semantics.md 16.2, 17.
//
// An upload writes to a fresh address under <namespace>/data/ and knows nothing of branches;
// staging the entry makes it visible (engine/objects). What is abandoned in between is garbage for
// GC.
//
// Any thread may call.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::engine {

// A body being read. Belongs to one task.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // At most `bytes_max` more bytes; empty at the end. The source's own checks (length, signature,
  // checksum) fail here, at the end at the latest, and then nothing is stored.
  virtual base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max) = 0;
};

struct Uploaded {
  std::string address;  // relative: data/<partition>/<xid>
  std::int64_t size = 0;
  std::string etag;  // lower-case hex MD5, or <md5>-<parts>
  base::Timestamp last_modified;
};

struct MultipartUpload {
  model::UploadId id;  // our own, the id clients see
  model::ObjectPath path;
  std::string physical_address;  // relative
  std::string store_upload_id;
  base::Timestamp creation_date;
  model::Metadata metadata;
  std::string content_type;
};

class Uploads {
 public:
  explicit Uploads(Core& core);
  ~Uploads();

  // A fresh relative address.
  std::string new_address();

  // Streams `source` to a fresh address, hashing on the way.
  base::Task<base::Result<Uploaded>> upload(base::Context context, RepositoryRef repository,
                                            std::unique_ptr<ByteSource> source);

  // Opens the bytes of an entry.
  //   NotFound    Detail::DataMissing
  //   Corruption  there are fewer than the entry records
  base::Task<base::Result<std::unique_ptr<ports::ObjectReader>>> open(base::Context context,
                                                                      RepositoryRef repository,
                                                                      model::Entry entry,
                                                                      ports::ByteRange range);
  // The whole URI an entry's bytes live at, as clients are shown it.
  std::string physical_address(const model::Repository& repository,
                               const model::Entry& entry) const;

  // Copies the bytes of an entry of `source` to a fresh address of `destination`.
  base::Task<base::Result<Uploaded>> copy(base::Context context, RepositoryRef source,
                                          model::Entry entry, RepositoryRef destination);

  // Multipart. The tracker row names path, address and what the object will carry.
  base::Task<base::Result<MultipartUpload>> create_multipart(base::Context context,
                                                             RepositoryRef repository,
                                                             model::ObjectPath path,
                                                             model::Metadata metadata,
                                                             std::string content_type);
  //   NotFound  Detail::UploadMissing: unknown id, or of another path
  base::Task<base::Result<MultipartUpload>> get_multipart(base::Context context,
                                                          RepositoryRef repository,
                                                          model::ObjectPath path,
                                                          model::UploadId id);
  base::Task<base::Result<ports::PartInfo>> put_part(base::Context context,
                                                     RepositoryRef repository,
                                                     MultipartUpload upload, int number,
                                                     std::unique_ptr<ByteSource> source);
  base::Task<base::Result<std::vector<ports::PartInfo>>> list_parts(base::Context context,
                                                                    RepositoryRef repository,
                                                                    MultipartUpload upload,
                                                                    int after, std::size_t limit);
  // Assembles the object. The upload stays: when the entry is staged, abort_multipart ends it, and
  // until then it may be completed again, with the same parts.
  //   Conflict  it was completed before, with other parts
  base::Task<base::Result<Uploaded>> complete_multipart(base::Context context,
                                                        RepositoryRef repository,
                                                        MultipartUpload upload,
                                                        std::vector<ports::CompletedPart> parts);
  // Ends an upload, complete or not, and removes its parts.
  base::Task<base::Result<void>> abort_multipart(base::Context context, RepositoryRef repository,
                                                 MultipartUpload upload);
  // Uploads in progress of the repository under `prefix`, by path then id.
  struct MultipartPage {
    std::vector<MultipartUpload> rows;
    bool has_more = false;
  };
  base::Task<base::Result<MultipartPage>> list_multiparts(base::Context context,
                                                          RepositoryRef repository,
                                                          std::string prefix,
                                                          std::string after_path,
                                                          std::string after_id, int amount);

  // Addresses for direct upload: `<namespace>/data/<partition>/<xid>,<signature>`.
  std::string signed_address(const model::Repository& repository, const model::BranchId& branch,
                             const model::ObjectPath& path);
  // The entry address and type for an address a client sends back to link; verifies signature and
  // age if it lies under <namespace>/data/.
  //   InvalidArgument   Detail::InvalidAddress
  //   PermissionDenied  Detail::StorageForbidden: a file outside what the store may touch
  struct LinkedAddress {
    std::string address;
    model::AddressType type = model::AddressType::Relative;
  };
  base::Result<LinkedAddress> verify_linked_address(const model::Repository& repository,
                                                    const model::BranchId& branch,
                                                    const model::ObjectPath& path,
                                                    const std::string& physical_address);
  // The same for stageObject: no signature; must be an address of this store (rest-semantics 17.3).
  base::Result<LinkedAddress> verify_staged_address(const model::Repository& repository,
                                                    const std::string& physical_address);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::engine
