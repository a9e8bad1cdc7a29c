// A server over REST as a Driver: requests and JSON, nothing of the engine.
#pragma once

#include <memory>

#include "tests/scenario/driver.h"

namespace varve::scenario {

std::unique_ptr<Driver> make_rest_driver();

}  // namespace varve::scenario
