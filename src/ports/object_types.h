// The words of ObjectStore (object_store.h): addresses, what is known of an object, and the streams
// that carry its bytes. Readers and writers belong to one task.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "base/task.h"
#include "base/time.h"

namespace varve::ports {

using ObjectAddress = base::Strong<struct ObjectAddressTag>;

// What a store can do, as data. Deviations are declared here, never discovered by an error.
struct ObjectStoreCapabilities {
  std::string type;             // "local", "mem", "s3"
  std::string namespace_regex;  // "^local://"
  std::string namespace_example;
  std::string default_namespace_prefix;
  bool can_presign = false;
  bool can_presign_multipart = false;
  bool can_import = false;
  std::int64_t part_bytes_min = 0;
  // A store of files: its folder. Where clients are shown a full address, its path follows this.
  std::string shown_root;
  // Set: what clients register must be in their namespace or below one of these paths.
  std::optional<std::vector<std::string>> external_prefixes;
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
  // Makes the object visible and durable. AlreadyExists: the put asked for absence and lost. Called
  // once; whatever it answers, the writer is spent.
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

}  // namespace varve::ports
