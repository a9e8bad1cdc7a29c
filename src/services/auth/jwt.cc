#include "services/auth/jwt.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "services/auth/claims.h"

namespace varve::services {
namespace {

// Tells nothing about what was wrong: whoever forges should not learn.
base::Error not_a_token() { return {base::Code::Unauthenticated, "error authenticating request"}; }

using Mac = base::Bytes (*)(std::string_view key, std::string_view bytes);

Mac mac_of(std::string_view algorithm) {
  if (algorithm == "HS256") return &base::hmac_sha256;
  if (algorithm == "HS384") return &base::hmac_sha384;
  if (algorithm == "HS512") return &base::hmac_sha512;
  return nullptr;
}

void append_member(std::string& out, std::string_view name) {
  if (out.size() > 1) out.push_back(',');
  append_json_string(out, name);
  out.push_back(':');
}

void append_text(std::string& out, std::string_view name, std::string_view value) {
  append_member(out, name);
  append_json_string(out, value);
}

void append_number(std::string& out, std::string_view name, std::int64_t value) {
  append_member(out, name);
  out.append(std::to_string(value));
}

void append_audience(std::string& out, const std::vector<std::string>& audience) {
  if (audience.empty()) return;
  if (audience.size() == 1) return append_text(out, "aud", audience.front());
  append_member(out, "aud");
  char before = '[';
  for (const std::string& one : audience) {
    out.push_back(before);
    append_json_string(out, one);
    before = ',';
  }
  out.push_back(']');
}

std::string claims_json(const TokenClaims& claims) {
  std::string out = "{";
  append_text(out, "jti", claims.id);
  append_text(out, "iss", claims.issuer);
  append_text(out, "sub", claims.subject);
  append_audience(out, claims.audience);
  append_number(out, "iat", claims.issued_at);
  if (claims.expires_at) append_number(out, "exp", *claims.expires_at);
  if (claims.not_before) append_number(out, "nbf", *claims.not_before);
  out.push_back('}');
  return out;
}

// False if a claim we know has a type it cannot have.
bool assign(TokenClaims& claims, Claim claim) {
  using Kind = ClaimValue::Kind;
  ClaimValue& value = claim.value;
  std::string* text = claim.name == "jti"   ? &claims.id
                      : claim.name == "iss" ? &claims.issuer
                      : claim.name == "sub" ? &claims.subject
                                            : nullptr;
  if (text != nullptr) {
    *text = std::move(value.text);
    return value.kind == Kind::Text;
  }
  if (claim.name == "aud") {
    if (value.kind == Kind::Text) {
      claims.audience.clear();
      claims.audience.push_back(std::move(value.text));
    } else {
      claims.audience = std::move(value.list);
    }
    return value.kind == Kind::Text || value.kind == Kind::List;
  }
  if (claim.name == "iat") claims.issued_at = value.number;
  if (claim.name == "exp") claims.expires_at = value.number;
  if (claim.name == "nbf") claims.not_before = value.number;
  const bool is_time = claim.name == "iat" || claim.name == "exp" || claim.name == "nbf";
  return !is_time || value.kind == Kind::Number;
}

std::optional<Mac> mac_of_header(std::string_view encoded) {
  base::Bytes json;
  std::vector<Claim> members;
  if (!base::base64url_decode_nopad(encoded, json) || !parse_claims(json, members)) return {};
  Mac mac = nullptr;
  for (const Claim& member : members) {
    if (member.name == "alg") mac = mac_of(member.value.text);
    // An extension we must understand, and we understand none (RFC 7515 4.1.11).
    if (member.name == "crit") return {};
  }
  if (mac == nullptr) return {};
  return mac;
}

}  // namespace

std::string sign_token(const TokenClaims& claims, std::string_view key) {
  std::string token = base::base64url_encode_nopad(R"({"alg":"HS256","typ":"JWT"})");
  token.push_back('.');
  token.append(base::base64url_encode_nopad(claims_json(claims)));
  const base::Bytes mac = base::hmac_sha256(key, token);
  token.push_back('.');
  token.append(base::base64url_encode_nopad(mac));
  return token;
}

base::Result<TokenClaims> verify_token(std::string_view token, std::string_view key) {
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (token.size() > TokenBytesMax || first == std::string_view::npos || first == last ||
      token.find('.', first + 1) != last) {
    return not_a_token();
  }
  const std::optional<Mac> mac = mac_of_header(token.substr(0, first));
  base::Bytes signature;
  if (!mac || !base::base64url_decode_nopad(token.substr(last + 1), signature)) {
    return not_a_token();
  }
  if (!base::equal_constant_time(signature, (*mac)(key, token.substr(0, last)))) {
    return not_a_token();
  }
  base::Bytes json;
  std::vector<Claim> members;
  if (!base::base64url_decode_nopad(token.substr(first + 1, last - first - 1), json) ||
      !parse_claims(json, members)) {
    return not_a_token();
  }
  TokenClaims claims;
  for (Claim& member : members) {
    if (!assign(claims, std::move(member))) return not_a_token();
  }
  return claims;
}

}  // namespace varve::services
