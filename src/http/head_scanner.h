// HeadScanner: finds where a request's head ends, while it arrives, and refuses early what no
// parser should be asked about: lines that end in a bare LF, folded lines, a NUL, a head over its
// limits.
//
// A leading CRLF or two is skipped: some clients send one after a body (RFC 9112 2.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace varve::http {

struct HeadLimits {
  std::size_t header_bytes_max = 64U << 10U;
  std::size_t request_line_bytes_max = 32U << 10U;
  std::size_t lines_max = 1024;  // fields are looked up one by one
};

// Why a request is refused, as the client is told.
struct HeadFault {
  int status = 400;
  std::string_view reason;
};

class HeadScanner {
 public:
  enum class State : std::uint8_t { Incomplete, Complete, Refused };

  explicit HeadScanner(HeadLimits limits) : limits_(limits) {}

  // `buffered` is everything since the end of the previous request, each time with more at its end.
  State advance(std::string_view buffered);

  // When Complete: the head is [begin, end) of what was buffered, its empty line included.
  std::size_t begin() const { return begin_; }
  std::size_t end() const { return line_begin_; }
  std::size_t lines() const { return lines_; }
  HeadFault fault() const { return fault_; }  // when Refused

 private:
  State refuse(int status, std::string_view reason);
  State check_limits(std::size_t buffered_bytes);

  const HeadLimits limits_;
  std::size_t begin_ = 0;       // after skipped empty lines
  std::size_t line_begin_ = 0;  // of the first line not seen whole yet
  std::size_t scanned_ = 0;     // no LF in [line_begin_, scanned_)
  std::size_t lines_ = 0;       // whole lines of the head seen
  HeadFault fault_;
};

}  // namespace varve::http
