#include "base/time.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace varve::base {
namespace {

constexpr std::array<std::string_view, 7> DayNames = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                      "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> MonthNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::int64_t SecondsPerDay = 86400;
// The instants a four-digit year can show. Persistent bytes may hold any second; what lies outside
// is shown as the nearest of these, so that a damaged record cannot break an answer.
constexpr std::int64_t SecondsMin = -62167219200;  // 0000-01-01T00:00:00Z
constexpr std::int64_t SecondsMax = 253402300799;  // 9999-12-31T23:59:59Z

struct CivilTime {
  int year = 0;
  int month = 1;  // 1 .. 12
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  unsigned weekday = 0;  // Sunday is 0; only set when going from an instant
};

CivilTime civil_of(Timestamp time) {
  const std::int64_t seconds = std::clamp(time.seconds, SecondsMin, SecondsMax);
  const std::int64_t in_day = (seconds % SecondsPerDay + SecondsPerDay) % SecondsPerDay;
  const std::chrono::sys_days day{std::chrono::days{(seconds - in_day) / SecondsPerDay}};
  const std::chrono::year_month_day date{day};
  CivilTime civil;
  civil.year = static_cast<int>(date.year());
  civil.month = static_cast<int>(static_cast<unsigned>(date.month()));
  civil.day = static_cast<int>(static_cast<unsigned>(date.day()));
  civil.hour = static_cast<int>(in_day / 3600);
  civil.minute = static_cast<int>(in_day / 60 % 60);
  civil.second = static_cast<int>(in_day % 60);
  civil.weekday = std::chrono::weekday{day}.c_encoding();
  return civil;
}

// nullopt if there is no such date or time of day. A leap second names no instant of ours.
std::optional<Timestamp> instant_of(const CivilTime& civil, std::int32_t nanos) {
  const std::chrono::year_month_day date{std::chrono::year{civil.year},
                                         std::chrono::month{static_cast<unsigned>(civil.month)},
                                         std::chrono::day{static_cast<unsigned>(civil.day)}};
  if (!date.ok() || civil.hour > 23 || civil.minute > 59 || civil.second > 59) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  return Timestamp{days * SecondsPerDay + civil.hour * 3600 + civil.minute * 60 + civil.second,
                   nanos};
}

void append_padded(std::string& out, std::int64_t value, int width) {
  const std::size_t start = out.size();
  out.resize(start + static_cast<std::size_t>(width), '0');
  for (std::size_t i = out.size(); i > start; value /= 10) {
    out[--i] = static_cast<char>('0' + value % 10);
  }
}

void append_clock(std::string& out, const CivilTime& civil) {
  append_padded(out, civil.hour, 2);
  out += ':';
  append_padded(out, civil.minute, 2);
  out += ':';
  append_padded(out, civil.second, 2);
}

std::string date_and_clock(const CivilTime& civil) {
  std::string out;
  out.reserve(32);
  append_padded(out, civil.year, 4);
  out += '-';
  append_padded(out, civil.month, 2);
  out += '-';
  append_padded(out, civil.day, 2);
  out += 'T';
  append_clock(out, civil);
  return out;
}

// Takes a text apart from the left. After a mismatch it stays failed, so that a parser can be
// written as a list of what it expects and ask once, at the end.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool is_done() const { return is_good_ && rest_.empty(); }
  char peek() const { return is_good_ && !rest_.empty() ? rest_.front() : '\0'; }

  void expect(std::string_view literal) {
    if (!is_good_ || !rest_.starts_with(literal)) return fail();
    rest_.remove_prefix(literal.size());
  }

  bool accept(char c) {
    if (peek() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(peek())) {
        fail();
        return 0;
      }
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }

  // The place in `names` of the one that comes next, each cut to `length` characters.
  template <std::size_t N>
  int name(const std::array<std::string_view, N>& names, std::size_t length) {
    for (std::size_t i = 0; is_good_ && i < N; ++i) {
      const std::string_view candidate = names[i].substr(0, length);
      if (!rest_.starts_with(candidate)) continue;
      rest_.remove_prefix(candidate.size());
      return static_cast<int>(i);
    }
    fail();
    return 0;
  }

  void clock(CivilTime& civil) {
    civil.hour = digits(2);
    expect(":");
    civil.minute = digits(2);
    expect(":");
    civil.second = digits(2);
  }

  // ".5" is half a second; digits below the nanosecond are cut off.
  std::int32_t fraction() {
    if (!accept('.')) return 0;
    if (!is_digit(peek())) fail();
    std::int32_t nanos = 0;
    std::int32_t unit = 100'000'000;
    for (; is_digit(peek()); unit /= 10) {
      nanos += unit * (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return nanos;
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  void fail() { is_good_ = false; }

  std::string_view rest_;
  bool is_good_ = true;
};

constexpr std::size_t ShortDayName = 3;

// Sun, 06 Nov 1994 08:49:37 GMT
std::optional<Timestamp> parse_imf_fixdate(std::string_view text) {
  Scanner in(text);
  CivilTime civil;
  in.name(DayNames, ShortDayName);
  in.expect(", ");
  civil.day = in.digits(2);
  in.expect(" ");
  civil.month = in.name(MonthNames, 3) + 1;
  in.expect(" ");
  civil.year = in.digits(4);
  in.expect(" ");
  in.clock(civil);
  in.expect(" GMT");
  return in.is_done() ? instant_of(civil, 0) : std::nullopt;
}

// Sunday, 06-Nov-94 08:49:37 GMT. Two digits of a year mean 1970 to 2069, as POSIX has it: RFC
// 9110 would slide that window with the clock, which only matters to a date this form is too old
// to carry.
std::optional<Timestamp> parse_rfc850(std::string_view text) {
  Scanner in(text);
  CivilTime civil;
  in.name(DayNames, std::string_view::npos);
  in.expect(", ");
  civil.day = in.digits(2);
  in.expect("-");
  civil.month = in.name(MonthNames, 3) + 1;
  in.expect("-");
  const int year = in.digits(2);
  civil.year = year < 70 ? 2000 + year : 1900 + year;
  in.expect(" ");
  in.clock(civil);
  in.expect(" GMT");
  return in.is_done() ? instant_of(civil, 0) : std::nullopt;
}

// Sun Nov  6 08:49:37 1994
std::optional<Timestamp> parse_asctime(std::string_view text) {
  Scanner in(text);
  CivilTime civil;
  in.name(DayNames, ShortDayName);
  in.expect(" ");
  civil.month = in.name(MonthNames, 3) + 1;
  in.expect(" ");
  civil.day = in.accept(' ') ? in.digits(1) : in.digits(2);
  in.expect(" ");
  in.clock(civil);
  in.expect(" ");
  civil.year = in.digits(4);
  return in.is_done() ? instant_of(civil, 0) : std::nullopt;
}

}  // namespace

std::string format_rfc3339(Timestamp time) {
  std::string out = date_and_clock(civil_of(time));
  if (time.nanos > 0) {
    out += '.';
    append_padded(out, time.nanos, 9);
    out.erase(out.find_last_not_of('0') + 1);
  }
  out += 'Z';
  return out;
}

std::string format_iso8601_millis(Timestamp time) {
  std::string out = date_and_clock(civil_of(time));
  out += '.';
  append_padded(out, time.nanos / 1'000'000, 3);
  out += 'Z';
  return out;
}

std::string format_http_date(Timestamp time) {
  const CivilTime civil = civil_of(time);
  std::string out;
  out.reserve(32);
  out.append(DayNames[civil.weekday].substr(0, ShortDayName)).append(", ");
  append_padded(out, civil.day, 2);
  out += ' ';
  out.append(MonthNames[static_cast<std::size_t>(civil.month - 1)]).append(" ");
  append_padded(out, civil.year, 4);
  out += ' ';
  append_clock(out, civil);
  out += " GMT";
  return out;
}

std::string format_iso8601_basic(Timestamp time) {
  const CivilTime civil = civil_of(time);
  std::string out;
  out.reserve(16);
  append_padded(out, civil.year, 4);
  append_padded(out, civil.month, 2);
  append_padded(out, civil.day, 2);
  out += 'T';
  append_padded(out, civil.hour, 2);
  append_padded(out, civil.minute, 2);
  append_padded(out, civil.second, 2);
  out += 'Z';
  return out;
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  Scanner in(text);
  CivilTime civil;
  civil.year = in.digits(4);
  in.expect("-");
  civil.month = in.digits(2);
  in.expect("-");
  civil.day = in.digits(2);
  if (!in.accept('t')) in.expect("T");
  in.clock(civil);
  const std::int32_t nanos = in.fraction();

  std::int64_t offset_seconds = 0;  // ahead of UTC
  if (in.peek() == '+' || in.peek() == '-') {
    const std::int64_t sign = in.accept('-') ? -1 : 1;
    if (sign > 0) in.expect("+");
    const int hours = in.digits(2);
    in.expect(":");
    const int minutes = in.digits(2);
    if (hours > 23 || minutes > 59) return std::nullopt;
    offset_seconds = sign * (hours * 3600 + minutes * 60);
  } else if (!in.accept('z')) {
    in.expect("Z");
  }
  if (!in.is_done()) return std::nullopt;
  std::optional<Timestamp> instant = instant_of(civil, nanos);
  if (instant) instant->seconds -= offset_seconds;
  return instant;
}

std::optional<Timestamp> parse_http_date(std::string_view text) {
  if (const auto instant = parse_imf_fixdate(text)) return instant;
  if (const auto instant = parse_rfc850(text)) return instant;
  return parse_asctime(text);
}

std::optional<Timestamp> parse_iso8601_basic(std::string_view text) {
  Scanner in(text);
  CivilTime civil;
  civil.year = in.digits(4);
  civil.month = in.digits(2);
  civil.day = in.digits(2);
  in.expect("T");
  civil.hour = in.digits(2);
  civil.minute = in.digits(2);
  civil.second = in.digits(2);
  in.expect("Z");
  return in.is_done() ? instant_of(civil, 0) : std::nullopt;
}

}  // namespace varve::base
