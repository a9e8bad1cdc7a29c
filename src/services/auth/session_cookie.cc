#include "services/auth/session_cookie.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/bytes.h"
#include "base/hash.h"

namespace varve::services {
namespace {

// A key for cookies alone, so that a cookie can never be passed off as something else that is
// signed with the installation's key.
base::Bytes cookie_mac(std::string_view secret_key, std::string_view bytes) {
  return base::hmac_sha256(base::hmac_sha256(secret_key, "varve session cookie 1"), bytes);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string encode_session(std::string_view token, std::int64_t now, std::string_view secret_key) {
  std::string plain = std::to_string(now);
  plain.push_back('|');
  plain.append(token);
  std::string value = base::base64url_encode_nopad(plain);
  const base::Bytes mac = cookie_mac(secret_key, value);
  value.push_back('.');
  value.append(base::base64url_encode_nopad(mac));
  return value;
}

std::optional<std::string> decode_session(std::string_view value, std::int64_t now,
                                          std::string_view secret_key) {
  const std::size_t dot = value.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  base::Bytes mac;
  base::Bytes plain;
  if (!base::base64url_decode_nopad(value.substr(dot + 1), mac) ||
      !base::equal_constant_time(mac, cookie_mac(secret_key, value.substr(0, dot))) ||
      !base::base64url_decode_nopad(value.substr(0, dot), plain)) {
    return std::nullopt;
  }
  const std::size_t bar = plain.find('|');
  if (bar == std::string::npos) return std::nullopt;
  std::int64_t made = 0;
  const auto [end, failure] = std::from_chars(plain.data(), plain.data() + bar, made);
  if (failure != std::errc{} || end != plain.data() + bar) return std::nullopt;
  if (now - made > SessionCookieSecondsMax) return std::nullopt;
  return plain.substr(bar + 1);
}

std::optional<std::string_view> find_cookie(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    const std::size_t end = cookies.find(';');
    const std::string_view pair = trimmed(cookies.substr(0, end));
    cookies.remove_prefix(end == std::string_view::npos ? cookies.size() : end + 1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
    std::string_view value = pair.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  }
  return std::nullopt;
}

}  // namespace varve::services
