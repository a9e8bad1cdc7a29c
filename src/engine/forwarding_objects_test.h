// ForwardingObjects: a store that passes everything on, for tests to override the one operation
// that they disturb or watch.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "ports/object_store.h"
#include "ports/object_types.h"

namespace varve::engine {

class ForwardingObjects : public ports::ObjectStore {
 public:
  explicit ForwardingObjects(ports::ObjectStore& store) : store_(store) {}

  const ports::ObjectStoreCapabilities& capabilities() const override {
    return store_.capabilities();
  }
  base::Task<base::Result<std::unique_ptr<ports::ObjectWriter>>> put(base::Context context,
                                                                     ports::ObjectAddress address,
                                                                     ports::PutMode mode) override {
    return store_.put(std::move(context), std::move(address), mode);
  }
  base::Task<base::Result<ports::ObjectInfo>> put_bytes(base::Context context,
                                                        ports::ObjectAddress address,
                                                        base::SharedBytes bytes,
                                                        ports::PutMode mode) override {
    return store_.put_bytes(std::move(context), std::move(address), std::move(bytes), mode);
  }
  base::Task<base::Result<std::unique_ptr<ports::ObjectReader>>> get(
      base::Context context, ports::ObjectAddress address, ports::ByteRange range) override {
    return store_.get(std::move(context), std::move(address), range);
  }
  base::Task<base::Result<ports::ObjectInfo>> stat(base::Context context,
                                                   ports::ObjectAddress address) override {
    return store_.stat(std::move(context), std::move(address));
  }
  base::Task<base::Result<void>> erase(base::Context context,
                                       ports::ObjectAddress address) override {
    return store_.erase(std::move(context), std::move(address));
  }
  base::Task<base::Result<ports::ObjectInfo>> copy(base::Context context,
                                                   ports::ObjectAddress source,
                                                   ports::ObjectAddress destination) override {
    return store_.copy(std::move(context), std::move(source), std::move(destination));
  }
  base::Task<base::Result<std::string>> create_multipart(base::Context context,
                                                         ports::ObjectAddress address) override {
    return store_.create_multipart(std::move(context), std::move(address));
  }
  base::Task<base::Result<std::unique_ptr<ports::ObjectWriter>>> put_part(
      base::Context context, ports::ObjectAddress address, std::string upload_id,
      int number) override {
    return store_.put_part(std::move(context), std::move(address), std::move(upload_id), number);
  }
  base::Task<base::Result<ports::ObjectInfo>> complete_multipart(
      base::Context context, ports::ObjectAddress address, std::string upload_id,
      std::vector<ports::CompletedPart> parts) override {
    return store_.complete_multipart(std::move(context), std::move(address), std::move(upload_id),
                                     std::move(parts));
  }
  base::Task<base::Result<void>> abort_multipart(base::Context context,
                                                 ports::ObjectAddress address,
                                                 std::string upload_id) override {
    return store_.abort_multipart(std::move(context), std::move(address), std::move(upload_id));
  }
  base::Task<base::Result<std::vector<ports::PartInfo>>> list_parts(base::Context context,
                                                                    ports::ObjectAddress address,
                                                                    std::string upload_id,
                                                                    int after,
                                                                    std::size_t limit) override {
    return store_.list_parts(std::move(context), std::move(address), std::move(upload_id), after,
                             limit);
  }

  base::Task<base::Result<ports::ListObjectsPage>> list(base::Context context,
                                                        ports::ObjectAddress prefix,
                                                        ports::ObjectAddress after,
                                                        std::size_t limit) override {
    return store_.list(std::move(context), std::move(prefix), std::move(after), limit);
  }

 private:
  ports::ObjectStore& store_;
};

}  // namespace varve::engine
