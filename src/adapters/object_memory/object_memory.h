// MemoryObjects: an ObjectStore in memory, under mem://. For tests, for sim/, and for
// `blockstore.type: mem`, where objects last as long as the process.
//
// Keeps MD5 etags as S3 does. Every call lets other tasks of the loop run once, so that callers
// interleave as they do over a network. Thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/task.h"
#include "base/time.h"
#include "ports/object_store.h"

namespace varve::adapters {

struct MemoryObjectsOptions {
  bool can_import = false;  // shown as a capability
};

class MemoryObjects final : public ports::ObjectStore {
 public:
  // `rng` makes upload ids; `clock` dates objects.
  MemoryObjects(base::Clock& clock, base::Rng& rng, MemoryObjectsOptions options = {});
  ~MemoryObjects() override;

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

  std::size_t object_count() const;

  struct State;  // shared with readers and writers, which may outlive a call

 private:
  std::shared_ptr<State> state_;
};

}  // namespace varve::adapters
