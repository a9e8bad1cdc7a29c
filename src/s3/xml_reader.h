// Reads the few XML documents that S3 clients send. Strict where it protects (no document type, no
// entity but the five, bounded depth), lenient where clients differ (namespaces, unknown elements,
// order).
//
// Pure functions; any thread may call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "s3/errors.h"

namespace varve::s3 {

constexpr int XmlDepthMax = 16;

struct DeleteTarget {
  std::string key;
  std::string version_id;
  // Conditions; absent if the client sent none.
  std::optional<std::string> etag;
  std::optional<std::string> size;
  std::optional<std::string> last_modified;
};
struct DeleteRequest {
  bool is_quiet = false;
  std::vector<DeleteTarget> targets;
};
// All: MalformedXML, not well-formed or not of the shape; a document of another root element.
Outcome<DeleteRequest> read_delete_request(base::Bytes xml);

struct ListedPart {
  std::int64_t number = 0;
  std::string etag;  // without quotes
  // The Checksum… elements it came with: element name, value.
  std::vector<std::pair<std::string, std::string>> checksums;
};
Outcome<std::vector<ListedPart>> read_complete_request(base::Bytes xml);

// The LocationConstraint of a CreateBucketConfiguration; an empty body has none.
Outcome<std::string> read_create_bucket_request(base::Bytes xml);

}  // namespace varve::s3
