#include "services/auth/request_credentials.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"

namespace varve::services {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view take_word(std::string_view& text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  std::size_t size = 0;
  while (size < text.size() && !is_space(text[size])) ++size;
  const std::string_view word = text.substr(0, size);
  text.remove_prefix(size);
  return word;
}

bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != lower[i]) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> bearer_token(std::string_view authorization) {
  const std::string_view scheme = take_word(authorization);
  if (!equal_ignoring_case(scheme, "bearer")) return std::nullopt;
  const std::string_view token = take_word(authorization);
  if (token.empty() || !take_word(authorization).empty()) return std::nullopt;
  return std::string(token);
}

std::optional<std::pair<std::string, std::string>> basic_pair(std::string_view authorization) {
  constexpr std::string_view Scheme = "basic ";
  if (!equal_ignoring_case(authorization.substr(0, Scheme.size()), Scheme)) return std::nullopt;
  base::Bytes plain;
  if (!base::base64_decode(authorization.substr(Scheme.size()), plain)) return std::nullopt;
  const std::size_t colon = plain.find(':');
  if (colon == std::string::npos) return std::nullopt;
  return std::pair(plain.substr(0, colon), plain.substr(colon + 1));
}

}  // namespace varve::services
