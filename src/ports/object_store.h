// ObjectStore: bytes by name. Immutable in practice: Varve never overwrites an object it named
// itself.  [I-1]
//
// An address is a whole URI of the store's own scheme, `local://folder/a/b`, `mem://x/y`,
// `s3://bucket/key`; the store refuses others with InvalidArgument, and one that leaves its root
// (`..`, an absolute trick, a NUL) with PermissionDenied (Detail::StorageForbidden). Keys are byte
// strings; listing is in byte order.
//
// A put is invisible until it is finished, and durable when finish() answers.  [I-11] An abandoned
// writer leaves nothing behind. Any thread may call; readers and writers belong to one task.
//
// Errors of every operation: NotFound (Detail::DataMissing on reads), ResourceExhausted
// (Detail::StorageFull), Unavailable.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "ports/object_types.h"

namespace varve::ports {

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  virtual const ObjectStoreCapabilities& capabilities() const = 0;

  // A put of unknown length.
  virtual base::Task<base::Result<std::unique_ptr<ObjectWriter>>> put(base::Context context,
                                                                      ObjectAddress address,
                                                                      PutMode mode) = 0;
  // A put of bytes in memory; for the small files of _lakefs/ and small objects. Durable on return.
  virtual base::Task<base::Result<ObjectInfo>> put_bytes(base::Context context,
                                                         ObjectAddress address,
                                                         base::SharedBytes bytes, PutMode mode) = 0;
  // InvalidArgument if `range.first` is beyond the object's end.
  virtual base::Task<base::Result<std::unique_ptr<ObjectReader>>> get(base::Context context,
                                                                      ObjectAddress address,
                                                                      ByteRange range) = 0;
  virtual base::Task<base::Result<ObjectInfo>> stat(base::Context context,
                                                    ObjectAddress address) = 0;
  // Idempotent: an absent object is fine.
  virtual base::Task<base::Result<void>> erase(base::Context context, ObjectAddress address) = 0;
  virtual base::Task<base::Result<ObjectInfo>> copy(base::Context context, ObjectAddress source,
                                                    ObjectAddress destination) = 0;
  // Objects whose address starts with `prefix` (as text), after `after` (exclusive, whole address;
  // empty: from the start), in byte order of address; at most `limit` (1 .. 1000).
  virtual base::Task<base::Result<ListObjectsPage>> list(base::Context context,
                                                         ObjectAddress prefix, ObjectAddress after,
                                                         std::size_t limit) = 0;

  // Multipart. An upload id is the store's, and good for one address; parts may come in any order
  // and be replaced (the one that finishes last stays; finish() gives its MD5 as etag); complete
  // takes ascending numbers, at least one. The object's etag is hex(MD5(part MD5s))-<count>.
  //
  // The parts stay until abort_multipart, also of an upload that is complete: whoever completes one
  // ends it when the object's name is safe, and until then may complete it again. What was made
  // once is never made otherwise.  [I-1]
  //   NotFound         Detail::UploadMissing
  //   InvalidArgument  Detail::InvalidPart, Detail::InvalidPartOrder
  //   Conflict         the object is there already, made of other parts
  virtual base::Task<base::Result<std::string>> create_multipart(base::Context context,
                                                                 ObjectAddress address) = 0;
  virtual base::Task<base::Result<std::unique_ptr<ObjectWriter>>> put_part(base::Context context,
                                                                           ObjectAddress address,
                                                                           std::string upload_id,
                                                                           int number) = 0;
  virtual base::Task<base::Result<ObjectInfo>> complete_multipart(
      base::Context context, ObjectAddress address, std::string upload_id,
      std::vector<CompletedPart> parts) = 0;
  virtual base::Task<base::Result<void>> abort_multipart(base::Context context,
                                                         ObjectAddress address,
                                                         std::string upload_id) = 0;
  // Parts numbered above `after`, ascending, at most `limit`; one more than asked is not returned.
  virtual base::Task<base::Result<std::vector<PartInfo>>> list_parts(base::Context context,
                                                                     ObjectAddress address,
                                                                     std::string upload_id,
                                                                     int after,
                                                                     std::size_t limit) = 0;
};

}  // namespace varve::ports
