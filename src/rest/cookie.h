// The Set-Cookie header of the login session (rest-semantics.md 4.3).
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "rest/options.h"

namespace varve::rest {

std::string session_cookie(std::string_view value, base::Timestamp now, const ApiOptions& options);
// What makes a browser forget it.
std::string expired_session_cookie(const ApiOptions& options);

}  // namespace varve::rest
