#include "http/headers.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "base/assert.h"

namespace varve::http {
namespace {

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}

void Headers::add(std::string_view name, std::string_view value) {
  VARVE_ASSERT(text_.size() + name.size() + value.size() <
               std::numeric_limits<std::uint32_t>::max());
  const Span span{.name_at = static_cast<std::uint32_t>(text_.size()),
                  .name_size = static_cast<std::uint32_t>(name.size()),
                  .value_at = static_cast<std::uint32_t>(text_.size() + name.size()),
                  .value_size = static_cast<std::uint32_t>(value.size())};
  text_.reserve(text_.size() + name.size() + value.size());
  text_.append(name);
  text_.append(value);
  spans_.push_back(span);
}

void Headers::set(std::string_view name, std::string_view value) {
  // The arguments may be views into our own text, so they are copied before anything moves.
  const std::string own_name(name);
  const std::string own_value(value);
  erase(own_name);
  add(own_name, own_value);
}

void Headers::erase(std::string_view name) {
  // The text stays behind: headers are short-lived, and views of other fields stay valid.
  std::erase_if(spans_, [&](const Span& span) { return equal_ignoring_case(name_of(span), name); });
}

void Headers::reserve(std::size_t fields, std::size_t text_bytes) {
  spans_.reserve(fields);
  text_.reserve(text_bytes);
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const Span& span : spans_) {
    if (equal_ignoring_case(name_of(span), name)) return value_of(span);
  }
  return std::nullopt;
}

std::string_view Headers::get_or_empty(std::string_view name) const {
  return get(name).value_or(std::string_view());
}

std::vector<std::string_view> Headers::get_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Span& span : spans_) {
    if (equal_ignoring_case(name_of(span), name)) values.push_back(value_of(span));
  }
  return values;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(spans_.begin(), spans_.end(),
                    [&](const Span& span) { return equal_ignoring_case(name_of(span), name); }));
}

bool Headers::lists_token(std::string_view name, std::string_view token) const {
  for (const Span& span : spans_) {
    if (!equal_ignoring_case(name_of(span), name)) continue;
    std::string_view rest = value_of(span);
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      if (equal_ignoring_case(trim(rest.substr(0, comma)), token)) return true;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return false;
}

Headers::Field Headers::operator[](std::size_t index) const {
  return Field{.name = name_of(spans_[index]), .value = value_of(spans_[index])};
}

}  // namespace varve::http
