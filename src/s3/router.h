// What a request asks for: a closed set of endpoints, found from verb, address, query names and
// headers. An S3 sub-resource that is not implemented is refused here and never falls through to
// the plain operation, which would overwrite an object with an XML document.
//
// Pure; any thread may call.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/message.h"
#include "s3/address.h"
#include "s3/errors.h"

namespace varve::s3 {

enum class Endpoint : std::uint8_t {
  // Root
  ListBuckets,
  Preflight,  // CORS, at any level
  // Bucket
  HeadBucket,
  PutBucket,
  DeleteBucket,
  ListObjects,
  ListUploads,
  BucketConfiguration,  // a fixed answer: Route::configuration
  DeleteObjects,
  // Object
  GetObject,
  HeadObject,
  ObjectConfiguration,  // a fixed answer about an existing object: Route::configuration
  ObjectAttributes,
  ListParts,
  PutObject,
  CopyObject,
  DeleteObject,
  CreateUpload,
  UploadPart,
  UploadPartCopy,
  CompleteUpload,
  AbortUpload,
  // A branch, without a path
  ReadRef,
  PutRef,
  DeleteRef,
  // Refused: Route::refusal
  Refused,
};

// Sub-resources whose answer does not depend on the repository's content.
enum class Configuration : std::uint8_t {
  None,
  Accelerate,
  Acl,
  Location,
  Logging,
  Notification,
  OwnershipControls,
  RequestPayment,
  Tagging,
  Versioning,
  Missing,  // "no such configuration": Route::refusal names it
};

enum class Level : std::uint8_t { Root, Bucket, Ref, Object };

struct Route {
  Endpoint endpoint = Endpoint::Refused;
  Level level = Level::Root;
  Configuration configuration = Configuration::None;
  std::optional<Error> refusal;  // of Refused, and of a Missing configuration
  bool is_body_dropped = false;  // a refusal without XML, as lakeFS has some
};

struct RouterOptions {
  bool verify_unsupported = true;   // false: what would be refused on a read is ignored
  bool can_create_buckets = false;  // DELETE of a bucket is an operation then
};
Route route(const http::Request& request, const Address& address, const http::Query& query,
            RouterOptions options);

// The label of metrics, a closed set: "get_object".
std::string_view operation_label(const http::Request& request, const Route& route);

}  // namespace varve::s3
