#include "s3/byte_range.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace varve::s3 {
namespace {

constexpr std::string_view Unit = "bytes=";

// Digits only, leading zeros allowed; numbers beyond 2^63 saturate, for they are past any end.
std::optional<std::int64_t> parse_number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  constexpr std::int64_t Max = std::numeric_limits<std::int64_t>::max();
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value > (Max - (c - '0')) / 10 ? Max : value * 10 + (c - '0');
  }
  return value;
}

RangeAnswer part(std::int64_t first, std::int64_t last, std::int64_t size) {
  return RangeAnswer{RangeAnswer::Kind::Part, Span{first, std::min(last, size - 1) - first + 1}};
}

RangeAnswer unsatisfiable() { return RangeAnswer{RangeAnswer::Kind::Unsatisfiable, {}}; }

}  // namespace

std::string content_range(Span span, std::int64_t size) {
  return "bytes " + std::to_string(span.first) + "-" + std::to_string(span.first + span.count - 1) +
         "/" + std::to_string(size);
}

RangeAnswer evaluate_range(std::string_view header, std::int64_t size) {
  if (!header.starts_with(Unit)) return {};
  const auto text = header.substr(Unit.size());
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return {};
  const auto after = text.substr(dash + 1);
  if (dash == 0) {
    const auto count = parse_number(after);
    if (!count) return {};
    if (*count == 0) return unsatisfiable();
    if (size == 0) return {};
    return part(std::max<std::int64_t>(0, size - *count), size - 1, size);
  }
  const auto first = parse_number(text.substr(0, dash));
  if (!first) return {};
  const auto last = after.empty() ? std::numeric_limits<std::int64_t>::max() : parse_number(after);
  if (!last || *last < *first) return {};
  if (*first >= size) return unsatisfiable();
  return part(*first, *last, size);
}

std::optional<Span> parse_copy_range(std::string_view header, std::int64_t size) {
  if (!header.starts_with(Unit)) return std::nullopt;
  const auto text = header.substr(Unit.size());
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = parse_number(text.substr(0, dash));
  const auto last = parse_number(text.substr(dash + 1));
  if (!first || !last || *first > *last || *last >= size) return std::nullopt;
  return Span{*first, *last - *first + 1};
}

}  // namespace varve::s3
