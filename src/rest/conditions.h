// If-None-Match and If-Match of writes (rest-semantics.md 16.3, 17.2): `If-None-Match: *` alone is
// understood, everything else is not implemented.
#pragma once

#include "base/result.h"
#include "engine/objects/objects.h"
#include "rest/call.h"

namespace varve::rest {

//   Unsupported  "Not Implemented"
base::Result<engine::StageOptions> stage_options(const Call& call, bool force);

}  // namespace varve::rest
