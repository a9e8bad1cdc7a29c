// Stores in memory and a clock that is told what time it is: what an engine under test stands on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "adapters/kv_memory/kv_memory.h"
#include "adapters/object_memory/object_memory.h"
#include "base/context.h"
#include "base/rng.h"
#include "base/time.h"
#include "model/records.h"
#include "model/ref_expr.h"

namespace varve::engine {

// Each look at the wall is a millisecond later than the one before, so no two commits tie.
class TestClock final : public base::Clock {
 public:
  base::Timestamp now() override {
    nanos_ += 1'000'000;
    return {nanos_ / 1'000'000'000, static_cast<std::int32_t>(nanos_ % 1'000'000'000)};
  }
  base::MonotonicTime monotonic() override { return monotonic_; }
  void set(std::int64_t seconds) { nanos_ = seconds * 1'000'000'000; }
  void advance(base::milliseconds by) {
    monotonic_ += by;
    nanos_ += std::int64_t{by.count()} * 1'000'000;
  }

 private:
  std::int64_t nanos_ = 1'700'000'000LL * 1'000'000'000;
  base::MonotonicTime monotonic_{};
};

inline base::Context as(const std::string& user) {
  auto scope = std::make_shared<base::RequestScope>();
  scope->principal = user;
  return base::Context(std::move(scope));
}

inline model::RefExpr ref(const std::string& text) { return *model::parse_ref_expr(text); }

// The stores: they outlive the servers over them.
struct Stores {
  TestClock clock;
  base::SeededRng rng{7};
  adapters::MemoryKv kv;
  adapters::MemoryObjects objects{clock, rng};
};

inline model::Entry entry_of(const std::string& content, base::Clock& clock) {
  model::Entry entry;
  entry.address = "data/p/" + content;
  entry.etag = content;
  entry.size = static_cast<std::int64_t>(content.size());
  entry.last_modified = clock.now();
  entry.content_type = "text/plain";
  return entry;
}

}  // namespace varve::engine
