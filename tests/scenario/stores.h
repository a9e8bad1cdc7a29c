// The stores of one scenario: in memory, with a clock that ticks a millisecond a look.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "adapters/kv_memory/kv_memory.h"
#include "adapters/object_memory/object_memory.h"
#include "base/context.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/run.h"
#include "engine/stores_test.h"
#include "ports/object_store.h"

namespace varve::scenario {

struct Stores {
  engine::TestClock clock;
  base::SeededRng rng{7};
  adapters::MemoryKv kv;
  adapters::MemoryObjects objects{clock, rng, adapters::MemoryObjectsOptions{.can_import = true}};

  // Past every server.
  base::Result<void> write(const std::string& address, const std::string& content) {
    auto put = base::run(objects.put_bytes(base::Context(), ports::ObjectAddress(address), content,
                                           ports::PutMode::Overwrite));
    if (!put.has_value()) return std::move(put).error();
    return {};
  }
  // What a client that wrote there knows of it.
  base::Result<ports::ObjectInfo> stat(const std::string& address) {
    return base::run(objects.stat(base::Context(), ports::ObjectAddress(address)));
  }
  void wait(std::int64_t seconds) { clock.advance(std::chrono::seconds(seconds)); }
};

}  // namespace varve::scenario
