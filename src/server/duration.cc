// Durations as Go writes them: a sign, then numbers each with a unit, largest first or not.
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/result.h"
#include "server/option.h"

namespace varve::server {
namespace {

using std::chrono::nanoseconds;

struct Unit {
  std::string_view name;
  double nanos;
};

// Longer names first: "ms" must not be read as "m".
constexpr std::array<Unit, 8> Units{{{"ns", 1},
                                     {"us", 1e3},
                                     {"µs", 1e3},
                                     {"μs", 1e3},
                                     {"ms", 1e6},
                                     {"s", 1e9},
                                     {"m", 60e9},
                                     {"h", 3600e9}}};

base::Error bad_duration(std::string_view text) {
  return base::Error(base::Code::InvalidArgument, "\"" + std::string(text) + "\" is no duration");
}

const Unit* unit_at(std::string_view text) {
  for (const Unit& unit : Units) {
    if (text.starts_with(unit.name)) return &unit;
  }
  return nullptr;
}

}  // namespace

base::Result<nanoseconds> parse_duration(std::string_view text) {
  std::string_view rest = text;
  const bool is_negative = rest.starts_with('-');
  if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return nanoseconds(0);
  if (rest.empty()) return bad_duration(text);
  double total = 0;
  while (!rest.empty()) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    if (error != std::errc{} || number < 0) return bad_duration(text);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const Unit* unit = unit_at(rest);
    if (unit == nullptr) return bad_duration(text);
    rest.remove_prefix(unit->name.size());
    total += number * unit->nanos;
  }
  // 2^63 nanoseconds are 292 years; more does not fit.
  if (total >= 9.2e18) return bad_duration(text);
  const auto nanos = static_cast<std::int64_t>(std::llround(total));
  return nanoseconds(is_negative ? -nanos : nanos);
}

std::string format_duration(nanoseconds duration) {
  std::int64_t left = duration.count();
  if (left == 0) return "0s";
  std::string text = left < 0 ? "-" : "";
  left = left < 0 ? -left : left;
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 6> Steps{
      {{3'600'000'000'000, "h"},
       {60'000'000'000, "m"},
       {1'000'000'000, "s"},
       {1'000'000, "ms"},
       {1'000, "us"},
       {1, "ns"}}};
  for (const auto& [size, name] : Steps) {
    if (left < size) continue;
    text += std::to_string(left / size);
    text += name;
    left %= size;
  }
  return text;
}

}  // namespace varve::server
