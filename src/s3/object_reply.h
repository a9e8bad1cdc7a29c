// Which part of an object a read asks for, once the object is known. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "http/headers.h"
#include "http/uri.h"
#include "model/records.h"
#include "s3/byte_range.h"
#include "s3/errors.h"

namespace varve::s3 {

struct Selection {
  Span span;             // of the object's bytes
  bool is_part = false;  // 206
  std::optional<std::size_t> parts_count;
};
// By partNumber or Range; both together are refused.
//   InvalidRange (with Content-Range), InvalidPartNumber, InvalidArgument, InvalidRequest
Outcome<Selection> select_bytes(const http::Headers& headers, const http::Query& query,
                                const model::Entry& entry);

// The response-* parameters, as headers that replace the object's own.
//   InvalidArgument  a value that cannot be a header's
Outcome<void> override_headers(const http::Query& query, http::Headers& headers);

}  // namespace varve::s3
