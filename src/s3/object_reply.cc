#include "s3/object_reply.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/number.h"
#include "base/time.h"
#include "http/headers.h"
#include "http/uri.h"
#include "model/records.h"
#include "s3/byte_range.h"
#include "s3/call.h"
#include "s3/conditions.h"
#include "s3/errors.h"
#include "s3/object_properties.h"
#include "s3/user_metadata.h"

namespace varve::s3 {
namespace {

struct Override {
  std::string_view parameter;
  std::string_view header;
};
constexpr std::array<Override, 6> Overrides{{
    {"response-content-type", "Content-Type"},
    {"response-content-language", "Content-Language"},
    {"response-expires", "Expires"},
    {"response-cache-control", "Cache-Control"},
    {"response-content-disposition", "Content-Disposition"},
    {"response-content-encoding", "Content-Encoding"},
}};

Error unsatisfiable(std::string_view range, std::int64_t size) {
  return Error(Code::InvalidRange)
      .with("RangeRequested", std::string(range))
      .with("ActualObjectSize", std::to_string(size))
      .with_header("Content-Range", "bytes */" + std::to_string(size));
}

// Whether parts of these sizes are an object of that size. The sizes are metadata, which the REST
// API lets anybody write.
bool make_up(const std::vector<std::int64_t>& sizes, std::int64_t size) {
  for (const std::int64_t part : sizes) {
    if (part < 0 || part > size) return false;
    size -= part;
  }
  return size == 0;
}

Outcome<Selection> select_part(std::string_view text, const model::Entry& entry) {
  constexpr int PartNumberMax = 10000;
  const int number = base::parse_number<int>(text).value_or(0);
  if (number < 1 || number > PartNumberMax) {
    return invalid_argument("partNumber", std::string(text),
                            "Part number must be an integer between 1 and 10000, inclusive");
  }
  std::vector<std::int64_t> sizes = part_sizes(entry.metadata);
  if (!make_up(sizes, entry.size)) sizes.clear();
  const auto index = static_cast<std::size_t>(number) - 1;
  if (sizes.empty()) {
    if (number > 1) return Error(Code::InvalidPartNumber);
    return Selection{Span{0, entry.size}, entry.size > 0, std::nullopt};
  }
  if (index >= sizes.size()) return Error(Code::InvalidPartNumber);
  Span span{0, sizes[index]};
  for (std::size_t i = 0; i < index; ++i) span.first += sizes[i];
  return Selection{span, span.count > 0, sizes.size()};
}

}  // namespace

Outcome<Selection> select_bytes(const http::Headers& headers, const http::Query& query,
                                const model::Entry& entry) {
  const auto range = headers.get_or_empty("Range");
  if (const auto part = query.get("partNumber")) {
    if (!range.empty()) {
      return Error(Code::InvalidRequest,
                   "Cannot specify both Range header and partNumber query "
                   "parameter");
    }
    return select_part(*part, entry);
  }
  const Selection whole{Span{0, entry.size}, false, std::nullopt};
  if (!if_range_holds(headers.get_or_empty("If-Range"), entry.etag, entry.last_modified)) {
    return whole;
  }
  const RangeAnswer answer = evaluate_range(range, entry.size);
  switch (answer.kind) {
    case RangeAnswer::Kind::Whole:
      return whole;
    case RangeAnswer::Kind::Part:
      return Selection{answer.span, true, std::nullopt};
    case RangeAnswer::Kind::Unsatisfiable:
      break;
  }
  return unsatisfiable(range, entry.size);
}

Outcome<void> override_headers(const http::Query& query, http::Headers& headers) {
  for (const Override& one : Overrides) {
    const auto value = query.get(one.parameter);
    if (!value) continue;
    if (value->find_first_of("\r\n") != std::string_view::npos) {
      return invalid_argument(one.parameter, "", "A header value must not hold line ends.");
    }
    headers.set(one.header, *value);
  }
  return {};
}

void add_object_headers(http::Headers& headers, const model::Entry& entry) {
  headers.reserve(20, 1024);
  headers.add("ETag", quoted_etag(entry.etag));
  headers.add("Last-Modified", base::format_http_date(entry.last_modified));
  headers.add("Content-Type", entry.content_type.empty() ? "application/octet-stream"
                                                         : std::string_view(entry.content_type));
  headers.add("Accept-Ranges", "bytes");
  if (entry.metadata.empty()) return;
  add_system_headers(headers, entry.metadata);
  add_user_metadata(headers, entry.metadata);
  const auto kept = storage_class(entry.metadata);
  if (kept != "STANDARD") headers.add("x-amz-storage-class", kept);
}

}  // namespace varve::s3
