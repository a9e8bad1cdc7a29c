#include "sim/faults/faults.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "ports/kv_store.h"

namespace varve::sim {

using base::Bytes;
using base::Code;
using base::Context;
using base::Error;
using base::Result;
using base::Task;
using Verdict = FaultPoint::Verdict;

FaultPoint::Verdict FaultPoint::next() {
  const int number = operations_++;
  if (number < plan_.operation) return Verdict::Pass;
  const bool is_crash = plan_.fault == Fault::Crash || plan_.fault == Fault::CrashAfter;
  if (number > plan_.operation && !is_crash) return Verdict::Pass;
  ++failures_;
  const bool is_applied = plan_.fault == Fault::ReplyLost || plan_.fault == Fault::CrashAfter;
  return is_applied && number == plan_.operation ? Verdict::ApplyAndFail : Verdict::Fail;
}

Error FaultPoint::error(Verdict verdict) const {
  if (verdict == Verdict::ApplyAndFail) return {Code::OutcomeUnknown, "injected: reply lost"};
  return {plan_.code, "injected: operation refused"};
}

Task<Result<std::optional<Bytes>>> FailingKv::get(Context context, ports::KvKey key) {
  if (point_.next() != Verdict::Pass) co_return point_.error(Verdict::Fail);
  co_return co_await store_.get(std::move(context), std::move(key));
}

Task<Result<std::vector<std::optional<Bytes>>>> FailingKv::multi_get(
    Context context, std::vector<ports::KvKey> keys) {
  if (point_.next() != Verdict::Pass) co_return point_.error(Verdict::Fail);
  co_return co_await store_.multi_get(std::move(context), std::move(keys));
}

Task<Result<void>> FailingKv::write(Context context, ports::KvWrite write) {
  const Verdict verdict = point_.next();
  if (verdict == Verdict::Fail) co_return point_.error(verdict);
  const Result<void> done = co_await store_.write(std::move(context), std::move(write));
  if (verdict == Verdict::ApplyAndFail) co_return point_.error(verdict);
  co_return done;
}

Task<Result<ports::KvPage>> FailingKv::scan(Context context, ports::KvScan scan) {
  if (point_.next() != Verdict::Pass) co_return point_.error(Verdict::Fail);
  co_return co_await store_.scan(std::move(context), std::move(scan));
}

Task<Result<void>> FailingKv::delete_range(Context context, std::string partition, std::string from,
                                           std::string until) {
  const Verdict verdict = point_.next();
  if (verdict == Verdict::Fail) co_return point_.error(verdict);
  const Result<void> done = co_await store_.delete_range(std::move(context), std::move(partition),
                                                         std::move(from), std::move(until));
  if (verdict == Verdict::ApplyAndFail) co_return point_.error(verdict);
  co_return done;
}

}  // namespace varve::sim
