// The engine itself as a Driver: in memory, one thread, a clock that ticks a millisecond a look.
#pragma once

#include <memory>

#include "tests/scenario/driver.h"

namespace varve::scenario {

std::unique_ptr<Driver> make_engine_driver();

}  // namespace varve::scenario
