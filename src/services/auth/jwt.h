// JSON Web Tokens signed with a shared secret (RFC 7515, 7519): what login hands out and what a
// bearer brings back. Pure; the caller knows the time and what the claims must say.
//
//   token = base64url(header) "." base64url(claims) "." base64url(HMAC of all before)
//
// Signs HS256; accepts HS256, HS384 and HS512, never "none" and never a public-key algorithm.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace varve::services {

struct TokenClaims {
  std::string id;                          // jti
  std::string issuer;                      // iss
  std::string subject;                     // sub
  std::vector<std::string> audience;       // aud: one is written as a string, several as a list
  std::int64_t issued_at = 0;              // iat, unix seconds
  std::optional<std::int64_t> expires_at;  // exp
  std::optional<std::int64_t> not_before;  // nbf
};

inline constexpr std::size_t TokenBytesMax = 16U << 10U;

std::string sign_token(const TokenClaims& claims, std::string_view key);

// The claims of a token whose signature holds; whether they say enough is the caller's question.
//   Unauthenticated  not a token, another algorithm, or signed with another key
base::Result<TokenClaims> verify_token(std::string_view token, std::string_view key);

}  // namespace varve::services
