// The stores of one scenario: in memory, with a clock that ticks a millisecond a look.
#pragma once

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

  // An object that no repository knows of.
  base::Result<void> put_outside(const std::string& name, const std::string& content) {
    auto put =
        base::run(objects.put_bytes(base::Context(), ports::ObjectAddress("mem://outside/" + name),
                                    content, ports::PutMode::Overwrite));
    if (!put.has_value()) return std::move(put).error();
    return {};
  }
};

}  // namespace varve::scenario
