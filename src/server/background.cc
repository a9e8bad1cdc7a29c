#include "server/background.h"

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "engine/staging/staging.h"
#include "http/event_loops.h"

namespace varve::server {

namespace {
constexpr base::milliseconds SweepInterval{600'000};
}

base::Task<void> Sweeper::run() {
  do {
    const base::Result<void> swept = co_await engine_.staging().sweep_dropped(base::Context());
    if (!swept) log_.warn("sweep failed", {{"error", swept.error().message()}});
  } while (co_await http::sleep_for(SweepInterval));
}

}  // namespace varve::server
