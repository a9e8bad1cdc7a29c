#include "http/head_scanner.h"

#include <cstddef>
#include <string_view>

namespace varve::http {
namespace {

// How many empty lines may precede a request.
constexpr std::size_t SkippedBytesMax = 4;

}  // namespace

HeadScanner::State HeadScanner::refuse(int status, std::string_view reason) {
  fault_ = HeadFault{.status = status, .reason = reason};
  return State::Refused;
}

HeadScanner::State HeadScanner::check_limits(std::size_t buffered_bytes) {
  if (lines_ == 0 && buffered_bytes - begin_ > limits_.request_line_bytes_max) {
    return refuse(414, "the request line is too long");
  }
  if (buffered_bytes - begin_ > limits_.header_bytes_max) {
    return refuse(431, "the headers are too large");
  }
  return State::Incomplete;
}

HeadScanner::State HeadScanner::advance(std::string_view buffered) {
  for (;;) {
    const std::size_t feed = buffered.find('\n', scanned_);
    if (feed == std::string_view::npos) {
      scanned_ = buffered.size();
      return check_limits(buffered.size());
    }
    if (feed == line_begin_ || buffered[feed - 1] != '\r') {
      return refuse(400, "a line does not end in CR LF");
    }
    const std::string_view line = buffered.substr(line_begin_, feed - 1 - line_begin_);
    scanned_ = feed + 1;
    line_begin_ = feed + 1;
    if (line.empty()) {
      if (lines_ > 0) return State::Complete;
      begin_ = line_begin_;
      if (begin_ > SkippedBytesMax) return refuse(400, "a request starts with empty lines");
      continue;
    }
    if (lines_ > 0 && (line.front() == ' ' || line.front() == '\t')) {
      return refuse(400, "a header is folded");
    }
    if (line.find('\0') != std::string_view::npos || line.find('\r') != std::string_view::npos) {
      return refuse(400, "a header holds a control character");
    }
    if (check_limits(scanned_) == State::Refused) return State::Refused;
    if (++lines_ > limits_.lines_max) return refuse(431, "there are too many headers");
  }
}

}  // namespace varve::http
