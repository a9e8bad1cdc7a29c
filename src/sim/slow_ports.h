// Ports that answer in the scheduler's order and sometimes lie about it: SlowKv and SlowObjects
// wrap a store, wait a drawn turn before acting and another before answering, and by chance fail
// before acting (Unavailable) or lose the reply after acting (OutcomeUnknown, writes only).
//
// One thread; made for sim::World.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ports/kv_store.h"
#include "ports/object_store.h"
#include "sim/scheduler.h"

namespace varve::sim {

// Chances in 1,000. Zero: no faults, only the order is drawn.
struct FaultRates {
  std::uint32_t unavailable = 0;
  std::uint32_t lost_reply = 0;
};

class SlowKv final : public ports::KvStore {
 public:
  SlowKv(ports::KvStore& inner, Scheduler& scheduler) : inner_(inner), scheduler_(scheduler) {}

  void set_rates(FaultRates rates) { rates_ = rates; }
  std::uint64_t faults() const { return faults_; }
  // From now on nothing this port is asked has an effect: the server behind it has crashed.
  void kill() { is_dead_ = true; }

  base::Task<base::Result<std::optional<base::Bytes>>> get(base::Context context,
                                                           ports::KvKey key) override;
  base::Task<base::Result<std::vector<std::optional<base::Bytes>>>> multi_get(
      base::Context context, std::vector<ports::KvKey> keys) override;
  base::Task<base::Result<void>> write(base::Context context, ports::KvWrite write) override;
  base::Task<base::Result<ports::KvPage>> scan(base::Context context, ports::KvScan scan) override;
  base::Task<base::Result<void>> delete_range(base::Context context, std::string partition,
                                              std::string from, std::string until) override;

 private:
  bool strikes(std::uint32_t rate);

  ports::KvStore& inner_;
  Scheduler& scheduler_;
  FaultRates rates_;
  bool is_dead_ = false;
  std::uint64_t faults_ = 0;
};

class SlowObjects final : public ports::ObjectStore {
 public:
  SlowObjects(ports::ObjectStore& inner, Scheduler& scheduler)
      : inner_(inner), scheduler_(scheduler) {}

  void set_rates(FaultRates rates) { rates_ = rates; }
  void kill() { is_dead_ = true; }

  const ports::ObjectStoreCapabilities& capabilities() const override {
    return inner_.capabilities();
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
  bool strikes(std::uint32_t rate);

  ports::ObjectStore& inner_;
  Scheduler& scheduler_;
  FaultRates rates_;
  bool is_dead_ = false;
};

}  // namespace varve::sim
