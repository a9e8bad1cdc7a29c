// What each operation needs to be permitted (rest-semantics.md 5.6).
#pragma once

#include <vector>

#include "rest/call.h"
#include "services/auth/authorizer.h"

namespace varve::rest {

// All of them are needed; none: any known user may. Checked per item elsewhere: the rows of
// listRepositories and listObjects, the paths of deleteObjects.
std::vector<services::Permission> permissions_of(const Call& call);

}  // namespace varve::rest
