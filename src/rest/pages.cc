#include "rest/pages.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "http/headers.h"
#include "http/message.h"
#include "http/uri.h"
#include "rest/cookie.h"
#include "rest/options.h"

namespace varve::rest {
namespace {

constexpr std::string_view PlainPage = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Varve</title>
</head>
<body>
<h1>Varve</h1>
<p>Version control for data lakes. This server was built without its web interface.</p>
<p>The API is at <code>/api/v1</code>, its description at <a href="/openapi.json">/openapi.json</a>.
S3 clients use this address as their endpoint.</p>
</body>
</html>
)";

// Features of lakeFS's commercial edition that clients probe for.
bool is_absent_feature(std::string_view path) {
  for (const std::string_view prefix :
       {"/iceberg/api", "/iceberg/relative_to", "/mds/iceberg/api"}) {
    if (path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/')) {
      return true;
    }
  }
  return false;
}

bool is_read(const http::Request& request) {
  return request.method == http::Method::Get || request.method == http::Method::Head;
}

bool is_signed_as_aws(const http::Request& request) {
  const std::string_view authorization = request.headers.get_or_empty("Authorization");
  return authorization.starts_with("AWS4-HMAC-SHA256") || authorization.starts_with("AWS ");
}

// Without this a page would tell whoever uploads without a signature that all went well.
http::Response only_for_reading() {
  http::Response response(405, "text/plain; charset=utf-8",
                          "Pages are read with GET. The REST API is under /api/v1; a request to S3 "
                          "must be signed, and this one is not.\n");
  response.headers.add("Allow", "GET, HEAD");
  return response;
}

std::string quoted_md5(std::string_view content) {
  return '"' + base::hex_encode(base::md5(content)) + '"';
}

http::Response file_response(const http::Request& request, std::string_view content,
                             std::string_view content_type, std::string_view etag) {
  http::Response response(200);
  response.headers.add("X-Frame-Options", "SAMEORIGIN");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Etag", etag);
  if (request.headers.get_or_empty("If-None-Match") == etag) {
    response.status = 304;
    return response;
  }
  response.headers.add("Content-Type", content_type);
  response.body = base::Bytes(content);
  return response;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out.append("&amp;");
        break;
      case '<':
        out.append("&lt;");
        break;
      case '>':
        out.append("&gt;");
        break;
      case '"':
        out.append("&#34;");
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

}  // namespace

Pages::Pages(const ApiOptions& options) : options_(options), openapi_(openapi_document(options)) {
  const StaticFile* file = options.ui == nullptr ? nullptr : options.ui->find("/index.html");
  index_ = file == nullptr ? PlainPage : file->content;
  std::string snippets;
  for (const std::string& snippet : options.ui_snippets) snippets.append(snippet).append("\n");
  if (const std::size_t head = index_.find("</head>"); head != base::Bytes::npos) {
    index_.insert(head, snippets);
  }
  index_etag_ = quoted_md5(index_);
}

http::Response Pages::answer(const http::Request& request) const {
  const std::string_view path = request.path;
  if (path == "/openapi.json") {
    return http::Response(200, "application/json", openapi_);
  }
  if (path == "/logout") return logout(request);
  if (is_absent_feature(path)) {
    http::Response response(501, "text/plain; charset=utf-8", "Not Implemented\n");
    response.headers.add("X-Content-Type-Options", "nosniff");
    return response;
  }
  return interface(request);
}

http::Response Pages::logout(const http::Request& request) const {
  http::Response response(307);
  if (is_read(request)) {
    response.headers.add("Content-Type", "text/html; charset=utf-8");
    response.body =
        "<a href=\"" + escaped(options_.logout_redirect_url) + "\">Temporary Redirect</a>.\n\n";
  }
  response.headers.add("Location", options_.logout_redirect_url);
  response.headers.add("Set-Cookie", expired_session_cookie(options_));
  return response;
}

http::Response Pages::interface(const http::Request& request) const {
  if (is_signed_as_aws(request)) return wrong_endpoint(options_, request);
  if (!options_.is_ui_enabled) return http::Response(404);
  if (!is_read(request)) return only_for_reading();
  const auto path = http::percent_decode(request.path);
  if (options_.ui == nullptr || !path || *path == "/" || *path == "/index.html") {
    return index(request);
  }
  const StaticFile* file = options_.ui->find(*path);
  if (file == nullptr) return index(request);  // a page of the application itself
  return file_response(request, file->content, file->content_type, file->etag);
}

http::Response Pages::index(const http::Request& request) const {
  return file_response(request, index_, "text/html; charset=utf-8", index_etag_);
}

http::Response wrong_endpoint(const ApiOptions& options, const http::Request& request) {
  std::string domains;
  for (const std::string& domain : options.gateway_domains) {
    if (!domains.empty()) domains.append(", ");
    domains.append(domain);
  }
  std::string body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>";
  body.append("<Code>ERRLakeFSWrongEndpoint</Code><Message>S3 request received on the wrong ");
  body.append("endpoint. Use a host that is or ends in one of: ").append(escaped(domains));
  body.append("</Message><Resource>").append(escaped(request.path)).append("</Resource></Error>");
  return http::Response(404, "application/xml", std::move(body));
}

}  // namespace varve::rest
