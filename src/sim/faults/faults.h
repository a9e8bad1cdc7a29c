// Stores that fail on purpose, over stores that do not: fail at operation n, for every n, and no
// failure point is forgotten.
//
//   for (int n = 0;; ++n) {
//     FailingKv flaky(store, FaultPlan(n, Fault::ReplyLost));
//     ... run the operation; check that every promise still holds ...
//     if (flaky.failures() == 0) break;            // there was no operation n: nothing left to
//     break
//   }
//
// Operations are counted from 0, in the order they arrive; reads and writes of a stream count each.
// Any thread may call; a decorator must outlive what it handed out.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "ports/kv_store.h"
#include "ports/object_store.h"

namespace varve::sim {

enum class Fault : std::uint8_t {
  Refused,    // operation n fails and nothing happened
  ReplyLost,  // operation n happens, and answers OutcomeUnknown; a read just fails
  Crash,      // operation n and all after it fail and nothing happened: the process is gone
  CrashAfter  // operation n happens, but nobody hears; all after it fail
};

struct FaultPlan {
  explicit FaultPlan(int n, Fault f = Fault::Refused, base::Code c = base::Code::Unavailable)
      : operation(n), fault(f), code(c) {}
  int operation;
  Fault fault;
  base::Code code;  // what a refused operation answers
};

// Counts operations and says what is to become of each.
class FaultPoint {
 public:
  enum class Verdict : std::uint8_t { Pass, Fail, ApplyAndFail };

  explicit FaultPoint(FaultPlan plan) : plan_(plan) {}

  Verdict next();
  base::Error error(Verdict verdict) const;
  int operations() const { return operations_; }
  int failures() const { return failures_; }

 private:
  const FaultPlan plan_;
  std::atomic<int> operations_ = 0;
  std::atomic<int> failures_ = 0;
};

class FailingKv final : public ports::KvStore {
 public:
  FailingKv(ports::KvStore& store, FaultPlan plan) : store_(store), point_(plan) {}
  // Operation n fails with Unavailable.
  FailingKv(ports::KvStore& store, int n) : FailingKv(store, FaultPlan(n)) {}

  int operations() const { return point_.operations(); }
  int failures() const { return point_.failures(); }

  base::Task<base::Result<std::optional<base::Bytes>>> get(base::Context context,
                                                           ports::KvKey key) override;
  base::Task<base::Result<std::vector<std::optional<base::Bytes>>>> multi_get(
      base::Context context, std::vector<ports::KvKey> keys) override;
  base::Task<base::Result<void>> write(base::Context context, ports::KvWrite write) override;
  base::Task<base::Result<ports::KvPage>> scan(base::Context context, ports::KvScan scan) override;
  base::Task<base::Result<void>> delete_range(base::Context context, std::string partition,
                                              std::string from, std::string until) override;

 private:
  ports::KvStore& store_;
  FaultPoint point_;
};

}  // namespace varve::sim
