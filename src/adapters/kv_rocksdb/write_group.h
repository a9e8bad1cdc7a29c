// WriteGroup: the writes that one sync will make durable. Decides each one's requirements against
// the database and the writes accepted before it, so the group is as good as one after another.
//
// Belongs to the committing thread. Keeps views into the writes it accepted: they must stay until
// it is cleared.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "ports/kv_store.h"

namespace varve::adapters {

class WriteGroup {
 public:
  // Adds the write's updates if its requirements hold. `db` is the same for all writes of a group.
  //   Conflict  they do not; the group is as before
  base::Result<void> add(rocksdb::DB& db, const ports::KvWrite& write);

  // Adds the removal of the rows in [begin, end). The last thing a group may take: it does not see
  // which rows that were.
  void add_range_removal(std::string_view begin, std::string_view end);

  rocksdb::WriteBatch& batch() { return batch_; }
  bool empty() const { return batch_.Count() == 0; }
  std::size_t bytes() const { return batch_.GetDataSize(); }
  void clear();

 private:
  base::Result<bool> holds(rocksdb::DB& db, const ports::KvRequirement& requirement);

  rocksdb::WriteBatch batch_;
  // What the group makes of each row it changes; nullopt: removed. By row key.
  std::unordered_map<std::string, std::optional<std::string_view>> changed_;
  std::string row_;  // a buffer
};

}  // namespace varve::adapters
