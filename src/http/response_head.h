// How a response begins on the wire. Pure: from a Response and what the connection decided to the
// bytes of its head.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace varve::http {

struct ResponsePlan {
  std::optional<std::uint64_t> content_length;  // the header; absent: none is sent
  bool sends_body = false;
  bool is_chunked = false;
  bool ends_with_close = false;  // HTTP/1.0 has no other way to end a body of unknown length
};

// RFC 9112 6.3, with the server's eyes.
ResponsePlan plan_response(const Response& response, Method method, int version_minor);

struct ConnectionState {
  bool keep_alive = true;
  int version_minor = 1;  // of the request
  std::string_view date;
};

// Appends the status line and all fields, the empty line included. Fields that frame or route the
// message are the server's own and replace what the handler set; a Date of the handler stays. CR,
// LF and NUL become spaces: no value can add a field of its own.
void append_response_head(std::string& out, const Response& response, const ResponsePlan& plan,
                          const ConnectionState& state);

// What goes before a chunk's bytes; "\r\n" goes after them. That of 0 ends a body.
std::string chunk_header(std::size_t size);

}  // namespace varve::http
