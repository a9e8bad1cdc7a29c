#include "adapters/object_memory/object_memory.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/rng.h"
#include "base/time.h"
#include "ports/object_store.h"
#include "tests/contract/object_store_contract.h"

namespace varve::contract {
namespace {

class StoppedClock final : public base::Clock {
 public:
  base::Timestamp now() override { return {1'700'000'000, 5}; }
  base::MonotonicTime monotonic() override { return {}; }
};

class MemorySubject final : public ObjectSubject {
 public:
  ports::ObjectStore& store() override { return *store_; }
  std::string base() const override { return "mem://bucket/"; }
  void restart() override { store_ = std::make_unique<adapters::MemoryObjects>(clock_, rng_); }
  bool survives_restart() const override { return false; }

 private:
  StoppedClock clock_;
  base::SeededRng rng_{1};
  std::unique_ptr<adapters::MemoryObjects> store_ =
      std::make_unique<adapters::MemoryObjects>(clock_, rng_);
};

INSTANTIATE_TEST_SUITE_P(Memory, ObjectStoreContract,
                         testing::Values(ObjectCase{
                             "MemoryObjects", [] { return std::make_unique<MemorySubject>(); }}),
                         object_case_name);

}  // namespace
}  // namespace varve::contract
