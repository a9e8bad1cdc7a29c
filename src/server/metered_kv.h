// MeteredKv: a KvStore that counts and times what passes through it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "ports/kv_store.h"
#include "server/metrics.h"

namespace varve::server {

class MeteredKv final : public ports::KvStore {
 public:
  MeteredKv(ports::KvStore& inner, base::Clock& clock, Metrics& metrics)
      : inner_(inner), clock_(clock), metrics_(metrics) {}

  base::Task<base::Result<std::optional<base::Bytes>>> get(base::Context context,
                                                           ports::KvKey key) override;
  base::Task<base::Result<std::vector<std::optional<base::Bytes>>>> multi_get(
      base::Context context, std::vector<ports::KvKey> keys) override;
  base::Task<base::Result<void>> write(base::Context context, ports::KvWrite write) override;
  base::Task<base::Result<ports::KvPage>> scan(base::Context context, ports::KvScan scan) override;
  base::Task<base::Result<void>> delete_range(base::Context context, std::string partition,
                                              std::string from, std::string until) override;

 private:
  template <class T>
  base::Task<base::Result<T>> timed(KvOperation operation, base::Task<base::Result<T>> work);

  ports::KvStore& inner_;
  base::Clock& clock_;
  Metrics& metrics_;
};

}  // namespace varve::server
