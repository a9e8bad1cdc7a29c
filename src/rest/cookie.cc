#include "rest/cookie.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "rest/options.h"
#include "services/auth/auth.h"

namespace varve::rest {
namespace {

constexpr std::int64_t SessionSeconds = 30 * 86400;

std::string cookie(std::string_view value, std::int64_t seconds, base::Timestamp expires,
                   const ApiOptions& options) {
  std::string out(services::SessionCookie);
  out.append("=").append(value).append("; Path=/; Expires=");
  out.append(base::format_http_date(expires));
  out.append("; Max-Age=").append(std::to_string(seconds)).append("; HttpOnly");
  if (options.is_cookie_secure) out.append("; Secure");
  return out.append("; SameSite=Lax");
}

}  // namespace

std::string session_cookie(std::string_view value, base::Timestamp now, const ApiOptions& options) {
  const base::Timestamp expires{.seconds = now.seconds + SessionSeconds, .nanos = 0};
  return cookie(value, SessionSeconds, expires, options);
}

std::string expired_session_cookie(const ApiOptions& options) {
  return cookie("logout", 0, base::Timestamp{.seconds = 1, .nanos = 0}, options);
}

}  // namespace varve::rest
