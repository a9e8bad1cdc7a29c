#include "http/response_head.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/number.h"
#include "http/body.h"
#include "http/headers.h"
#include "http/message.h"

namespace varve::http {
namespace {

using base::Bytes;

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_clean(std::string& out, std::string_view text) {
  const std::size_t begin = out.size();
  out.append(text);
  if (text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos) return;
  for (std::size_t i = begin; i < out.size(); ++i) {
    if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') out[i] = ' ';
  }
}

// Decided by length first: this is asked for every field of every response.
bool is_own_field(std::string_view name) {
  switch (name.size()) {
    case 10:
      return equal_ignoring_case(name, "Connection") || equal_ignoring_case(name, "Keep-Alive");
    case 14:
      return equal_ignoring_case(name, "Content-Length");
    case 17:
      return equal_ignoring_case(name, "Transfer-Encoding");
    default:
      return false;
  }
}

std::optional<std::uint64_t> announced_length(const Headers& headers) {
  const std::string_view text = headers.get_or_empty("Content-Length");
  return base::parse_number<std::uint64_t>(text);
}

std::optional<std::uint64_t> body_length(const ResponseBody& body) {
  if (const auto* bytes = std::get_if<Bytes>(&body)) return bytes->size();
  if (const auto* file = std::get_if<FileBody>(&body)) return file->length;
  if (const auto* source = std::get_if<std::unique_ptr<BodySource>>(&body)) {
    return (*source)->length();
  }
  return 0;
}

void append_status_line(std::string& out, int status) {
  if (status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
    return;
  }
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(status));
  out.push_back(' ');
  out.append(reason_phrase(status));
  out.append("\r\n");
}

}  // namespace

ResponsePlan plan_response(const Response& response, Method method, int version_minor) {
  ResponsePlan plan;
  const bool is_empty = std::holds_alternative<std::monostate>(response.body);
  if (response.status < 200 || response.status == 204) return plan;
  if (response.status == 304) {
    plan.content_length = announced_length(response.headers);
    return plan;
  }
  if (method == Method::Head) {
    plan.content_length = is_empty ? announced_length(response.headers) : std::nullopt;
    if (!plan.content_length) plan.content_length = body_length(response.body);
    return plan;
  }
  plan.content_length = body_length(response.body);
  plan.sends_body = plan.content_length != 0;
  if (plan.content_length) return plan;
  plan.is_chunked = version_minor > 0;
  plan.ends_with_close = !plan.is_chunked;
  return plan;
}

void append_response_head(std::string& out, const Response& response, const ResponsePlan& plan,
                          const ConnectionState& state) {
  append_status_line(out, response.status);
  bool has_date = false;
  for (const Headers::Field field : response.headers) {
    if (is_own_field(field.name)) continue;
    if (field.name.size() == 4 && equal_ignoring_case(field.name, "Date")) has_date = true;
    append_clean(out, field.name);
    out.append(": ");
    append_clean(out, field.value);
    out.append("\r\n");
  }
  if (!has_date) {
    out.append("Date: ");
    out.append(state.date);
    out.append("\r\n");
  }
  if (plan.content_length) {
    out.append("Content-Length: ");
    append_number(out, *plan.content_length);
    out.append("\r\n");
  }
  if (plan.is_chunked) out.append("Transfer-Encoding: chunked\r\n");
  if (!state.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (state.version_minor == 0) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

std::string chunk_header(std::size_t size) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  return std::string(digits.data(), end).append("\r\n");
}

}  // namespace varve::http
