// What can go wrong, as S3 says it: one table of codes with status and usual text, and the one
// place where the engine's errors become codes of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "base/result.h"

namespace varve::s3 {

enum class Code : std::uint8_t {
  AccessDenied,
  AuthorizationHeaderMalformed,
  AuthorizationQueryParametersError,
  BadDigest,
  BadRequest,
  BucketAlreadyExists,
  BucketNotEmpty,
  ClientGone,  // status 499, for the log: nobody reads it
  ConditionalRequestConflict,
  DeletingKey,
  EntityTooLarge,
  EntityTooSmall,
  IncompleteBody,
  InternalError,
  InvalidAccessKeyId,
  InvalidArgument,
  InvalidBucketName,
  InvalidDigest,
  InvalidPart,
  InvalidPartNumber,
  InvalidPartOrder,
  InvalidRange,
  InvalidRequest,
  InvalidStorageClass,
  InvalidUri,
  KeyTooLong,
  LakeFsNotSupported,
  LakeFsWrongEndpoint,
  MalformedDate,
  MalformedTrailer,
  MalformedXml,
  MetadataTooLarge,
  MethodNotAllowed,
  MissingContentLength,
  MissingFields,
  NoSuchBucket,
  NoSuchBucketPolicy,
  NoSuchBucketPossibleApiEndpoint,
  NoSuchCorsConfiguration,
  NoSuchKey,
  NoSuchLifecycleConfiguration,
  NoSuchObjectLockConfiguration,
  NoSuchPublicAccessBlockConfiguration,
  NoSuchTagSet,
  NoSuchUpload,
  NoSuchVersion,
  NoSuchWebsiteConfiguration,
  NotFound,     // 404 without a body
  NotModified,  // 304
  NotImplemented,
  ObjectLockConfigurationNotFound,
  PreconditionFailed,
  ReadOnlyRepository,
  ReplicationConfigurationNotFound,
  RequestTimeTooSkewed,
  RequestTimeout,
  ServerSideEncryptionConfigurationNotFound,
  ServiceUnavailable,
  SignatureDoesNotMatch,
  SlowDown,
  ContentSha256Mismatch,
  WriteToProtectedBranch,
};
constexpr std::size_t CodeCount = static_cast<std::size_t>(Code::WriteToProtectedBranch) + 1;

struct CodeInfo {
  std::string_view name;
  int status;
  std::string_view message;
};
CodeInfo info(Code code);

class [[nodiscard]] Error {
 public:
  explicit Error(Code code) : code_(code) {}
  Error(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  Code code() const { return code_; }
  int status() const { return info(code_).status; }
  std::string_view message() const {
    return message_.empty() ? info(code_).message : std::string_view(message_);
  }
  // Further elements of the body, <Condition> and the like, in order.
  Error with(std::string_view element, std::string text) &&;
  Error with_header(std::string_view name, std::string value) &&;
  const std::vector<std::pair<std::string, std::string>>& elements() const { return elements_; }
  const std::vector<std::pair<std::string, std::string>>& headers() const { return headers_; }

 private:
  Code code_;
  std::string message_;
  std::vector<std::pair<std::string, std::string>> elements_;
  std::vector<std::pair<std::string, std::string>> headers_;
};

Error invalid_argument(std::string_view name, std::string value, std::string message);

// A value or an Error. VARVE_TRY and its kin work on it, for every step of one exchange.
template <class T>
class [[nodiscard]] Outcome : public tl::expected<T, Error> {
  using Base = tl::expected<T, Error>;

 public:
  using Base::Base;
  Outcome(Error error) : Base(tl::unexpect, std::move(error)) {}
  Outcome(Base other) : Base(std::move(other)) {}
};

// What was asked of the engine: the same condition reads differently to different requests
// (reference 5.1).
enum class Asked : std::uint8_t { Read, Write, Delete, CopySource, Upload };

Error translate(Asked asked, const base::Error& error);

template <class T>
Outcome<T> from_engine(Asked asked, base::Result<T> result) {
  if (!result.has_value()) return translate(asked, result.error());
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return *std::move(result);
  }
}

}  // namespace varve::s3
