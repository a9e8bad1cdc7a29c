// The value of the login cookie: a token with the time it was put there, authenticated under a key
// derived from the installation's. Only the server reads it; browsers keep it (rest-semantics.md
// 4.3).
//
//   value = base64url(decimal unix seconds "|" token) "." base64url(HMAC-SHA256 of all before)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace varve::services {

inline constexpr std::int64_t SessionCookieSecondsMax = 30 * 86400;

std::string encode_session(std::string_view token, std::int64_t now, std::string_view secret_key);
// The token, or nothing if the value is not ours or older than SessionCookieSecondsMax.
std::optional<std::string> decode_session(std::string_view value, std::int64_t now,
                                          std::string_view secret_key);

// The value of cookie `name` in a Cookie header.
std::optional<std::string_view> find_cookie(std::string_view cookies, std::string_view name);

}  // namespace varve::services
