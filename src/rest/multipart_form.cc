#include "rest/multipart_form.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "http/body.h"
#include "http/headers.h"
#include "model/limits.h"
#include "rest/media_type.h"

namespace varve::rest {
namespace {

base::Error bad_form(std::string_view why) {
  return {base::Code::InvalidArgument, "multipart: " + std::string(why)};
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  return line;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

// The line break that a first delimiter may lack is put in front of the body, so that all
// delimiters look alike.
MultipartForm::MultipartForm(http::BodyStream body, std::string_view boundary)
    : body_(std::move(body)), delimiter_("\r\n--" + std::string(boundary)), buffer_("\r\n") {}

base::Task<base::Result<bool>> MultipartForm::fill() {
  VARVE_CO_TRY(const base::Bytes more, co_await body_.read(model::TransferBufferBytes));
  buffer_.append(more);
  co_return !more.empty();
}

// A boundary is only one if it ends there: a longer word that begins like it is content.
MultipartForm::Sight MultipartForm::look() const {
  for (std::size_t at = 0;; ++at) {
    at = buffer_.find(delimiter_, at);
    if (at == base::Bytes::npos) {
      const std::size_t doubtful = std::min(buffer_.size(), delimiter_.size() - 1);
      return {.content = buffer_.size() - doubtful, .is_delimiter = false};
    }
    const std::size_t after = at + delimiter_.size();
    if (after == buffer_.size()) return {.content = at, .is_delimiter = false};
    constexpr std::string_view Ends = "-\r \t";
    if (Ends.find(buffer_[after]) != std::string_view::npos) {
      return {.content = at, .is_delimiter = true};
    }
  }
}

// Drops everything up to the next delimiter, and it.
base::Task<base::Result<void>> MultipartForm::skip_to_delimiter() {
  for (;;) {
    const Sight sight = look();
    buffer_.erase(0, sight.content);
    if (sight.is_delimiter) {
      buffer_.erase(0, delimiter_.size());
      co_return base::Result<void>();
    }
    VARVE_CO_TRY(const bool has_more, co_await fill());
    if (!has_more) co_return bad_form("NextPart: EOF");
  }
}

base::Task<base::Result<MultipartForm::PartHeader>> MultipartForm::read_header() {
  // After a delimiter: "--" ends the form, a line break begins a part.
  while (buffer_.size() < 2) {
    VARVE_CO_TRY(const bool has_more, co_await fill());
    if (!has_more) co_return bad_form("NextPart: EOF");
  }
  if (buffer_.starts_with("--")) {
    PartHeader last;
    last.is_last = true;
    co_return last;
  }
  for (;;) {
    const std::size_t end = buffer_.find("\r\n\r\n");
    if (end != base::Bytes::npos && end <= PartHeaderBytesMax) {
      auto header = parse_header(std::string_view(buffer_).substr(0, end));
      // The blank line's own break stays: it may be that of a delimiter, if the part is empty.
      buffer_.erase(0, end + 2);
      co_return header;
    }
    if (buffer_.size() > PartHeaderBytesMax) co_return bad_form("part header is too large");
    VARVE_CO_TRY(const bool has_more, co_await fill());
    if (!has_more) co_return bad_form("NextPart: EOF");
  }
}

base::Result<MultipartForm::PartHeader> MultipartForm::parse_header(std::string_view text) {
  PartHeader header;
  // Spaces after a boundary are allowed (RFC 2046 5.1.1), anything else is not one.
  if (!trimmed(take_line(text)).empty()) return bad_form("malformed boundary");
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return bad_form("malformed part header");
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (http::equal_ignoring_case(name, "Content-Type")) header.content_type = value;
    if (http::equal_ignoring_case(name, "Content-Disposition")) {
      const auto disposition = parse_media_type(value);
      if (!disposition || disposition->type != "form-data") continue;
      if (const std::string* form_name = disposition->find("name")) header.name = *form_name;
    }
  }
  return header;
}

base::Task<base::Result<MultipartForm::Part>> MultipartForm::find_part(std::string name) {
  for (int parts = 0; parts <= FormPartsMax; ++parts) {
    VARVE_CO_CHECK(co_await skip_to_delimiter());
    VARVE_CO_TRY(PartHeader header, co_await read_header());
    if (header.is_last) {
      co_return base::Error(base::Code::NotFound, "the form has no part '" + name + "'");
    }
    if (header.name != name) continue;
    // Now the blank line's break goes, unless it already belongs to the delimiter behind it.
    while (buffer_.size() < delimiter_.size()) {
      VARVE_CO_TRY(const bool has_more, co_await fill());
      if (!has_more) break;
    }
    if (!buffer_.starts_with(delimiter_)) buffer_.erase(0, 2);
    is_in_part_ = true;
    Part part;
    part.content_type = std::move(header.content_type);
    co_return part;
  }
  co_return bad_form("too many parts");
}

base::Task<base::Result<base::Bytes>> MultipartForm::read(std::size_t bytes_max) {
  if (!is_in_part_) co_return base::Bytes();
  for (;;) {
    const Sight sight = look();
    if (sight.content > 0) {
      const std::size_t size = std::min(sight.content, bytes_max);
      base::Bytes out = buffer_.substr(0, size);
      buffer_.erase(0, size);
      co_return out;
    }
    if (sight.is_delimiter) {
      is_in_part_ = false;
      co_return base::Bytes();
    }
    VARVE_CO_TRY(const bool has_more, co_await fill());
    if (!has_more) {
      co_return base::Error(base::Code::InvalidArgument,
                            "unexpected EOF\nfailed to write to storage");
    }
  }
}

}  // namespace varve::rest
