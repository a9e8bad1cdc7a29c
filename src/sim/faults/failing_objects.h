// FailingObjects: an object store that fails on purpose. See faults.h.
//
// Opening a stream, each read or write of it and its finish are operations of their own.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "ports/object_store.h"
#include "sim/faults/faults.h"

namespace varve::sim {

class FailingObjects final : public ports::ObjectStore {
 public:
  FailingObjects(ports::ObjectStore& store, FaultPlan plan) : store_(store), point_(plan) {}
  // Operation n fails with Unavailable.
  FailingObjects(ports::ObjectStore& store, int n) : FailingObjects(store, FaultPlan(n)) {}

  int operations() const { return point_.operations(); }
  int failures() const { return point_.failures(); }

  const ports::ObjectStoreCapabilities& capabilities() const override {
    return store_.capabilities();
  }
  base::Task<base::Result<std::unique_ptr<ports::ObjectWriter>>> put(base::Context context,
                                                                     ports::ObjectAddress address,
                                                                     ports::PutMode mode) override;
  base::Task<base::Result<ports::ObjectInfo>> put_bytes(base::Context context,
                                                        ports::ObjectAddress address,
                                                        base::SharedBytes bytes,
                                                        ports::PutMode mode) override;
  base::Task<base::Result<std::unique_ptr<ports::ObjectReader>>> get(
      base::Context context, ports::ObjectAddress address, ports::ByteRange range) override;
  base::Task<base::Result<ports::ObjectInfo>> stat(base::Context context,
                                                   ports::ObjectAddress address) override;
  base::Task<base::Result<void>> erase(base::Context context,
                                       ports::ObjectAddress address) override;
  base::Task<base::Result<ports::ObjectInfo>> copy(base::Context context,
                                                   ports::ObjectAddress source,
                                                   ports::ObjectAddress destination) override;
  base::Task<base::Result<ports::ListObjectsPage>> list(base::Context context,
                                                        ports::ObjectAddress prefix,
                                                        ports::ObjectAddress after,
                                                        std::size_t limit) override;
  base::Task<base::Result<std::string>> create_multipart(base::Context context,
                                                         ports::ObjectAddress address) override;
  base::Task<base::Result<std::unique_ptr<ports::ObjectWriter>>> put_part(
      base::Context context, ports::ObjectAddress address, std::string upload_id,
      int number) override;
  base::Task<base::Result<ports::ObjectInfo>> complete_multipart(
      base::Context context, ports::ObjectAddress address, std::string upload_id,
      std::vector<ports::CompletedPart> parts) override;
  base::Task<base::Result<void>> abort_multipart(base::Context context,
                                                 ports::ObjectAddress address,
                                                 std::string upload_id) override;
  base::Task<base::Result<std::vector<ports::PartInfo>>> list_parts(base::Context context,
                                                                    ports::ObjectAddress address,
                                                                    std::string upload_id,
                                                                    int after,
                                                                    std::size_t limit) override;

 private:
  ports::ObjectStore& store_;
  FaultPoint point_;
};

}  // namespace varve::sim
