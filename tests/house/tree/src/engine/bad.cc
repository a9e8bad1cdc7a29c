#include <boost/json.hpp>

#include "http/message.h"
#include "kernel/bad.h"

// A comment may say std::random_device; "FIXME" may not be left.
// FIXME later. TODO(#12): this one names its issue.
Task<void> f() {
  auto now = std::chrono::system_clock::now();
  co_await put(Options{.key = 1});
  auto named = Options{.key = 1};
  co_await put(std::move(named));
  co_await run([&] { return 1; });
  if (co_await check(named)) {
    rand();
  }
  co_await put(now > 1 ? named : Options());
  switch (co_await check(named)) {
  }
  do {
  } while (co_await check(named));
  const char* text = "a very long line that goes on and on until it is longer than the hundred columns";
}
