#include "base/time.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace varve::base {
namespace {

constexpr Timestamp Rfc9110Example{784111777, 0};  // 1994-11-06T08:49:37Z, a Sunday

TEST(Time, FormatsOneInstantInEveryForm) {
  const Timestamp time{1772360430, 123'456'789};
  EXPECT_EQ(format_rfc3339(time), "2026-03-01T10:20:30.123456789Z");
  EXPECT_EQ(format_iso8601_millis(time), "2026-03-01T10:20:30.123Z");
  EXPECT_EQ(format_http_date(time), "Sun, 01 Mar 2026 10:20:30 GMT");
  EXPECT_EQ(format_iso8601_basic(time), "20260301T102030Z");
}

TEST(Time, Rfc3339DropsTrailingZeros) {
  EXPECT_EQ(format_rfc3339({0, 0}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339({0, 500'000'000}), "1970-01-01T00:00:00.5Z");
  EXPECT_EQ(format_rfc3339({0, 1}), "1970-01-01T00:00:00.000000001Z");
}

TEST(Time, CountsForwardBefore1970) {
  EXPECT_EQ(format_rfc3339({-1, 999'000'000}), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_rfc3339({-62135596800, 0}), "0001-01-01T00:00:00Z");
  EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59.999Z"), (Timestamp{-1, 999'000'000}));
}

TEST(Time, ShowsWhatNoYearCanHoldAsTheNearest) {
  EXPECT_EQ(format_rfc3339({std::numeric_limits<std::int64_t>::max(), 0}), "9999-12-31T23:59:59Z");
  EXPECT_EQ(format_rfc3339({std::numeric_limits<std::int64_t>::min(), 0}), "0000-01-01T00:00:00Z");
}

TEST(Time, ParsesRfc3339) {
  struct Row {
    std::string text;
    Timestamp want;
  };
  const std::vector<Row> rows = {
      {"1994-11-06T08:49:37Z", Rfc9110Example},
      {"1994-11-06t08:49:37z", Rfc9110Example},
      {"1994-11-06T09:49:37+01:00", Rfc9110Example},
      {"1994-11-06T03:19:37-05:30", Rfc9110Example},
      {"1994-11-06T08:49:37.25Z", {784111777, 250'000'000}},
      {"1994-11-06T08:49:37.1234567899Z", {784111777, 123'456'789}},
      {"2024-02-29T00:00:00Z", {1709164800, 0}},
  };
  for (const Row& row : rows) EXPECT_EQ(parse_rfc3339(row.text), row.want) << row.text;
}

TEST(Time, RefusesWhatIsNotRfc3339) {
  for (const std::string text :
       {"", "1994-11-06", "1994-11-06T08:49:37", "1994-11-06 08:49:37Z", "1994-11-06T08:49Z",
        "1994-13-06T08:49:37Z", "2023-02-29T00:00:00Z", "1994-11-31T00:00:00Z",
        "1994-11-06T24:00:00Z", "1994-11-06T08:60:00Z", "1994-11-06T08:49:60Z",
        "1994-11-06T08:49:37.Z", "1994-11-06T08:49:37Zx", "1994-11-06T08:49:37+24:00",
        "1994-11-06T08:49:37+01", "1994-1-06T08:49:37Z", "+994-11-06T08:49:37Z"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

TEST(Time, ParsesTheThreeFormsOfHttpDate) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Rfc9110Example);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), Rfc9110Example);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), Rfc9110Example);
  EXPECT_EQ(parse_http_date("Wed Nov 16 08:49:37 1994"), (Timestamp{784975777, 0}));
  EXPECT_EQ(parse_http_date("Thursday, 01-Jan-70 00:00:00 GMT"), (Timestamp{0, 0}));
  EXPECT_EQ(parse_http_date("Monday, 01-Jan-69 00:00:00 GMT"), (Timestamp{3124224000, 0}));
}

TEST(Time, RefusesWhatIsNotHttpDate) {
  for (const std::string text :
       {"", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Xxx, 06 Nov 1994 08:49:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT", "784111777", "1994-11-06T08:49:37Z"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
}

TEST(Time, BasicFormIsStrict) {
  EXPECT_EQ(parse_iso8601_basic("19941106T084937Z"), Rfc9110Example);
  for (const std::string text : {"", "19941106T084937", "19941106T0849Z", "1994-11-06T08:49:37Z",
                                 "19941106T084937Z ", "19941306T084937Z"}) {
    EXPECT_EQ(parse_iso8601_basic(text), std::nullopt) << text;
  }
}

TEST(Time, EveryFormComesBack) {
  for (std::int64_t seconds = -70'000'000'000 / 2; seconds < 250'000'000'000;
       seconds += 987'654'321) {
    const Timestamp time{seconds, 0};
    EXPECT_EQ(parse_rfc3339(format_rfc3339(time)), time);
    EXPECT_EQ(parse_rfc3339(format_iso8601_millis(time)), time);
    EXPECT_EQ(parse_http_date(format_http_date(time)), time);
    EXPECT_EQ(parse_iso8601_basic(format_iso8601_basic(time)), time);
  }
}

}  // namespace
}  // namespace varve::base
