// Instants. Time is data here: a wall-clock reading is seconds and nanoseconds since 1970 in UTC,
// as the persistent messages keep it. Who needs "now" is given a Clock.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace varve::base {

struct Timestamp {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;  // 0 .. 999,999,999, always counted forward

  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

using MonotonicTime = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

// Wall and monotonic readings. Any thread may read at any time. The real one is adapters/system;
// tests and sim/ hold theirs still.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() = 0;
  virtual MonotonicTime monotonic() = 0;
};

std::string format_rfc3339(Timestamp time);  // UTC, "Z", up to nanoseconds, trailing zeros dropped
std::string format_http_date(Timestamp time);       // RFC 9110 IMF-fixdate
std::string format_iso8601_millis(Timestamp time);  // S3's <LastModified>: 2026-03-01T10:20:30.123Z
std::optional<Timestamp> parse_rfc3339(std::string_view text);
// IMF-fixdate, RFC 850 and asctime, as RFC 9110 5.6.7 asks of a recipient.
std::optional<Timestamp> parse_http_date(std::string_view text);
// yyyymmddThhmmssZ, SigV4's form.
std::optional<Timestamp> parse_iso8601_basic(std::string_view text);
std::string format_iso8601_basic(Timestamp time);

}  // namespace varve::base
