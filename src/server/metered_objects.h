// MeteredObjects: an ObjectStore that shows which of its operations are under way. What is counted
// is the call that opens a transfer, not the transfer.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ports/object_store.h"
#include "server/metrics.h"

namespace varve::server {

class MeteredObjects final : public ports::ObjectStore {
 public:
  MeteredObjects(ports::ObjectStore& inner, Metrics& metrics) : inner_(inner), metrics_(metrics) {}

  const ports::ObjectStoreCapabilities& capabilities() const override;
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
  template <class T>
  base::Task<base::Result<T>> counted(std::string_view operation, base::Task<base::Result<T>> work);

  ports::ObjectStore& inner_;
  Metrics& metrics_;
};

}  // namespace varve::server
