// One HTTP request as it arrived, and the response to it. Everything is as sent: paths and queries
// undecoded (http/uri.h decodes), header case and order kept, because signatures cover the raw
// bytes. No network type is visible here; a test makes a Request with make_request().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "http/body.h"
#include "http/headers.h"
#include "http/uri.h"

namespace varve::http {

enum class Method : std::uint8_t {
  Get,
  Head,
  Put,
  Post,
  Delete,
  Patch,
  Options,
  Connect,
  Trace,
  Other,  // see Request::method_name
};
Method method_of(std::string_view name);  // case matters, as the standard says
std::string_view to_string(Method method);

struct Peer {
  std::string address;  // textual IP address, without port
  std::uint16_t port = 0;
};

struct Request {
  Method method = Method::Get;
  std::string method_name;  // as sent
  std::string target;       // as sent: "/a%20b?x=1", "http://host/a", "*"
  std::string path;         // raw, before the first `?`; starts with "/", or is "*"
  std::string query;        // raw, after it
  bool has_query = false;   // `/a?` has an empty one, `/a` has none
  std::string host;         // authority of an absolute target, else Host; port included
  int version_minor = 1;    // HTTP/1.<n>
  bool is_tls = false;
  Peer peer;
  Headers headers;
  BodyStream body;

  Query parse_query() const { return Query::parse(query); }
};

// A stretch of an open file, sent by the kernel itself where it can (sendfile).
struct FileBody {
  int descriptor = -1;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  // Keeps the descriptor open. Shared only to be of any type: whatever read the file moves in here.
  std::shared_ptr<void> owner{};
};

// No body, bytes, a source, or a file. No body means Content-Length: 0, except for 1xx, 204 and
// 304.
using ResponseBody =
    std::variant<std::monostate, base::Bytes, std::unique_ptr<BodySource>, FileBody>;

// What became of a response.
struct SendOutcome {
  std::uint64_t body_bytes = 0;  // accepted by the kernel
  bool is_complete = false;      // false: the client went away, or the source failed
};

// The server adds Date, Content-Length or Transfer-Encoding, and Connection. The answer to HEAD has
// the length of `body`, whose bytes are dropped; or, with no body, the Content-Length set here, so
// that a HEAD need not open the object. CR, LF and NUL in a value are sent as spaces.
struct Response {
  Response() = default;
  explicit Response(int status_code) : status(status_code) {}
  Response(int status_code, std::string_view content_type, base::Bytes bytes)
      : status(status_code), body(std::move(bytes)) {
    headers.add("Content-Type", content_type);
  }

  int status = 200;
  Headers headers;
  ResponseBody body;
  bool close_connection = false;
  // Called once, on the connection's loop, when the last byte went out or nothing more will; for
  // the access log. May be empty.
  std::function<void(SendOutcome)> on_sent;
};

std::string_view reason_phrase(int status);  // "" for a status without a name

// A request without a socket, for tests and for what the server asks itself. `target` is in origin
// form. Content-Length is set from `body` if that is not empty.
Request make_request(Method method, std::string_view target, Headers headers = {},
                     base::Bytes body = {});
// A response's body, whatever its kind, in memory. Files are read where they are.
base::Task<base::Result<base::Bytes>> collect_body(ResponseBody body);

}  // namespace varve::http
