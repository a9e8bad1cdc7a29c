// AWS Signature Version 4, as S3 varies it: the canonical request, the string to sign and the
// signature, computed from the pieces of a request. Used to verify (s3/) and to sign (adapters).
//
// S3 encodes the path once and normalises nothing: `//`, `/./` and `/../` stay. A caller decodes
// what came over the wire and hands in bytes; they are encoded here, so that clients which leave
// `!*'(),:@$&` bare agree with those which escape them.
//
// Pure functions; any thread may call. Views are only read during the call.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace varve::kernel {

constexpr std::string_view SigV4Algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view EmptySha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view UnsignedPayload = "UNSIGNED-PAYLOAD";

struct SigV4Scope {
  std::string date;  // yyyymmdd
  std::string region;
  std::string service;
  std::string text() const;  // date/region/service/aws4_request
};

struct SigV4Credential {
  std::string access_key_id;
  SigV4Scope scope;
};

struct SigV4Authorization {
  SigV4Credential credential;
  std::vector<std::string> signed_headers;  // lower case, ascending
  std::string signature;                    // 64 lower-case hex digits
  bool signs(std::string_view lower_name) const;
};

// `<akid>/<yyyymmdd>/<region>/<service>/aws4_request`, split from the right, for an access key may
// hold slashes; the region may be empty.
//   InvalidArgument  a field is missing, or the date is not eight digits of a calendar day
base::Result<SigV4Credential> parse_sigv4_credential(std::string_view text);
constexpr std::size_t SignedHeadersMax = 1024;
// `a;b;c`
//   InvalidArgument  empty, too many, or a name that is not a header name
base::Result<std::vector<std::string>> parse_signed_headers(std::string_view text);
// The value of an Authorization header: the algorithm, then the three fields in any order.
//   InvalidArgument  the message names the piece
base::Result<SigV4Authorization> parse_sigv4_authorization(std::string_view value);
bool is_signature_text(std::string_view text);  // 64 lower-case hex digits

// A header as it arrived, or a decoded query parameter.
struct SigV4Field {
  std::string_view name;
  std::string_view value;
};

struct SigV4Request {
  std::string_view method;
  std::string_view path;  // decoded
  // Decoded, X-Amz-Signature among them or not: it is left out.
  std::span<const SigV4Field> query;
  std::span<const SigV4Field> headers;  // in arrival order; Host among them
  std::string_view payload_hash;        // the text of the last line
};
std::string sigv4_canonical_request(const SigV4Request& request,
                                    std::span<const std::string> signed_headers);

std::string sigv4_string_to_sign(std::string_view time, std::string_view scope,
                                 std::string_view canonical_request);
// The key derived for one day, region and service; 32 bytes.
base::Bytes sigv4_signing_key(std::string_view secret, const SigV4Scope& scope);
std::string sigv4_signature(std::string_view signing_key, std::string_view string_to_sign);

// The signatures of the chunks of a streamed body: each covers the one before it, the first the
// request's own.
class SigV4ChunkChain {
 public:
  SigV4ChunkChain(base::Bytes signing_key, std::string time, std::string scope, std::string seed);
  // The signature of the next chunk, whose data has this SHA-256 (hex). Becomes the previous one.
  const std::string& next(std::string_view data_sha256);
  // That of the trailer: `lines` are `name:value\n`, lower-case names, trimmed values.
  std::string trailer(std::string_view lines) const;

 private:
  base::Bytes signing_key_;
  std::string time_;
  std::string scope_;
  std::string previous_;
};

}  // namespace varve::kernel
