// The Range header as S3 reads it: one range in bytes; what cannot be understood is ignored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace varve::s3 {

struct Span {
  std::int64_t first = 0;
  std::int64_t count = 0;
};
// "bytes 0-9/100"
std::string content_range(Span span, std::int64_t size);

struct RangeAnswer {
  enum class Kind : std::uint8_t { Whole, Part, Unsatisfiable };
  Kind kind = Kind::Whole;
  Span span;  // of Part
};
// `header` is empty if there was none. An object without bytes has no part: a suffix gives the
// whole, anything else is unsatisfiable.
RangeAnswer evaluate_range(std::string_view header, std::int64_t size);

// x-amz-copy-source-range: only `bytes=a-b` with a <= b < size. Absent: not that.
std::optional<Span> parse_copy_range(std::string_view header, std::int64_t size);

}  // namespace varve::s3
