// CORS: what browsers ask before, and look for in, a request from a page of another origin.

#include <algorithm>
#include <string>
#include <string_view>

#include "http/message.h"
#include "s3/call.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/permissions.h"
#include "s3/s3.h"

namespace varve::s3 {
namespace {

// The origin, if pages of it may call.
std::string_view allowed_origin(const http::Request& request, const GatewayOptions& options) {
  const auto origin = request.headers.get_or_empty("Origin");
  if (origin.empty()) return {};
  const bool is_allowed =
      std::any_of(options.cors_origins.begin(), options.cors_origins.end(),
                  [&](const std::string& allowed) { return allowed == "*" || allowed == origin; });
  return is_allowed ? origin : std::string_view();
}

}  // namespace

void add_cors_headers(const http::Request& request, const GatewayOptions& options,
                      http::Response& response) {
  if (options.cors_origins.empty()) return;
  response.headers.add("Vary", "Origin");
  const auto origin = allowed_origin(request, options);
  if (origin.empty()) return;
  response.headers.set("Access-Control-Allow-Origin", origin);
  response.headers.set(
      "Access-Control-Expose-Headers",
      "ETag, Content-Range, Last-Modified, x-amz-request-id, x-amz-checksum-crc32, "
      "x-amz-checksum-crc32c, x-amz-checksum-crc64nvme, x-amz-checksum-sha1, "
      "x-amz-checksum-sha256, x-amz-checksum-type, x-amz-mp-parts-count");
}

// Not authenticated: browsers send no credentials with it.
Reply Exchange::preflight() {
  const auto method = header("Access-Control-Request-Method");
  if (method.empty() || allowed_origin(request_, with_.options).empty()) {
    co_return Error(Code::AccessDenied, "CORSResponse: This CORS request is not allowed.");
  }
  http::Response response(200);
  response.headers.add("Access-Control-Allow-Methods", "GET, PUT, POST, DELETE, HEAD");
  const auto names = header("Access-Control-Request-Headers");
  if (!names.empty()) response.headers.add("Access-Control-Allow-Headers", names);
  response.headers.add("Access-Control-Max-Age", "3600");
  co_return response;
}

}  // namespace varve::s3
