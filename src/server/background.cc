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
constexpr base::milliseconds BeatInterval{1'000};
constexpr base::milliseconds CompactionInterval{1'000};
constexpr base::milliseconds ExpiryInterval{24 * 3'600'000};
}  // namespace

base::Task<void> Background::sweep() {
  for (bool goes_on = true; goes_on;) {
    const base::Result<void> done = co_await engine_.staging().sweep_dropped(base::Context());
    warn_unless(done, "sweep failed");
    goes_on = co_await http::sleep_for(SweepInterval);
  }
}

base::Task<void> Background::compact() {
  while (co_await http::sleep_for(CompactionInterval)) {
    const base::Result<void> done = co_await engine_.staging().compact_crowded(context_);
    if (!context_.is_cancelled()) warn_unless(done, "compaction failed");
  }
}

base::Task<void> Background::beat() {
  while (co_await http::sleep_for(BeatInterval)) {
    if (jobs_.running() == 0) continue;
    const base::Result<void> done = co_await jobs_.beat(base::Context());
    warn_unless(done, "heartbeat failed");
  }
}

base::Task<void> Background::expire() {
  for (bool goes_on = true; goes_on;) {
    const base::Result<void> done = co_await jobs_.expire(base::Context());
    warn_unless(done, "expiry of tasks failed");
    goes_on = co_await http::sleep_for(ExpiryInterval);
  }
}

void Background::warn_unless(const base::Result<void>& done, const char* what) const {
  if (!done) log_.warn(what, {{"error", done.error().message()}});
}

}  // namespace varve::server
