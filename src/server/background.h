// Work that no request asks for: it begins when the server starts and ends when the loops stop.
#pragma once

#include <utility>

#include "base/log.h"
#include "base/task.h"
#include "engine/engine.h"

namespace varve::server {

// Removes uncommitted data that nothing refers to any more (left by a crash between a commit and
// its clean-up): at the start and every ten minutes.
class Sweeper {
 public:
  // `engine` outlives it.
  Sweeper(engine::Engine& engine, base::Log log) : engine_(engine), log_(std::move(log)) {}
  base::Task<void> run();

 private:
  engine::Engine& engine_;
  base::Log log_;
};

}  // namespace varve::server
