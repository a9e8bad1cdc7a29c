// Random UUIDs (RFC 9562, version 4), as text: "9b2c7c9e-6f0e-4a3b-8d52-1f0a54c9e1d7".
#pragma once

#include <string>

#include "base/rng.h"

namespace varve::base {

std::string make_uuid(Rng& rng);

}  // namespace varve::base
