#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "http/headers.h"
#include "kernel/sign_text.h"
#include "kernel/sigv2.h"
#include "kernel/sigv4.h"
#include "s3/claim.h"
#include "s3/errors.h"
#include "s3/payload.h"
#include "s3/signing_keys.h"

namespace varve::s3 {
namespace {

using kernel::SigV4Field;

Error expired(std::int64_t until, base::Timestamp now) {
  return Error(Code::AccessDenied, "Request has expired")
      .with("Expires", base::format_iso8601_millis({until, 0}))
      .with("ServerTime", base::format_iso8601_millis(now));
}

Error skewed(base::Timestamp time, base::Timestamp now) {
  return Error(Code::RequestTimeTooSkewed)
      .with("RequestTime", base::format_iso8601_basic(time))
      .with("ServerTime", base::format_iso8601_millis(now))
      .with("MaxAllowedSkewMilliseconds", std::to_string(ClockSkewSecondsMax * 1000));
}

// Somebody who holds a presigned URL must not be able to add x-amz-copy-source to it. The payload
// hash is in the canonical request anyway.
Outcome<void> check_signed_headers(const ClaimCheck& check) {
  const kernel::SigV4Authorization& v4 = check.claim.v4;
  std::string missing;
  for (const http::Headers::Field field : check.request.headers) {
    if (field.name.size() < 6) continue;
    const std::string name = kernel::to_lower(field.name);
    if (!name.starts_with("x-amz-") || name == "x-amz-content-sha256" || v4.signs(name)) continue;
    if (!missing.empty()) missing.append(", ");
    missing.append(name);
  }
  if (!v4.signs("host")) missing.insert(0, missing.empty() ? "host" : "host, ");
  if (missing.empty()) return {};
  return Error(Code::AccessDenied,
               "There were headers present in the request which were not signed")
      .with("HeadersNotSigned", std::move(missing));
}

// The text of the payload hash, if the request has one.
std::string_view payload_text(const ClaimCheck& check) {
  if (check.claim.scheme == Claim::Scheme::V4Presigned) {
    if (const auto text = check.query.get("X-Amz-Content-Sha256")) return *text;
  }
  return check.request.headers.get_or_empty("x-amz-content-sha256");
}

bool has_no_body(const http::Request& request) {
  return request.body.content_length().value_or(0) == 0 && !request.body.is_chunked();
}

// Tries the request as it came, and then, one at a time, the ways in which honest clients and
// proxies differ from it.
class V4Verifier {
 public:
  V4Verifier(const ClaimCheck& check, base::Bytes key)
      : check_(check),
        key_(std::move(key)),
        time_(base::format_iso8601_basic(check.claim.time)),
        scope_(check.claim.v4.credential.scope.text()),
        headers_(fields_of(check.request.headers)),
        query_(fields_of(check.query)) {}

  bool verify() {
    const auto payload = payload_text(check_);
    const auto shown = payload.empty() ? kernel::UnsignedPayload : payload;
    if (matches(headers_, query_, shown)) return true;
    canonical_ = std::exchange(last_canonical_, {});
    string_to_sign_ = std::exchange(last_string_to_sign_, {});
    is_plus_literal_ = check_.request.query.find('+') != std::string::npos && matches_plus(shown);
    if (is_plus_literal_) return true;
    if (payload.empty() && has_no_body(check_.request) &&
        matches(headers_, query_, kernel::EmptySha256)) {
      return true;
    }
    return check_.is_proxy_trusted && matches_forwarded_host(shown);
  }

  bool is_plus_literal() const { return is_plus_literal_; }

  Error mismatch() && {
    return Error(Code::SignatureDoesNotMatch)
        .with("AWSAccessKeyId", check_.claim.access_key_id)
        .with("StringToSign", std::move(string_to_sign_))
        .with("SignatureProvided", check_.claim.signature)
        .with("CanonicalRequest", std::move(canonical_));
  }

  kernel::SigV4ChunkChain chain() && {
    return {std::move(key_), std::move(time_), std::move(scope_), check_.claim.signature};
  }

 private:
  bool matches(const std::vector<SigV4Field>& headers, const std::vector<SigV4Field>& query,
               std::string_view payload) {
    const kernel::SigV4Request request{check_.request.method_name, check_.decoded_path, query,
                                       headers, payload};
    last_canonical_ = kernel::sigv4_canonical_request(request, check_.claim.v4.signed_headers);
    last_string_to_sign_ = kernel::sigv4_string_to_sign(time_, scope_, last_canonical_);
    return base::equal_constant_time(kernel::sigv4_signature(key_, last_string_to_sign_),
                                     check_.claim.signature);
  }

  // A client that leaves `+` bare but means a plus sign.
  bool matches_plus(std::string_view payload) {
    const http::Query query = http::Query::parse(with_plus_escaped(check_.request.query));
    return matches(headers_, fields_of(query), payload);
  }

  bool matches_forwarded_host(std::string_view payload) {
    const auto host = check_.request.headers.get_or_empty("X-Forwarded-Host");
    if (host.empty()) return false;
    std::vector<SigV4Field> headers = headers_;
    for (SigV4Field& field : headers) {
      if (kernel::equal_lower(field.name, "host")) field.value = host;
    }
    return matches(headers, query_, payload);
  }

  const ClaimCheck& check_;
  base::Bytes key_;
  std::string time_;
  std::string scope_;
  std::vector<SigV4Field> headers_;
  std::vector<SigV4Field> query_;
  bool is_plus_literal_ = false;
  std::string last_canonical_;
  std::string last_string_to_sign_;
  std::string canonical_;
  std::string string_to_sign_;
};

// SigV2 in its forms; where clients differ, each way is tried.
class V2Verifier {
 public:
  explicit V2Verifier(const ClaimCheck& check)
      : check_(check), headers_(fields_of(check.request.headers)), query_(fields_of(check.query)) {}

  bool verify() {
    for (const std::string& path : paths()) {
      for (const std::string& line : date_lines()) {
        if (matches(path, line)) return true;
      }
    }
    return false;
  }

  bool verify_java() {
    const auto& request = check_.request;
    string_to_sign_ = kernel::java_v2_string_to_sign(request.host, request.path, query_);
    return base::equal_constant_time(kernel::java_v2_signature(check_.secret, string_to_sign_),
                                     check_.claim.signature);
  }

  Error mismatch() && {
    return Error(Code::SignatureDoesNotMatch)
        .with("AWSAccessKeyId", check_.claim.access_key_id)
        .with("StringToSign", std::move(string_to_sign_))
        .with("SignatureProvided", check_.claim.signature);
  }

 private:
  // botocore signs a bucket as `/bucket/` and sends `/bucket`.
  std::vector<std::string> paths() const {
    std::vector<std::string> paths{check_.request.path};
    const bool is_bucket = check_.address.ref.empty() && check_.address.path.empty();
    if (is_bucket && !paths.front().ends_with('/')) paths.push_back(paths.front() + "/");
    return paths;
  }

  // S3 leaves the date line empty beside x-amz-date; older clients do not.
  std::vector<std::string> date_lines() const {
    if (check_.claim.scheme == Claim::Scheme::V2Presigned) {
      return {std::to_string(check_.claim.expires)};
    }
    const std::string date(check_.request.headers.get_or_empty("Date"));
    if (check_.request.headers.get_or_empty("x-amz-date").empty()) return {date};
    return {"", date};
  }

  bool matches(const std::string& path, const std::string& date_line) {
    const auto bucket = check_.address.is_virtual_host ? std::string_view(check_.address.repository)
                                                       : std::string_view();
    const kernel::SigV2Request request{
        check_.request.method_name, bucket, path, query_, headers_, date_line};
    std::string candidate = kernel::sigv2_string_to_sign(request);
    const std::string signature = kernel::sigv2_signature(check_.secret, candidate);
    if (string_to_sign_.empty()) string_to_sign_ = std::move(candidate);
    return base::equal_constant_time(signature, check_.claim.signature);
  }

  const ClaimCheck& check_;
  std::vector<SigV4Field> headers_;
  std::vector<SigV4Field> query_;
  std::string string_to_sign_;  // of the request as it came, for the error
};

}  // namespace

std::string with_plus_escaped(std::string_view query) {
  std::string out;
  for (const char c : query) {
    if (c == '+') {
      out.append("%2B");
    } else {
      out.push_back(c);
    }
  }
  return out;
}

Outcome<Proof> check_claim(const ClaimCheck& check, SigningKeys& keys) {
  const bool is_v4 = check.claim.scheme == Claim::Scheme::V4Header ||
                     check.claim.scheme == Claim::Scheme::V4Presigned;
  if (is_v4) return check_v4(check, keys);
  VARVE_CHECK(check_v2(check));
  Proof proof;
  VARVE_TRY(proof.mode, parse_payload_mode(payload_text(check)));
  return proof;
}

Outcome<Proof> check_v4(const ClaimCheck& check, SigningKeys& keys) {
  VARVE_CHECK(check_signed_headers(check));
  V4Verifier verifier(
      check, keys.get(check.claim.access_key_id, check.secret, check.claim.v4.credential.scope));
  if (!verifier.verify()) return std::move(verifier).mismatch();
  VARVE_CHECK(check_clock(check.claim, check.now));
  Proof proof;
  VARVE_TRY(proof.mode, parse_payload_mode(payload_text(check)));
  proof.is_plus_literal = verifier.is_plus_literal();
  if (proof.mode.is_signed) proof.chain = std::move(verifier).chain();
  return proof;
}

Outcome<void> check_v2(const ClaimCheck& check) {
  V2Verifier verifier(check);
  const bool is_java = check.claim.scheme == Claim::Scheme::JavaV2;
  if (!(is_java ? verifier.verify_java() : verifier.verify())) {
    return std::move(verifier).mismatch();
  }
  return check_clock(check.claim, check.now);
}

Outcome<void> check_clock(const Claim& claim, base::Timestamp now) {
  if (claim.scheme == Claim::Scheme::V2Presigned) {
    if (now.seconds > claim.expires) return expired(claim.expires, now);
    return {};
  }
  const std::int64_t age = now.seconds - claim.time.seconds;
  if (claim.scheme == Claim::Scheme::V4Presigned) {
    if (age < -ClockSkewSecondsMax) {
      return Error(Code::AccessDenied, "Request is not valid yet");
    }
    const std::int64_t until = claim.time.seconds + claim.expires;
    if (now.seconds > until) return expired(until, now);
    return {};
  }
  if (age > ClockSkewSecondsMax || age < -ClockSkewSecondsMax) return skewed(claim.time, now);
  return {};
}

}  // namespace varve::s3
