#include "s3/claim.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/number.h"
#include "base/result.h"
#include "base/time.h"
#include "http/headers.h"
#include "http/message.h"
#include "http/uri.h"
#include "kernel/sigv2.h"
#include "kernel/sigv4.h"
#include "s3/errors.h"

namespace varve::s3 {
namespace {

constexpr std::string_view V4Prefix = "AWS4";
constexpr std::string_view V2Prefix = "AWS ";

Error malformed_header(std::string_view what) {
  return Error(Code::AuthorizationHeaderMalformed,
               "The authorization header is malformed; " + std::string(what));
}
Error malformed_query(std::string_view what) {
  return Error(Code::AuthorizationQueryParametersError,
               "Error parsing the query authentication parameters; " + std::string(what));
}
Error no_date() {
  return Error(Code::AccessDenied, "AWS authentication requires a valid Date or x-amz-date header");
}

// "Tue, 27 Mar 2007 19:36:42 +0100": HTTP's date with a numeric zone, which SigV2 clients send.
std::optional<base::Timestamp> parse_zoned_date(std::string_view text) {
  if (text.size() < 6) return std::nullopt;
  const auto zone = text.substr(text.size() - 5);
  if (zone[0] != '+' && zone[0] != '-') return std::nullopt;
  const auto offset = base::parse_number<std::int64_t>(zone.substr(1));
  auto time = base::parse_http_date(std::string(text.substr(0, text.size() - 5)) + "GMT");
  if (!offset || !time) return std::nullopt;
  const std::int64_t seconds = (*offset / 100) * 3600 + (*offset % 100) * 60;
  time->seconds -= zone[0] == '+' ? seconds : -seconds;
  return time;
}

std::optional<base::Timestamp> parse_any_date(std::string_view text) {
  if (const auto time = base::parse_iso8601_basic(text)) return time;
  if (const auto time = base::parse_http_date(text)) return time;
  return parse_zoned_date(text);
}

// x-amz-date, else Date.
Outcome<base::Timestamp> header_time(const http::Headers& headers) {
  auto text = headers.get_or_empty("x-amz-date");
  if (text.empty()) text = headers.get_or_empty("Date");
  if (text.empty()) return no_date();
  const auto time = parse_any_date(text);
  if (!time) return Error(Code::MalformedDate);
  return *time;
}

Outcome<void> check_day(const Claim& claim) {
  const std::string day = base::format_iso8601_basic(claim.time).substr(0, 8);
  if (day == claim.v4.credential.scope.date) return {};
  return malformed_header("Invalid credential date. Date is not the same as X-Amz-Date.");
}

Outcome<Claim> read_v4_header(const http::Request& request, std::string_view authorization) {
  auto parsed = kernel::parse_sigv4_authorization(authorization);
  if (!parsed) return malformed_header(parsed.error().message());
  Claim claim;
  claim.scheme = Claim::Scheme::V4Header;
  claim.v4 = *std::move(parsed);
  const auto& service = claim.v4.credential.scope.service;
  if (service != "s3") {
    return malformed_header("incorrect service \"" + service +
                            "\". This endpoint belongs to \"s3\".");
  }
  claim.access_key_id = claim.v4.credential.access_key_id;
  claim.signature = claim.v4.signature;
  VARVE_TRY(claim.time, header_time(request.headers));
  VARVE_CHECK(check_day(claim));
  return claim;
}

Outcome<std::int64_t> read_expires(std::string_view text) {
  const auto refuse = [](const char* what) {
    return Error(Code::AuthorizationQueryParametersError, what);
  };
  const auto expires = base::parse_number<std::int64_t>(text);
  if (!expires) return refuse("X-Amz-Expires should be a number");
  if (*expires < 0) return refuse("X-Amz-Expires must be non-negative");
  if (*expires > PresignedSecondsMax) {
    return refuse(
        "X-Amz-Expires must be less than a week (in seconds); that is, the given "
        "X-Amz-Expires must be less than 604800 seconds");
  }
  return *expires;
}

Outcome<Claim> read_v4_query(const http::Query& query) {
  for (const std::string_view name : {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature",
                                      "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires"}) {
    if (query.has(name)) continue;
    return Error(Code::AuthorizationQueryParametersError,
                 "Query-string authentication version 4 requires the X-Amz-Algorithm, "
                 "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
                 "X-Amz-Expires parameters.");
  }
  if (!http::equal_ignoring_case(*query.get("X-Amz-Algorithm"), kernel::SigV4Algorithm)) {
    return Error(Code::AuthorizationQueryParametersError,
                 "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\".");
  }
  Claim claim;
  claim.scheme = Claim::Scheme::V4Presigned;
  auto credential = kernel::parse_sigv4_credential(*query.get("X-Amz-Credential"));
  if (!credential) return malformed_query(credential.error().message());
  claim.v4.credential = *std::move(credential);
  if (claim.v4.credential.scope.service != "s3") return malformed_query("incorrect service.");
  auto names = kernel::parse_signed_headers(*query.get("X-Amz-SignedHeaders"));
  if (!names) return malformed_query(names.error().message());
  claim.v4.signed_headers = *std::move(names);
  claim.signature = *query.get("X-Amz-Signature");
  if (!kernel::is_signature_text(claim.signature)) return malformed_query("bad X-Amz-Signature.");
  claim.access_key_id = claim.v4.credential.access_key_id;
  const auto time = base::parse_iso8601_basic(*query.get("X-Amz-Date"));
  if (!time) return Error(Code::MalformedDate);
  claim.time = *time;
  VARVE_TRY(claim.expires, read_expires(*query.get("X-Amz-Expires")));
  VARVE_CHECK(check_day(claim));
  return claim;
}

Outcome<Claim> read_v2_header(const http::Request& request, std::string_view authorization) {
  auto parsed = kernel::parse_sigv2_authorization(authorization);
  if (!parsed) return malformed_header(parsed.error().message());
  Claim claim;
  claim.scheme = Claim::Scheme::V2Header;
  claim.access_key_id = std::move(parsed->access_key_id);
  claim.signature = std::move(parsed->signature);
  VARVE_TRY(claim.time, header_time(request.headers));
  return claim;
}

Outcome<Claim> read_v2_query(const http::Query& query) {
  Claim claim;
  claim.access_key_id = query.get("AWSAccessKeyId").value_or("");
  claim.signature = query.get("Signature").value_or("");
  if (claim.access_key_id.empty() || claim.signature.empty()) return Error(Code::MissingFields);
  if (query.get("SignatureVersion") == "2") {
    claim.scheme = Claim::Scheme::JavaV2;
    if (query.get("SignatureMethod") != "HmacSHA256") return Error(Code::MissingFields);
    const auto text = query.get("Timestamp").value_or("");
    if (text.empty()) return Error(Code::MissingFields);
    const auto time = base::parse_rfc3339(text);
    if (!time) return Error(Code::MalformedDate);
    claim.time = *time;
    return claim;
  }
  claim.scheme = Claim::Scheme::V2Presigned;
  const auto expires = base::parse_number<std::int64_t>(query.get("Expires").value_or(""));
  if (!query.has("Expires")) return Error(Code::MissingFields);
  if (!expires) {
    return Error(Code::AccessDenied, "Invalid date (should be seconds since epoch)");
  }
  claim.expires = *expires;
  return claim;
}

}  // namespace

Outcome<Claim> read_claim(const http::Request& request, const http::Query& query) {
  const auto authorization = request.headers.get_or_empty("Authorization");
  if (authorization.starts_with(V4Prefix)) return read_v4_header(request, authorization);
  if (authorization.starts_with(V2Prefix)) return read_v2_header(request, authorization);
  const auto scheme = authorization.substr(0, authorization.find(' '));
  Claim claim;
  if (http::equal_ignoring_case(scheme, "Bearer") || http::equal_ignoring_case(scheme, "Basic")) {
    claim.scheme = Claim::Scheme::Api;
    return claim;
  }
  if (query.has("X-Amz-Algorithm") || query.has("X-Amz-Credential")) return read_v4_query(query);
  if (query.has("AWSAccessKeyId")) return read_v2_query(query);
  if (!authorization.empty()) {
    return invalid_argument("Authorization", std::string(scheme.substr(0, 64)),
                            "Unsupported Authorization Type");
  }
  if (request.headers.has("Cookie")) claim.scheme = Claim::Scheme::Api;
  return claim;
}

std::vector<kernel::SigV4Field> fields_of(const http::Headers& headers) {
  std::vector<kernel::SigV4Field> fields;
  fields.reserve(headers.size());
  for (const http::Headers::Field field : headers) fields.push_back({field.name, field.value});
  return fields;
}

std::vector<kernel::SigV4Field> fields_of(const http::Query& query) {
  std::vector<kernel::SigV4Field> fields;
  fields.reserve(query.parameters().size());
  for (const http::QueryParameter& one : query.parameters()) {
    fields.push_back({one.name, one.value});
  }
  return fields;
}

}  // namespace varve::s3
