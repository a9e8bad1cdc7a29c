// The Range header of one object (rest-semantics.md 16.4). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace varve::rest {

struct RangeAnswer {
  enum class Kind : std::uint8_t {
    Whole,         // no header
    Part,          // [first, first + count)
    OutOfBounds,   // 416 with `Content-Range: bytes */size`
    Unacceptable,  // 416 without: several ranges, a range that runs backwards, a number too large
  };
  Kind kind = Kind::Whole;
  std::int64_t first = 0;
  std::int64_t count = 0;
};

// `header` has the form that validation asks for (schemas.cc); empty: absent.
RangeAnswer parse_range(std::string_view header, std::int64_t size);

std::string content_range(const RangeAnswer& range, std::int64_t size);  // of Part and OutOfBounds

}  // namespace varve::rest
