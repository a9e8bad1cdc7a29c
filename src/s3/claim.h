// Who a request says it comes from, and whether its signature proves it. Reading a claim and
// checking it are pure; between the two the caller looks the access key up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "http/message.h"
#include "kernel/sigv4.h"
#include "s3/address.h"
#include "s3/errors.h"
#include "s3/payload.h"
#include "s3/signing_keys.h"

namespace varve::s3 {

constexpr std::int64_t ClockSkewSecondsMax = 900;
constexpr std::int64_t PresignedSecondsMax = 604800;

struct Claim {
  enum class Scheme : std::uint8_t {
    None,  // anonymous
    Api,   // bearer token, basic or cookie: the API's own authentication decides
    V4Header,
    V4Presigned,
    V2Header,
    V2Presigned,
    JavaV2,
  };
  Scheme scheme = Scheme::None;
  std::string access_key_id;
  std::string signature;
  base::Timestamp time;      // of signing
  std::int64_t expires = 0;  // V4Presigned: seconds from `time`; V2Presigned: an instant
  kernel::SigV4Authorization v4;
};

// The claim of a request, well-formed so far as can be seen without the key.
//   AuthorizationHeaderMalformed, AuthorizationQueryParametersError, MissingFields, MalformedDate,
//   AccessDenied (no date), InvalidArgument (an unknown kind of Authorization)
Outcome<Claim> read_claim(const http::Request& request, const http::Query& query);

struct ClaimCheck {
  const Claim& claim;
  const http::Request& request;
  const http::Query& query;
  const Address& address;
  std::string_view decoded_path;
  std::string_view secret;
  base::Timestamp now;
  bool is_proxy_trusted = false;
};
// Signature first, then clock and expiry, so that a stale request with a wrong signature is told
// that its signature is wrong.
//   SignatureDoesNotMatch, RequestTimeTooSkewed, AccessDenied (expired, not valid yet, an x-amz-
//   header that is not signed), and what parse_payload_mode() refuses
Outcome<Proof> check_claim(const ClaimCheck& check, SigningKeys& keys);

// One scheme each; check_claim() chooses.
Outcome<Proof> check_v4(const ClaimCheck& check, SigningKeys& keys);
Outcome<void> check_v2(const ClaimCheck& check);
Outcome<void> check_clock(const Claim& claim, base::Timestamp now);

// A raw query whose bare `+` are escaped.
std::string with_plus_escaped(std::string_view query);

// Headers and parameters as the signature functions take them; views into the arguments.
std::vector<kernel::SigV4Field> fields_of(const http::Headers& headers);
std::vector<kernel::SigV4Field> fields_of(const http::Query& query);

}  // namespace varve::s3
