#include "server/metered_kv.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/time.h"
#include "ports/kv_store.h"
#include "server/metrics.h"

namespace varve::server {

using base::Result;
using base::Task;

namespace {

// A lost race is an answer, not a failure of the store.
bool is_failure(base::Code code) { return code != base::Code::Conflict; }

KvOperation operation_of(const ports::KvWrite& write) {
  if (!write.requirements.empty()) return KvOperation::SetIf;
  const bool sets = write.updates.empty() || write.updates.front().value.has_value();
  return sets ? KvOperation::Set : KvOperation::Delete;
}

}  // namespace

template <class T>
Task<Result<T>> MeteredKv::timed(KvOperation operation, Task<Result<T>> work) {
  const base::MonotonicTime begin = clock_.monotonic();
  Result<T> result = co_await std::move(work);
  const std::chrono::duration<double> took = clock_.monotonic() - begin;
  metrics_.kv_finished(operation, took.count(), !result && is_failure(result.error().code()));
  co_return result;
}

Task<Result<std::optional<base::Bytes>>> MeteredKv::get(base::Context context, ports::KvKey key) {
  return timed(KvOperation::Get, inner_.get(std::move(context), std::move(key)));
}

Task<Result<std::vector<std::optional<base::Bytes>>>> MeteredKv::multi_get(
    base::Context context, std::vector<ports::KvKey> keys) {
  return timed(KvOperation::Get, inner_.multi_get(std::move(context), std::move(keys)));
}

Task<Result<void>> MeteredKv::write(base::Context context, ports::KvWrite write) {
  const KvOperation operation = operation_of(write);
  return timed(operation, inner_.write(std::move(context), std::move(write)));
}

Task<Result<ports::KvPage>> MeteredKv::scan(base::Context context, ports::KvScan scan) {
  return timed(KvOperation::Scan, inner_.scan(std::move(context), std::move(scan)));
}

Task<Result<void>> MeteredKv::delete_range(base::Context context, std::string partition,
                                           std::string from, std::string until) {
  return timed(KvOperation::Delete, inner_.delete_range(std::move(context), std::move(partition),
                                                        std::move(from), std::move(until)));
}

}  // namespace varve::server
