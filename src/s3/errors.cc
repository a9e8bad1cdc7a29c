#include "s3/errors.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "http/body.h"
#include "kernel/aws_chunked.h"
#include "model/errors.h"

namespace varve::s3 {

namespace {

struct Row {
  Code code;
  CodeInfo info;
};
// In the order of the enumeration, which the check below holds it to: a code without a row does not
// compile.
constexpr std::array<Row, CodeCount> Rows = {{
    {Code::AccessDenied, {"AccessDenied", 403, "Access Denied."}},
    {Code::AuthorizationHeaderMalformed,
     {"AuthorizationHeaderMalformed", 400,
      "The authorization header that you provided is not valid."}},
    {Code::AuthorizationQueryParametersError,
     {"AuthorizationQueryParametersError", 400,
      "Error parsing the query authentication parameters."}},
    {Code::BadDigest,
     {"BadDigest", 400, "The digest you specified did not match what we received."}},
    {Code::BadRequest, {"BadRequest", 400, "400 BadRequest"}},
    {Code::BucketAlreadyExists,
     {"BucketAlreadyExists", 409,
      "The requested bucket name is not available. The bucket namespace is shared by all "
      "users of the system. Please select a different name and try again."}},
    {Code::BucketNotEmpty, {"BucketNotEmpty", 409, "The bucket you tried to delete is not empty"}},
    {Code::ClientGone, {"ClientClosedRequest", 499, "The client closed the connection."}},
    {Code::ConditionalRequestConflict,
     {"ConditionalRequestConflict", 409,
      "The conditional request cannot succeed due to a conflicting operation against this "
      "resource."}},
    {Code::DeletingKey, {"ErrDeletingKey", 500, "error deleting object"}},
    {Code::EntityTooLarge,
     {"EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed object size."}},
    {Code::EntityTooSmall,
     {"EntityTooSmall", 400,
      "Your proposed upload is smaller than the minimum allowed object size."}},
    {Code::IncompleteBody,
     {"IncompleteBody", 400,
      "You did not provide the number of bytes specified by the Content-Length HTTP header."}},
    {Code::InternalError,
     {"InternalError", 500, "We encountered an internal error, please try again."}},
    {Code::InvalidAccessKeyId,
     {"InvalidAccessKeyId", 403, "The access key ID you provided does not exist in our records."}},
    {Code::InvalidArgument, {"InvalidArgument", 400, "Invalid Argument"}},
    {Code::InvalidBucketName, {"InvalidBucketName", 400, "The specified bucket is not valid."}},
    {Code::InvalidDigest, {"InvalidDigest", 400, "The Content-MD5 you specified is not valid."}},
    {Code::InvalidPart,
     {"InvalidPart", 400,
      "One or more of the specified parts could not be found. The part may not have been "
      "uploaded, or the specified entity tag may not match the part's entity tag."}},
    {Code::InvalidPartNumber,
     {"InvalidPartNumber", 416, "The requested partnumber is not satisfiable"}},
    {Code::InvalidPartOrder,
     {"InvalidPartOrder", 400,
      "The list of parts was not in ascending order. The parts list must be specified in "
      "order by part number."}},
    {Code::InvalidRange, {"InvalidRange", 416, "The requested range is not satisfiable"}},
    {Code::InvalidRequest, {"InvalidRequest", 400, "Invalid Request"}},
    {Code::InvalidStorageClass,
     {"InvalidStorageClass", 400, "The storage class you specified is not valid"}},
    {Code::InvalidUri, {"InvalidURI", 400, "Couldn't parse the specified URI."}},
    {Code::KeyTooLong, {"KeyTooLongError", 400, "Your key is too long"}},
    {Code::LakeFsNotSupported,
     {"ERRLakeFSNotSupported", 405, "This operation is not supported in LakeFS"}},
    {Code::LakeFsWrongEndpoint,
     {"ERRLakeFSWrongEndpoint", 404, "S3 request received on an endpoint that does not serve S3."}},
    {Code::MalformedDate,
     {"MalformedDate", 400,
      "Invalid date format header, expected to be in ISO8601, RFC1123 or RFC1123Z time "
      "format."}},
    {Code::MalformedTrailer,
     {"MalformedTrailerError", 400,
      "The request contained trailing data that was not well-formed or did not conform to "
      "our published schema."}},
    {Code::MalformedXml,
     {"MalformedXML", 400,
      "The XML you provided was not well-formed or did not validate against our published "
      "schema"}},
    {Code::MetadataTooLarge,
     {"MetadataTooLarge", 400, "Your metadata headers exceed the maximum allowed metadata size"}},
    {Code::MethodNotAllowed,
     {"MethodNotAllowed", 405, "The specified method is not allowed against this resource."}},
    {Code::MissingContentLength,
     {"MissingContentLength", 411, "You must provide the Content-Length HTTP header."}},
    {Code::MissingFields, {"MissingFields", 400, "Missing fields in request."}},
    {Code::NoSuchBucket, {"NoSuchBucket", 404, "The specified bucket does not exist"}},
    {Code::NoSuchBucketPolicy, {"NoSuchBucketPolicy", 404, "The bucket policy does not exist"}},
    {Code::NoSuchBucketPossibleApiEndpoint,
     {"ErrNoSuchBucketPossibleAPIEndpoint", 404,
      "The specified bucket does not exist. The endpoint URL seems to be the REST API's: it "
      "must not end in /api/v1. Use the server's address alone as S3 endpoint."}},
    {Code::NoSuchCorsConfiguration,
     {"NoSuchCORSConfiguration", 404, "The CORS configuration does not exist"}},
    {Code::NoSuchKey, {"NoSuchKey", 404, "The specified key does not exist."}},
    {Code::NoSuchLifecycleConfiguration,
     {"NoSuchLifecycleConfiguration", 404, "The lifecycle configuration does not exist"}},
    {Code::NoSuchObjectLockConfiguration,
     {"NoSuchObjectLockConfiguration", 404,
      "The specified object does not have an ObjectLock configuration"}},
    {Code::NoSuchPublicAccessBlockConfiguration,
     {"NoSuchPublicAccessBlockConfiguration", 404,
      "The public access block configuration was not found"}},
    {Code::NoSuchTagSet, {"NoSuchTagSet", 404, "The TagSet does not exist"}},
    {Code::NoSuchUpload,
     {"NoSuchUpload", 404,
      "The specified multipart upload does not exist. The upload ID may be invalid, or the "
      "upload may have been aborted or completed."}},
    {Code::NoSuchVersion,
     {"NoSuchVersion", 404, "The data of the specified object does not exist."}},
    {Code::NoSuchWebsiteConfiguration,
     {"NoSuchWebsiteConfiguration", 404,
      "The specified bucket does not have a website configuration"}},
    {Code::NotFound, {"", 404, ""}},
    {Code::NotModified, {"NotModified", 304, ""}},
    {Code::NotImplemented,
     {"NotImplemented", 501,
      "A header you provided implies functionality that is not implemented"}},
    {Code::ObjectLockConfigurationNotFound,
     {"ObjectLockConfigurationNotFoundError", 404,
      "Object Lock configuration does not exist for this bucket"}},
    {Code::PreconditionFailed,
     {"PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold"}},
    {Code::ReadOnlyRepository,
     {"ErrReadOnlyRepository", 403, "Attempted to write to a read-only repository"}},
    {Code::ReplicationConfigurationNotFound,
     {"ReplicationConfigurationNotFoundError", 404, "The replication configuration was not found"}},
    {Code::RequestTimeTooSkewed,
     {"RequestTimeTooSkewed", 403,
      "The difference between the request time and the server's time is too large."}},
    {Code::RequestTimeout,
     {"RequestTimeout", 400,
      "Your socket connection to the server was not read from or written to within the "
      "timeout period."}},
    {Code::ServerSideEncryptionConfigurationNotFound,
     {"ServerSideEncryptionConfigurationNotFoundError", 404,
      "The server side encryption configuration was not found"}},
    {Code::ServiceUnavailable, {"ServiceUnavailable", 503, "Service is unable to handle request."}},
    {Code::SignatureDoesNotMatch,
     {"SignatureDoesNotMatch", 403,
      "The request signature we calculated does not match the signature you provided. Check "
      "your key and signing method."}},
    {Code::SlowDown, {"SlowDown", 503, "Please reduce your request rate."}},
    {Code::ContentSha256Mismatch,
     {"XAmzContentSHA256Mismatch", 400,
      "The provided 'x-amz-content-sha256' header does not match what was computed."}},
    {Code::WriteToProtectedBranch,
     {"ErrWriteToProtectedBranch", 403, "Attempted to write to a protected branch"}},
}};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < Rows.size(); ++i) {
    if (Rows[i].code != static_cast<Code>(i) || Rows[i].info.status == 0) return false;
  }
  return true;
}
static_assert(is_in_order());

}  // namespace

CodeInfo info(Code code) { return Rows[static_cast<std::size_t>(code)].info; }

Error Error::with(std::string_view element, std::string text) && {
  elements_.emplace_back(element, std::move(text));
  return std::move(*this);
}

Error Error::with_header(std::string_view name, std::string value) && {
  headers_.emplace_back(name, std::move(value));
  return std::move(*this);
}

Error invalid_argument(std::string_view name, std::string value, std::string message) {
  return Error(Code::InvalidArgument, std::move(message))
      .with("ArgumentName", std::string(name))
      .with("ArgumentValue", std::move(value));
}

namespace {

Error slow_down() { return Error(Code::SlowDown).with_header("Retry-After", "1"); }

// A ref, branch or commit that does not exist, or a text that cannot be one.
Error missing_ref(Asked asked) {
  switch (asked) {
    case Asked::Read:
    case Asked::CopySource:
    case Asked::Delete:
      return Error(Code::NoSuchKey);
    case Asked::Write:
    case Asked::Upload:
      return Error(Code::NoSuchBucket);
  }
  return Error(Code::InternalError);
}

Error missing_data(Asked asked) {
  return Error(asked == Asked::CopySource ? Code::NoSuchKey : Code::NoSuchVersion);
}

// Codes whose detail says nothing more.
Error translate_code(Asked asked, const base::Error& error) {
  switch (error.code()) {
    case base::Code::NotFound:
      return missing_ref(asked);
    case base::Code::InvalidArgument:
      if (asked == Asked::Read || asked == Asked::CopySource) return Error(Code::NoSuchKey);
      return Error(Code::InvalidArgument, error.message());
    case base::Code::AlreadyExists:
    case base::Code::PreconditionFailed:
      return Error(Code::PreconditionFailed);
    case base::Code::Conflict:
      return Error(Code::ConditionalRequestConflict);
    case base::Code::Unauthenticated:
    case base::Code::PermissionDenied:
      return Error(Code::AccessDenied);
    case base::Code::Unsupported:
      return Error(Code::NotImplemented);
    case base::Code::Cancelled:
      return Error(Code::ClientGone);
    case base::Code::ResourceExhausted:
    case base::Code::DeadlineExceeded:
    case base::Code::Unavailable:
    case base::Code::OutcomeUnknown:
      return slow_down();
    case base::Code::Corruption:  // which file of which repository
      return Error(Code::InternalError, error.message());
    case base::Code::Internal:
      return Error(Code::InternalError);
  }
  return Error(Code::InternalError);
}

Error translate_body(http::BodyFault fault, const base::Error& error) {
  switch (fault) {
    case http::BodyFault::Short:
    case http::BodyFault::BadFraming:
      return Error(Code::IncompleteBody, error.message());
    case http::BodyFault::TooLarge:
      return Error(Code::EntityTooLarge);
    case http::BodyFault::TooSlow:
      return Error(Code::RequestTimeout);
    case http::BodyFault::None:
      break;
  }
  return Error(Code::InternalError);
}

Error translate_chunk(kernel::ChunkFault fault) {
  switch (fault) {
    case kernel::ChunkFault::Framing:
      return Error(Code::IncompleteBody);
    case kernel::ChunkFault::Signature:
      return Error(Code::SignatureDoesNotMatch);
    case kernel::ChunkFault::Trailer:
      return Error(Code::MalformedTrailer);
    case kernel::ChunkFault::None:
      break;
  }
  return Error(Code::InternalError);
}

}  // namespace

Error translate(Asked asked, const base::Error& error) {
  if (const auto fault = http::body_fault_of(error); fault != http::BodyFault::None) {
    return translate_body(fault, error);
  }
  if (const auto fault = kernel::chunk_fault_of(error); fault != kernel::ChunkFault::None) {
    return translate_chunk(fault);
  }
  using model::Detail;
  switch (model::detail_of(error)) {
    case Detail::RepositoryMissing:
    case Detail::RepositoryInDeletion:
    case Detail::NamespaceInUse:
      return Error(Code::NoSuchBucket);
    case Detail::BranchMissing:
    case Detail::TagMissing:
    case Detail::CommitMissing:
      return missing_ref(asked);
    case Detail::ObjectMissing:
      return Error(Code::NoSuchKey);
    case Detail::RequirementMissing:
      return asked == Asked::Read || asked == Asked::CopySource
                 ? Error(Code::NoSuchKey)
                 : Error(Code::InvalidArgument, error.message());
    case Detail::UploadMissing:
      return Error(Code::NoSuchUpload);
    case Detail::DataMissing:
      return missing_data(asked);
    case Detail::ReadOnlyRepository:
      return Error(Code::ReadOnlyRepository);
    case Detail::ProtectedBranch:
      return Error(Code::WriteToProtectedBranch);
    case Detail::PathExists:
    case Detail::HookFailed:
      return Error(Code::PreconditionFailed);
    case Detail::BadDigest:
      return Error(Code::BadDigest);
    case Detail::SizeMismatch:
      return Error(Code::IncompleteBody);
    case Detail::InvalidPart:
      return Error(Code::InvalidPart);
    case Detail::InvalidPartOrder:
      return Error(Code::InvalidPartOrder);
    case Detail::PartTooSmall:
      return Error(Code::EntityTooSmall);
    case Detail::PathTooLong:
      if (asked == Asked::Read || asked == Asked::CopySource) return Error(Code::NoSuchKey);
      return Error(Code::KeyTooLong,
                   std::string(info(Code::KeyTooLong).message) + ": " + error.message());
    case Detail::TooManyTries:
      return slow_down();
    case Detail::StorageFull:
      return Error(Code::ServiceUnavailable, error.message()).with_header("Retry-After", "60");
    case Detail::StorageForbidden:
    case Detail::NoMergeBase:
      return Error(Code::InternalError);
    case Detail::None:
    case Detail::PullMissing:
    case Detail::DefaultBranch:
    case Detail::DirtyBranch:
    case Detail::NoChanges:
    case Detail::StagingIsNoCommit:
    case Detail::InvalidAddress:
    case Detail::MergeConflict:
    case Detail::NameClash:
    case Detail::RevertParent:
    case Detail::StagingBranchSource:
      return translate_code(asked, error);
  }
  return translate_code(asked, error);
}

}  // namespace varve::s3
