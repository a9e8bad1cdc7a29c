// AWS Signature Version 2, header and query form, and the query form of the AWS SDK for Java v1
// ("Java-V2"), which was never meant for S3 but is used against compatible servers.
//
// Pure functions; any thread may call. Views are only read during the call.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "kernel/sigv4.h"

namespace varve::kernel {

struct SigV2Authorization {
  std::string access_key_id;
  std::string signature;  // base64
};
// `AWS <akid>:<base64>`
//   InvalidArgument  no colon, an empty key, or an empty signature
base::Result<SigV2Authorization> parse_sigv2_authorization(std::string_view value);

struct SigV2Request {
  std::string_view method;
  std::string_view bucket;              // of virtual-host style; else empty
  std::string_view raw_path;            // as sent, still encoded
  std::span<const SigV4Field> query;    // decoded
  std::span<const SigV4Field> headers;  // in arrival order
  std::string_view date;                // the date line: a date, an expiry, or empty
};
std::string sigv2_string_to_sign(const SigV2Request& request);
// base64(HMAC-SHA1)
std::string sigv2_signature(std::string_view secret, std::string_view string_to_sign);

// The literal POST stands in it whatever the method is.
std::string java_v2_string_to_sign(std::string_view host, std::string_view raw_path,
                                   std::span<const SigV4Field> query);
// base64(HMAC-SHA256)
std::string java_v2_signature(std::string_view secret, std::string_view string_to_sign);

}  // namespace varve::kernel
