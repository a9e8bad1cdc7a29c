#include "adapters/kv_memory/kv_memory.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "base/waiter.h"
#include "ports/kv_arguments.h"
#include "ports/kv_store.h"

namespace varve::adapters {

using base::Bytes;
using base::Code;
using base::Context;
using base::Error;
using base::Result;
using base::Task;
using ports::KvKey;
using ports::KvPage;
using ports::KvRequirement;
using ports::KvScan;
using ports::KvUpdate;
using ports::KvWrite;

struct MemoryKv::Impl {
  using Rows = std::map<std::string, Bytes>;

  // The rest is called with the mutex held.
  const Bytes* find(const KvKey& key) const {
    const auto rows = partitions.find(key.partition);
    if (rows == partitions.end()) return nullptr;
    const auto row = rows->second.find(key.key);
    return row == rows->second.end() ? nullptr : &row->second;
  }

  std::optional<Bytes> value_of(const KvKey& key) const {
    const Bytes* value = find(key);
    return value == nullptr ? std::nullopt : std::optional<Bytes>(*value);
  }

  bool holds(const KvRequirement& requirement) const {
    const Bytes* value = find(requirement.key);
    switch (requirement.kind) {
      case KvRequirement::Kind::Absent:
        return value == nullptr;
      case KvRequirement::Kind::Present:
        return value != nullptr;
      case KvRequirement::Kind::Equals:
        return value != nullptr && *value == requirement.value;
    }
    return false;
  }

  void apply(KvUpdate update) {
    if (update.value) {
      partitions[update.key.partition][update.key.key] = std::move(*update.value);
      return;
    }
    const auto rows = partitions.find(update.key.partition);
    if (rows == partitions.end()) return;
    rows->second.erase(update.key.key);
    if (rows->second.empty()) partitions.erase(rows);
  }

  KvPage page(const KvScan& scan) const {
    KvPage page;
    const auto found = partitions.find(scan.partition);
    if (found == partitions.end()) return page;
    const Rows& rows = found->second;
    auto row = scan.is_from_exclusive ? rows.upper_bound(scan.from) : rows.lower_bound(scan.from);
    for (; row != rows.end(); ++row) {
      if (!scan.until.empty() && row->first >= scan.until) break;
      if (page.rows.size() == scan.limit) {
        page.has_more = true;
        break;
      }
      page.rows.push_back({row->first, row->second});
    }
    return page;
  }

  mutable std::mutex mutex;
  std::map<std::string, Rows> partitions;  // guarded by mutex; none is empty
};

MemoryKv::MemoryKv() : impl_(std::make_unique<Impl>()) {}

MemoryKv::~MemoryKv() = default;

Task<Result<std::optional<Bytes>>> MemoryKv::get(Context context, KvKey key) {
  VARVE_CO_CHECK(ports::check_get(context, key));
  co_await base::yield();
  const std::lock_guard lock(impl_->mutex);
  co_return impl_->value_of(key);
}

Task<Result<std::vector<std::optional<Bytes>>>> MemoryKv::multi_get(Context context,
                                                                    std::vector<KvKey> keys) {
  VARVE_CO_CHECK(ports::check_multi_get(context, keys));
  co_await base::yield();
  std::vector<std::optional<Bytes>> values;
  values.reserve(keys.size());
  const std::lock_guard lock(impl_->mutex);
  for (const KvKey& key : keys) values.push_back(impl_->value_of(key));
  co_return values;
}

Task<Result<void>> MemoryKv::write(Context context, KvWrite write) {
  VARVE_CO_CHECK(ports::check_write(context, write));
  co_await base::yield();
  const std::lock_guard lock(impl_->mutex);
  const auto holds = [this](const KvRequirement& r) { return impl_->holds(r); };
  if (!std::ranges::all_of(write.requirements, holds)) {
    co_return Error(Code::Conflict, "predicate failed");
  }
  for (KvUpdate& update : write.updates) impl_->apply(std::move(update));
  co_return Result<void>();
}

Task<Result<KvPage>> MemoryKv::scan(Context context, KvScan scan) {
  VARVE_CO_CHECK(ports::check_scan(context, scan));
  co_await base::yield();
  const std::lock_guard lock(impl_->mutex);
  co_return impl_->page(scan);
}

Task<Result<void>> MemoryKv::delete_range(Context context, std::string partition, std::string from,
                                          std::string until) {
  VARVE_CO_CHECK(ports::check_delete_range(context, partition));
  co_await base::yield();
  const std::lock_guard lock(impl_->mutex);
  const auto found = impl_->partitions.find(partition);
  if (found == impl_->partitions.end()) co_return Result<void>();
  Impl::Rows& rows = found->second;
  const auto end = until.empty() ? rows.end() : rows.lower_bound(until);
  const auto begin = rows.lower_bound(from);
  if (until.empty() || from < until) rows.erase(begin, end);
  if (rows.empty()) impl_->partitions.erase(found);
  co_return Result<void>();
}

std::size_t MemoryKv::row_count() const {
  const std::lock_guard lock(impl_->mutex);
  std::size_t count = 0;
  for (const auto& [partition, rows] : impl_->partitions) count += rows.size();
  return count;
}

}  // namespace varve::adapters
