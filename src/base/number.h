// Numbers out of text, as std::from_chars reads them: no white space, no plus sign, nothing behind.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace varve::base {

// All of `text` as a number; nothing if it is none, or one that `Number` cannot hold.
template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  Number value{};
  const auto [stop, failure] = std::from_chars(begin, end, value);
  if (failure != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace varve::base
