#include "rest/range.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/number.h"

namespace varve::rest {
namespace {

using Kind = RangeAnswer::Kind;

std::optional<std::int64_t> parse_number(std::string_view text) {
  const auto number = base::parse_number<std::int64_t>(text);
  return number >= 0 ? number : std::nullopt;
}

RangeAnswer answer(Kind kind) { return {.kind = kind, .first = 0, .count = 0}; }

// The last `text` bytes.
RangeAnswer suffix(std::string_view text, std::int64_t size) {
  const auto wanted = parse_number(text);
  if (!wanted) return answer(Kind::Unacceptable);
  const std::int64_t count = std::min(*wanted, size);
  if (count == 0) return answer(Kind::OutOfBounds);
  return {.kind = Kind::Part, .first = size - count, .count = count};
}

}  // namespace

RangeAnswer parse_range(std::string_view header, std::int64_t size) {
  if (header.empty()) return answer(Kind::Whole);
  constexpr std::string_view Unit = "bytes=";
  if (!header.starts_with(Unit)) return answer(Kind::Unacceptable);
  const std::string_view spec = header.substr(Unit.size());
  const std::size_t dash = spec.find('-');
  // A second dash belongs to a second range.
  if (dash == std::string_view::npos || spec.find('-', dash + 1) != std::string_view::npos) {
    return answer(Kind::Unacceptable);
  }
  const std::string_view first_text = spec.substr(0, dash);
  const std::string_view last_text = spec.substr(dash + 1);
  if (first_text.empty()) return suffix(last_text, size);
  const auto first = parse_number(first_text);
  const auto last = last_text.empty() ? std::optional(size - 1) : parse_number(last_text);
  if (!first || !last) return answer(Kind::Unacceptable);
  if (*first >= size) return answer(Kind::OutOfBounds);
  if (*first > *last) return answer(Kind::Unacceptable);
  const std::int64_t end = std::min(*last, size - 1) + 1;
  return {.kind = Kind::Part, .first = *first, .count = end - *first};
}

std::string content_range(const RangeAnswer& range, std::int64_t size) {
  std::string out = "bytes ";
  if (range.kind == Kind::Part) {
    out.append(std::to_string(range.first)).append("-");
    out.append(std::to_string(range.first + range.count - 1));
  } else {
    out.push_back('*');
  }
  return out.append("/").append(std::to_string(size));
}

}  // namespace varve::rest
