// ForwardingKv: a store that passes everything on, for tests to override the one operation that
// they disturb.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "ports/kv_store.h"

namespace varve::engine {

class ForwardingKv : public ports::KvStore {
 public:
  explicit ForwardingKv(ports::KvStore& store) : store_(store) {}

  base::Task<base::Result<std::optional<base::Bytes>>> get(base::Context context,
                                                           ports::KvKey key) override {
    return store_.get(std::move(context), std::move(key));
  }
  base::Task<base::Result<std::vector<std::optional<base::Bytes>>>> multi_get(
      base::Context context, std::vector<ports::KvKey> keys) override {
    return store_.multi_get(std::move(context), std::move(keys));
  }
  base::Task<base::Result<void>> write(base::Context context, ports::KvWrite write) override {
    return store_.write(std::move(context), std::move(write));
  }
  base::Task<base::Result<ports::KvPage>> scan(base::Context context, ports::KvScan scan) override {
    return store_.scan(std::move(context), std::move(scan));
  }
  base::Task<base::Result<void>> delete_range(base::Context context, std::string partition,
                                              std::string from, std::string until) override {
    return store_.delete_range(std::move(context), std::move(partition), std::move(from),
                               std::move(until));
  }

 protected:
  ports::KvStore& store_;
};

}  // namespace varve::engine
