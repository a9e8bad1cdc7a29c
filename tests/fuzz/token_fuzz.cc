// What carries a login: tokens, session cookies, Authorization headers. Nothing that was not signed
// here is accepted, and what was signed reads back.
// links: varve_services_auth
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "services/auth/claims.h"
#include "services/auth/jwt.h"
#include "services/auth/names.h"
#include "services/auth/request_credentials.h"
#include "services/auth/session_cookie.h"

namespace varve::fuzz {
namespace {

constexpr const char* Key = "nobody who fuzzes knows this";

void check(std::string_view input) {
  VARVE_ASSERT(!services::verify_token(input, Key).has_value());
  VARVE_ASSERT(!services::decode_session(input, 0, Key).has_value());
  std::vector<services::Claim> claims;
  services::parse_claims(input, claims);
  services::bearer_token(input);
  services::basic_pair(input);
  services::find_cookie(input, "internal_auth_session");
  services::is_email_address(input);

  services::TokenClaims written;
  written.subject = input;
  written.expires_at = 1;
  const std::string token = services::sign_token(written, Key);
  const auto read = services::verify_token(token, Key);
  VARVE_ASSERT(read.has_value() == (token.size() <= services::TokenBytesMax));
  if (read.has_value()) VARVE_ASSERT(read->subject == input);
}

}  // namespace
}  // namespace varve::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  varve::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
