// Assertions for what only a bug of ours can cause. They stay on in release: the store is
// crash-safe, so stopping is cheaper than continuing wrong. VARVE_DASSERT is for checks that cost.
// Bytes, requests and peers are never asserted about, only checked.
#pragma once

namespace varve::base {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace varve::base

#define VARVE_ASSERT(condition) \
  ((condition) ? void(0) : ::varve::base::assertion_failed(#condition, __FILE__, __LINE__))

#ifdef NDEBUG
#define VARVE_DASSERT(condition) void(0)
#else
#define VARVE_DASSERT(condition) VARVE_ASSERT(condition)
#endif
