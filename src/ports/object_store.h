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
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/strong.h"
#include "base/task.h"
#include "base/time.h"

namespace varve::ports {

using ObjectAddress = base::Strong<struct ObjectAddressTag>;

// What a store can do, as data. Deviations are declared here, never discovered by an error.
struct ObjectStoreCapabilities {
  std::string type;              // "local", "mem", "s3"
  std::string namespace_regex;   // "^local://"
  std::string namespace_example;
  std::string default_namespace_prefix;
  bool can_presign = false;
  bool can_presign_multipart = false;
  bool can_import = false;
  std::int64_t part_bytes_min = 0;
};

struct ObjectInfo {
  ObjectAddress address;
  std::int64_t size = 0;
  base::Timestamp last_modified;
  std::string etag;  // without quotes; empty if the store keeps none
};

// [first, first + count); count < 0 means to the end.
struct ByteRange {
  std::int64_t first = 0;
  std::int64_t count = -1;
};

// A stretch of a file that the kernel can send by itself (sendfile).
struct FileSpan {
  int descriptor = -1;  // owned by the reader
  std::int64_t offset = 0;
  std::int64_t size = 0;
};

class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  virtual const ObjectInfo& info() const = 0;  // of the whole object
  // The next bytes of the requested range, at most `bytes_max`; empty at its end.
  virtual base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max) = 0;
  // The whole requested range as a file, if the store has it as one.
  virtual std::optional<FileSpan> file_span() const { return std::nullopt; }
};

class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;  // unfinished: discards
  virtual base::Task<base::Result<void>> write(base::Bytes bytes) = 0;
  // Makes the object visible and durable. AlreadyExists: the put asked for absence and lost.
  virtual base::Task<base::Result<ObjectInfo>> finish() = 0;
};

enum class PutMode : std::uint8_t { Overwrite, IfAbsent };

struct ListObjectsPage {
  std::vector<ObjectInfo> objects;
  bool has_more = false;
};

struct PartInfo {
  int number = 0;
  std::int64_t size = 0;
  std::string etag;  // lower-case hex MD5 of the part, without quotes
  base::Timestamp last_modified;
};

// A part named by a complete request.
struct CompletedPart {
  int number = 0;
  std::string etag;
};

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
                                                         ObjectAddress address, base::Bytes bytes,
                                                         PutMode mode) = 0;
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

  // Multipart. An upload id is the store's; parts may come in any order and be replaced; complete
  // takes ascending numbers. The object's etag is hex(MD5(concatenated part MD5s))-<count>.
  //   NotFound (Detail::UploadMissing), InvalidArgument (Detail::InvalidPart, InvalidPartOrder)
  virtual base::Task<base::Result<std::string>> create_multipart(base::Context context,
                                                                 ObjectAddress address) = 0;
  virtual base::Task<base::Result<std::unique_ptr<ObjectWriter>>> put_part(
      base::Context context, ObjectAddress address, std::string upload_id, int number) = 0;
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
