#include "adapters/kv_rocksdb/write_group.h"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/slice.h>
#include <rocksdb/write_batch.h>

#include <optional>
#include <string_view>

#include "adapters/kv_rocksdb/row_key.h"
#include "adapters/kv_rocksdb/status.h"
#include "base/result.h"
#include "ports/kv_store.h"

namespace varve::adapters {

using base::Code;
using base::Error;
using base::Result;
using ports::KvRequirement;
using ports::KvUpdate;

namespace {

bool is_met(const KvRequirement& requirement, std::optional<std::string_view> value) {
  switch (requirement.kind) {
    case KvRequirement::Kind::Absent:
      return !value.has_value();
    case KvRequirement::Kind::Present:
      return value.has_value();
    case KvRequirement::Kind::Equals:
      return value == std::string_view(requirement.value);
  }
  return false;
}

}  // namespace

Result<bool> WriteGroup::holds(rocksdb::DB& db, const KvRequirement& requirement) {
  set_row_key(row_, requirement.key.partition, requirement.key.key);
  if (const auto changed = changed_.find(row_); changed != changed_.end()) {
    return is_met(requirement, changed->second);
  }
  rocksdb::PinnableSlice value;
  const rocksdb::Status status =
      db.Get(rocksdb::ReadOptions(), db.DefaultColumnFamily(), row_, &value);
  if (status.IsNotFound()) return is_met(requirement, std::nullopt);
  if (!status.ok()) return read_error(status);
  return is_met(requirement, std::string_view(value.data(), value.size()));
}

Result<void> WriteGroup::add(rocksdb::DB& db, const ports::KvWrite& write) {
  for (const KvRequirement& requirement : write.requirements) {
    VARVE_TRY(const bool is_held, holds(db, requirement));
    if (!is_held) return Error(Code::Conflict, "predicate failed");
  }
  for (const KvUpdate& update : write.updates) {
    set_row_key(row_, update.key.partition, update.key.key);
    if (update.value) {
      batch_.Put(row_, *update.value);
      changed_[row_] = *update.value;
    } else {
      batch_.Delete(row_);
      changed_[row_] = std::nullopt;
    }
  }
  return {};
}

void WriteGroup::add_range_removal(std::string_view begin, std::string_view end) {
  batch_.DeleteRange(rocksdb::Slice(begin.data(), begin.size()),
                     rocksdb::Slice(end.data(), end.size()));
}

void WriteGroup::clear() {
  batch_.Clear();
  changed_.clear();
}

}  // namespace varve::adapters
