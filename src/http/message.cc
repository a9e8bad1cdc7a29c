#include "http/message.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "http/body.h"
#include "http/headers.h"
#include "http/uri.h"

namespace varve::http {
namespace {

using base::Bytes;
using base::Code;
using base::Error;
using base::Result;
using base::Task;

constexpr std::array<std::string_view, 9> MethodNames = {
    "GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"};
static_assert(MethodNames.size() == static_cast<std::size_t>(Method::Other));

struct Phrase {
  int status;
  std::string_view text;
};
constexpr Phrase Phrases[] = {
    // clang-format off
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
    // clang-format on
};

Result<Bytes> read_file(const FileBody& file) {
  Bytes bytes(static_cast<std::size_t>(file.length), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::pread(file.descriptor, bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(file.offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error(Code::Unavailable, std::generic_category().message(errno));
    if (got == 0) return Error(Code::Corruption, "the file is shorter than its object");
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace

Method method_of(std::string_view name) {
  for (std::size_t i = 0; i < MethodNames.size(); ++i) {
    if (MethodNames[i] == name) return static_cast<Method>(i);
  }
  return Method::Other;
}

std::string_view to_string(Method method) {
  const auto index = static_cast<std::size_t>(method);
  return index < MethodNames.size() ? MethodNames[index] : std::string_view("OTHER");
}

std::string_view reason_phrase(int status) {
  for (const Phrase& phrase : Phrases) {
    if (phrase.status == status) return phrase.text;
  }
  return "";
}

Request make_request(Method method, std::string_view target, Headers headers, Bytes body) {
  Request request;
  request.method = method;
  request.method_name = std::string(to_string(method));
  request.target = std::string(target);
  const TargetParts parts = split_target(target);
  request.path = std::string(parts.path);
  request.query = std::string(parts.query);
  request.has_query = parts.has_query;
  request.host = std::string(headers.get_or_empty("Host"));
  request.headers = std::move(headers);
  if (!body.empty()) {
    request.headers.set("Content-Length", std::to_string(body.size()));
    request.body = body_of(std::move(body));
  } else if (request.headers.get_or_empty("Content-Length") == "0") {
    request.body = body_of(Bytes());
  }
  return request;
}

Task<Result<Bytes>> collect_body(ResponseBody body) {
  if (auto* bytes = std::get_if<Bytes>(&body)) co_return std::move(*bytes);
  if (auto* file = std::get_if<FileBody>(&body)) co_return read_file(*file);
  if (auto* source = std::get_if<std::unique_ptr<BodySource>>(&body)) {
    Bytes whole;
    for (;;) {
      VARVE_CO_TRY(Bytes piece, co_await (*source)->next());
      if (piece.empty()) co_return whole;
      whole.append(piece);
    }
  }
  co_return Bytes();
}

}  // namespace varve::http
